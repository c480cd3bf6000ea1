import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { kernelLevels } from '../../scripts/setup/kernel-levels.mjs';
import { cpuFlags } from '../../src/backend/cpu-flags.ts';
import { kernelsInUse } from '../../src/backend/load.ts';

const flags = cpuFlags();
const inUse = kernelsInUse().instructions;
const opTests = ['batch-norm', 'bias', 'convolution', 'pooling'];

const passWith = (kernels: string): void => {
  const files = opTests.map((each) => resolve(import.meta.dirname, `${each}.test.ts`));
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-reporter=tap', ...files],
    { encoding: 'utf8', env: { ...process.env, GCNC_KERNELS: kernels, NODE_TEST_CONTEXT: undefined } },
  );
  assert.equal(
    status,
    0,
    stdout
      .split('\n')
      .filter((line) => line.includes('not ok'))
      .join('\n'),
  );
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1]);
  assert.ok(passed > 60, `${passed} tests passed`);
};

// The level in use has passed them, as files of their own.
for (const { name, title, cpuFlags: needed } of kernelLevels(process.arch)) {
  const lacks = needed.find((each) => flags !== null && !flags.has(each));
  const skip = name === inUse ? 'in use' : lacks === undefined ? false : `this processor lacks ${lacks}`;
  test(`own kernels for ${title} pass the ops' tests`, { skip }, () => passWith(name));
}

test("TensorFlow's kernels pass the ops' tests, as on a GPU and where own kernels do not run", () =>
  passWith('tensorflow'));
