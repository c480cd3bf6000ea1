import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { assertProblem, assertWhole } from './assertions.ts';
import { type Checkout, compilerCalls, makeCheckout, type Ran } from './checkout.ts';

const unpackedFolder = ({ cache }: Checkout): string =>
  join(cache, readdirSync(cache).find((name) => name.startsWith('tensorflow-'))!);

const sources: readonly (readonly [what: string, source: (checkout: Checkout) => string, calls: string[]])[] =
  [
    ['a wheel', ({ wheel }) => wheel, ['unpack', ...compilerCalls]],
    ['a folder of wheels', ({ wheels }) => wheels, ['unpack', ...compilerCalls]],
  ];

for (const [what, source, calls] of sources)
  test(`GCNC_TENSORFLOW names ${what}: pip is not called, nor needed`, (context: TestContext) => {
    const checkout = makeCheckout(context);
    const ran = checkout.run({ GCNC_TENSORFLOW: source(checkout), NO_PIP: '1' });
    assertWhole(checkout, ran);
    assert.deepEqual(ran.calls, calls);
    assert.deepEqual(checkout.run().calls, [], 'and stays chosen');
  });

test('GCNC_TENSORFLOW names an unpacked folder: it is used where it is, without Python', (context) => {
  const other = makeCheckout(context);
  other.run();
  const checkout = makeCheckout(context);
  checkout.removeTool('python3');
  const folder = unpackedFolder(other);
  const ran = checkout.run({ GCNC_TENSORFLOW: folder });
  assertWhole(checkout, ran);
  assert.deepEqual(ran.calls, compilerCalls);
  const record = readFileSync(join(dirname(checkout.addon), 'gcnc-setup.json'), 'utf8');
  assert.equal(JSON.parse(record).folder, join(folder, 'tensorflow'));
});

test('GCNC_TENSORFLOW that cannot serve: one line', (context) => {
  const checkout = makeCheckout(context);
  const given = (path: string): Ran => checkout.run({ GCNC_TENSORFLOW: path });
  assertProblem(given('/nowhere/at-all'), /^setup: GCNC_TENSORFLOW: \/nowhere\/at-all does not exist$/);
  assertProblem(given(checkout.cache), /has no wheel of tensorflow-cpu 2\.21\.0/);
  writeFileSync(checkout.wheel, 'another');
  assertProblem(
    given(checkout.wheel),
    /: SHA-256 is [0-9a-f]{64}, and tensorflow-cpu 2\.21\.0 has [0-9a-f]{64}/,
  );
  assertProblem(
    given(checkout.wheels),
    /: SHA-256 is [0-9a-f]{64}, and tensorflow-cpu 2\.21\.0 has [0-9a-f]{64}/,
  );
});
