import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Checkout, kernelCalls, levels, makeCheckout } from './checkout.ts';

const source = ({ root }: Checkout, name: string): string => join(root, 'src/backend/native', name);
const tooOld = {
  CONDUCT_compile_kernel_cc: 'fails',
  COMPLAINT: "c++: error: unrecognized command-line option '-mavx512bf16'; did you mean '-mavx512bw'?",
};

/** A checkout whose compiler was too old for the kernels. */
function withoutKernels(context: TestContext): Checkout {
  const checkout = makeCheckout(context);
  assert.equal(checkout.run(tooOld).status, 0);
  return checkout;
}

for (const name of ['kernel.cc', 'kernel.h'])
  test(`a changed ${name}: the kernels alone are compiled again`, (context) => {
    const checkout = makeCheckout(context);
    checkout.run();
    writeFileSync(source(checkout, name), '// newer\n');
    const { status, calls } = checkout.run();
    assert.equal(status, 0);
    assert.deepEqual(calls, kernelCalls);
    assert.deepEqual(checkout.run().calls, []);
  });

test('changed back, the kernels come from the cache', (context) => {
  const checkout = makeCheckout(context);
  checkout.run();
  const before = readFileSync(source(checkout, 'kernel.cc'));
  writeFileSync(source(checkout, 'kernel.cc'), '// newer\n');
  checkout.run();
  writeFileSync(source(checkout, 'kernel.cc'), before);
  assert.deepEqual(checkout.run().calls, []);
  assert.ok(existsSync(checkout.kernels));
});

for (const [name, calls] of [
  ['another.cc', ['compile another.cc kernel.cc']],
  ['another-op.cc', ['compile another-op.cc', 'compile kernel.cc']],
] as const)
  test(`a new ${name} is compiled with the others of its kind, as one object`, (context) => {
    const checkout = makeCheckout(context);
    checkout.run();
    writeFileSync(source(checkout, name), '');
    const links = kernelCalls.filter((call) => call.startsWith('link'));
    assert.deepEqual(checkout.run().calls, [...calls.flatMap((call) => levels.map(() => call)), ...links]);
  });

test('a compiler too old for the kernels: set-up succeeds, and a line for each level says why and what to do', (context) => {
  const checkout = makeCheckout(context);
  const { status, stderr, stdout } = checkout.run(tooOld);
  assert.equal(status, 0);
  assert.equal(stdout, '');
  const said = stderr.split('\n').filter((line) => line.includes('could not'));
  assert.equal(said.length, levels.length);
  assert.match(
    said[0]!,
    /^setup: c\+\+ could not compile gcnc's own kernels for [\w -]+ \(c\+\+: error: unrecognized .*-mavx512bf16.*\); slower ones do the work; GCC 10 or Clang 9 .*CXX.*; then npm run setup -- --force$/,
  );
  assert.ok(existsSync(checkout.addon) && !existsSync(checkout.kernels));
  const left = readdirSync(checkout.cache, { recursive: true }).map(String);
  assert.deepEqual(
    left.filter((name) => name.includes('.partial-')),
    [],
  );
});

test('what could not be compiled is not tried again, and npm run setup says so still', (context) => {
  const checkout = withoutKernels(context);
  const { status, stderr, calls } = checkout.run(tooOld);
  assert.equal(status, 0);
  assert.deepEqual(calls, []);
  assert.match(
    stderr,
    /^setup: everything is there, but c\+\+ could not compile gcnc's own kernels .*--force\n$/,
  );
});

const retries: readonly (readonly [what: string, change: (checkout: Checkout) => readonly string[]])[] = [
  ['--force', () => ['--force']],
  [
    'a changed source',
    (checkout) => {
      writeFileSync(source(checkout, 'kernel.h'), '// simpler\n');
      return [];
    },
  ],
];

for (const [what, change] of retries)
  test(`after a failure ${what} tries again`, (context) => {
    const checkout = withoutKernels(context);
    const { status, calls } = checkout.run({}, ['scripts/setup.mjs', ...change(checkout)]);
    assert.equal(status, 0);
    assert.ok(calls.includes(`link gcnc_kernels_${levels[0]}`));
    assert.ok(existsSync(checkout.kernels));
    assert.equal(checkout.run().stderr, 'setup: everything is there\n');
  });

test('after a failure another compiler tries again, and what it made stays', (context) => {
  const checkout = withoutKernels(context);
  checkout.addTool('newer/c++');
  const { calls } = checkout.run({ CXX: join(checkout.root, 'bin/newer/c++') });
  assert.deepEqual(calls, kernelCalls);
  assert.ok(existsSync(checkout.kernels));
  assert.deepEqual(checkout.run(tooOld).calls, []);
});

test('kernels of older sources do not stay where the newer cannot be compiled', (context) => {
  const checkout = makeCheckout(context);
  checkout.run();
  writeFileSync(source(checkout, 'kernel.cc'), '// newer\n');
  assert.equal(checkout.run(tooOld).status, 0);
  assert.ok(!existsSync(checkout.kernels));
});

test("TensorFlow's addon failing ends set-up, with its own line and not the kernels'", (context) => {
  const checkout = makeCheckout(context);
  const { status, stderr } = checkout.run({ CONDUCT_compile_tfjs_backend_cc: 'fails' });
  assert.equal(status, 1);
  assert.match(stderr.trimEnd().split('\n').at(-1)!, /could not compile TensorFlow's addon/);
  assert.doesNotMatch(stderr, /could not compile gcnc/);
});

test('a source edited while it is compiled: what comes of it is not kept under a key', (context) => {
  const checkout = makeCheckout(context);
  const [level] = levels;
  const link = `link gcnc_kernels_${level}`;
  const { status, calls } = checkout.run({ [`CONDUCT_${link.replace(/[^a-z]/g, '_')}`]: 'edits' });
  assert.equal(status, 0);
  assert.equal(calls.filter((call) => call === link).length, 2);
  const kept = readdirSync(join(checkout.cache, 'addons')).filter((name) =>
    name.startsWith(`gcnc_kernels_${level}-`),
  );
  assert.equal(kept.length, 1);
  // Another level that was linked before the edit is compiled again, and this one is not.
  assert.ok(!checkout.run().calls.includes(link));
});
