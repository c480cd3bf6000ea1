import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readPickle } from '../../src/formats/pickle.ts';
import { numpyGlobals, pickledArray } from '../../src/formats/pickle-numpy.ts';
import { InputError } from '../../src/input-error.ts';
import { randomStream } from '../../src/random/random.ts';

const read = (bytes: Uint8Array) =>
  readPickle(bytes, 'some.pkl', { globalOf: numpyGlobals(bytes.length, 'some.pkl') });
const refused = (bytes: Uint8Array, message: RegExp) =>
  assert.throws(
    () => read(bytes),
    (error: Error) =>
      error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
    String(message),
  );

// As Python 3.11 writes them: pickle.dumps({'a': [1, -2, 2**40, 1.5, None, True], b'b': ('x', b'y')}, protocol).
const dumps = [
  '(dp0\nVa\np1\n(lp2\nI1\naI-2\naL1099511627776L\naF1.5\naNaI01\nasc_codecs\nencode\np3\n(Vb\np4\nVlatin1\np5\ntp6\nRp7\n(Vx\np8\ng3\n(Vy\np9\ng5\ntp10\nRp11\ntp12\ns.',
  '\x80\x03}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xff\x8a\x06\x00\x00\x00\x00\x00\x01G?\xf8\x00\x00\x00\x00\x00\x00N\x88eC\x01bq\x03X\x01\x00\x00\x00xq\x04C\x01yq\x05\x86q\x06u.',
];

test('values of protocols 0 and 3 are what Python wrote', () => {
  for (const dump of dumps)
    assert.deepEqual(
      [...(read(Buffer.from(dump, 'latin1')) as Map<string, unknown>)].map(([key, value]) => [
        key,
        (value as unknown[]).map((each) => (each instanceof Uint8Array ? [...each] : each)),
      ]),
      [
        ['a', [1, -2, 2 ** 40, 1.5, null, true]],
        ['b', ['x', [121]]],
      ],
    );
});

test('every global but those of NumPy arrays is refused, and nothing is run', () => {
  for (const name of ['os\nsystem', 'builtins\neval', 'posix\nsystem', '__builtin__\ngetattr', 'numpy\nload'])
    refused(Buffer.from(`c${name}\n(S'touch x'\ntR.`), /names the Python object .*never run/);
  refused(Buffer.from('\x80\x04\x8c\x02os\x8c\x06system\x93.', 'latin1'), /os\.system/);
  refused(Buffer.from('I1\n(tR.'), /is called/);
});

test('sizes that the file does not hold are refused before memory is taken', () => {
  for (const code of ['\x8e', '\x8d', '\x96'])
    refused(
      Buffer.from(`\x80\x05${code}\xff\xff\xff\xff\xff\xff\x00\x00x.`, 'latin1'),
      /bytes are announced/,
    );
  for (const code of ['B', 'X', 'T', '\x8b'])
    refused(Buffer.from(`\x80\x02${code}\xff\xff\xff\x7fx.`, 'latin1'), /announced|an integer of/);
  const array = (shape: string) =>
    `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(${shape}tcnumpy\ndtype\n(S'u1'\nI0\nI1\ntRI00\nS'abcd'\ntb.`;
  assert.deepEqual(pickledArray(read(Buffer.from(array('I2\nI2\n'))))?.shape, [2, 2]);
  refused(Buffer.from(array('I1000000\nI1000000\n')), /takes 1000000000000 bytes, 4 are there/);
  const text = `V${'x'.repeat(10_000)}\np0\n`;
  const again = '0c_codecs\nencode\n(g0\nVlatin1\ntR';
  refused(Buffer.from(`${text}${again.repeat(1000)}.`), /makes more than it holds/);
});

test('500 damaged pickles that NumPy wrote are read or refused in one line', () => {
  const names = [
    'data_batch_1',
    'data_batch_2',
    'data_batch_3',
    'data_batch_4',
    'data_batch_5',
    'test_batch',
  ];
  const random = randomStream(21);
  let refusals = 0;
  for (let i = 0; i < 500; i++) {
    const url = new URL(`../data/fixtures/cifar/cifar-10-batches-py/${names[i % 6]}`, import.meta.url);
    const bytes = Uint8Array.from(readFileSync(url));
    // Half of the damage lies outside the pixels, in the first 200 bytes.
    for (let k = 0; k < 3; k++)
      bytes[Math.floor(random.uniform() * (i % 2 ? 200 : bytes.length))] = Math.floor(random.uniform() * 256);
    try {
      read(i % 5 === 0 ? bytes.subarray(0, Math.floor(random.uniform() * bytes.length)) : bytes);
    } catch (error) {
      assert.ok(error instanceof InputError && !error.message.includes('\n'), String(error));
      refusals += 1;
    }
  }
  assert.ok(refusals > 250, `${refusals} of 500`);
});
