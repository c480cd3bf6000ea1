import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Checkout, compilerCalls, makeCheckout } from './checkout.ts';

/** A checkout with the real ./gcnc, and in place of the program one line of TypeScript. */
function withProgram(context: TestContext, program: string): Checkout {
  const checkout = makeCheckout(context);
  cpSync(resolve(import.meta.dirname, '../../gcnc'), join(checkout.root, 'gcnc'));
  mkdirSync(join(checkout.root, 'src/cli'), { recursive: true });
  writeFileSync(join(checkout.root, 'src/cli/main.ts'), program);
  return checkout;
}

const echo = 'console.log(JSON.stringify(process.argv.slice(2) satisfies string[]));';

for (const args of [
  ['--help'],
  ['schema'],
  ['config', 'a.yaml'],
  ['eval', 'embeddings.npz'],
  ['eval', '--json', 'embeddings.npz'],
  ['measure', 'embeddings.npz', '--json'],
  ['sweep', '--help'],
  ['sweep', 'a.yaml', '--dry-run'],
  ['report', 'runs/sweep'],
])
  test(`gcnc ${args.join(' ')} asks for no TensorFlow`, (context) => {
    const { status, stdout, stderr, calls } = withProgram(context, echo).run({}, ['gcnc', ...args]);
    assert.equal(stdout, `${JSON.stringify(args)}\n`);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.deepEqual(calls, []);
  });

test('gcnc schema brings npm packages where they are missing, and still no TensorFlow', (context) => {
  const checkout = withProgram(context, echo);
  rmSync(join(checkout.root, 'node_modules'), { recursive: true });
  const { stdout, calls } = checkout.run({}, ['gcnc', 'schema']);
  assert.deepEqual(calls, ['npm ci']);
  assert.equal(stdout, '["schema"]\n');
});

test('gcnc eval of a checkpoint on a file of images brings TensorFlow first', (context) => {
  const { calls } = withProgram(context, echo).run({}, ['gcnc', 'eval', 'run', '--data', 'images.npz']);
  assert.ok(calls.includes('pip download'));
});

for (const command of ['sweep', 'train', 'measure', 'eval', 'embed', 'run'])
  test(`gcnc ${command} brings TensorFlow first, and prints nothing of it on standard output`, (context) => {
    const { stdout, calls } = withProgram(context, echo).run({}, ['gcnc', command, 'x', '--json']);
    assert.deepEqual(calls, ['pip download', 'unpack', ...compilerCalls]);
    assert.equal(stdout, `["${command}","x","--json"]\n`);
  });

for (const [what, file] of [
  ['checkpoint', 'state.json'],
  ['run', 'checkpoints/10/state.json'],
] as const)
  test(`gcnc report of a ${what} brings TensorFlow first, for it is measured`, (context) => {
    const checkout = withProgram(context, echo);
    const path = join(checkout.root, 'given', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{}');
    const { calls } = checkout.run({}, ['gcnc', 'report', 'given']);
    assert.deepEqual(calls, ['pip download', 'unpack', ...compilerCalls]);
  });

test("the program's exit code and signal are gcnc's: it is the same process", (context) => {
  const code = withProgram(context, 'process.exitCode = 2 as number;').run({}, ['gcnc', 'schema']);
  assert.deepEqual([code.status, code.signal], [2, null]);
  const killed = withProgram(context, "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);");
  assert.equal(killed.run({}, ['gcnc', 'schema']).signal, 'SIGTERM');
});

test('set-up that fails ends gcnc with one line and exit code 1', (context) => {
  const checkout = withProgram(context, echo);
  checkout.removeTool('c++');
  const { status, stdout, stderr } = checkout.run({}, ['gcnc', 'train', 'x.yaml']);
  assert.match(stderr, /^setup: no C\+\+ compiler: .*\n$/);
  assert.equal(stdout, '');
  assert.equal(status, 1);
});
