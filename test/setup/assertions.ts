import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Checkout, Ran } from './checkout.ts';

/** One line beside those that say what is being done, exit code 1, and no stack. */
export function assertProblem({ status, stdout, stderr }: Ran, says: RegExp): void {
  const lines = stderr.trimEnd().split('\n');
  assert.match(lines.at(-1) ?? '', says, stderr);
  assert.ok(
    lines.slice(0, -1).every((line) => /^setup: (TensorFlow|compiling|npm packages)/.test(line)),
    stderr,
  );
  assert.equal(stdout, '');
  assert.equal(status, 1);
}

/** Set-up ended well: the addons are there, whole, and nothing half-made is left. */
export function assertWhole({ addon, kernels, cache }: Checkout, { status, stderr }: Ran): void {
  assert.equal(status, 0, stderr);
  assert.equal(readFileSync(addon, 'utf8'), 'addon');
  assert.equal(readFileSync(kernels, 'utf8'), 'addon');
  const leftOver = readdirSync(cache, { recursive: true }).filter((name) =>
    String(name).includes('.partial-'),
  );
  assert.deepEqual(leftOver, []);
}
