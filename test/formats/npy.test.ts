import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { npzSource } from '../../src/data/npz-source.ts';
import { parseNpy } from '../../src/formats/npy.ts';
import { readNpz } from '../../src/formats/npz.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from '../data/scratch.ts';

/** A .npy file, version 1, as the format's description has it. */
function npy(descr: string, shape: string, data: Uint8Array): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`
    .padEnd(117)
    .concat('\n');
  const head = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length, 0)}${header}`, 'latin1');
  return Buffer.concat([head, data]);
}

test('fixed-width byte strings are UTF-8', () => {
  const padded = Buffer.alloc(8);
  Buffer.from('né').copy(padded, 0);
  Buffer.from('ж').copy(padded, 4);
  assert.deepEqual(parseNpy(npy('|S4', '2,', padded), 'x').values, ['né', 'ж']);
});

test('items without bytes are refused before memory is taken', () => {
  for (const descr of ['<U0', '|S0'])
    assert.throws(
      () => parseNpy(npy(descr, '1000000000,', new Uint8Array(0)), 'x'),
      (error: Error) =>
        error instanceof InputError && /1000000000 items of dtype .*, which has no bytes/.test(error.message),
    );
  assert.deepEqual(parseNpy(npy('<U0', '0,', new Uint8Array(0)), 'x').values, []);
});

test('boolean images are black and white, as bytes of 0 and 255', async (t) => {
  const path = join(scratchFolder(t), 'bool.npz');
  const labels = npy('|u1', '2,', Uint8Array.of(0, 1));
  writeFileSync(
    path,
    zipSync({ 'images.npy': npy('|b1', '2, 1, 2, 1', Uint8Array.of(0, 1, 1, 0)), 'labels.npy': labels }),
  );
  assert.deepEqual([...(await npzSource(path).load('whole')).images], [0, 255, 255, 0]);
  writeFileSync(
    path,
    zipSync({ 'images.npy': npy('|u1', '2, 1, 2, 1', Uint8Array.of(0, 255, 255, 0)), 'labels.npy': labels }),
  );
  assert.deepEqual([...(await npzSource(path).load('whole')).images], [0, 255, 255, 0]);
});

test('arrays that np.savez numbered are named in the refusal', (t) => {
  const path = join(scratchFolder(t), 'numbered.npz');
  const one = npy('|u1', '1,', Uint8Array.of(1));
  writeFileSync(path, zipSync({ 'arr_0.npy': one, 'arr_1.npy': one }));
  assert.throws(
    () => readNpz(path, { only: ['images', 'labels'], required: ['images', 'labels'] }),
    /expected the arrays images and labels, found arr_0, arr_1; name them: np\.savez\(path, images=\.\.\., labels=\.\.\.\)/,
  );
});
