import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { importWeights } from '../../src/checkpoint/import-weights.ts';
import { mnist } from '../../src/data/sets/mnist.ts';
import { encodeNpy } from '../../src/formats/npy-encode.ts';
import { InputError } from '../../src/input-error.ts';
import { refusalOf } from '../cli/in-process.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-refusals-'));
after(() => rmSync(root, { recursive: true }));

const weights = fileURLToPath(new URL('../checkpoint/fixtures/resnet18.safetensors', import.meta.url));
const npz = fileURLToPath(new URL('./fixtures/images.npz', import.meta.url));

const refused = async (args: readonly string[], message: RegExp): Promise<void> =>
  assert.match(await refusalOf(args), message);
const file = (name: string, content: Uint8Array): string => {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
};

describe('gcnc import refuses, with one line and exit code 2,', () => {
  const refuses = (path: string, message: RegExp) =>
    refused(['import', path, '--model', 'resnet18', '--out', join(root, 'none')], message);
  const whole = readFileSync(weights);

  it('a file that is cut off', async () => {
    await refuses(file('cut.safetensors', whole.subarray(0, 100_000)), /^.*cut.safetensors: /);
  });

  it('a header that announces more than the file holds', async () => {
    const lie = Buffer.from(whole);
    lie.writeBigUInt64LE(2n ** 40n);
    await refuses(file('lie.safetensors', lie), /^.*lie.safetensors: /);
  });
});

describe('gcnc measure refuses, with one line and exit code 2,', () => {
  const checkpoint = join(root, 'checkpoint');
  const refuses = async (data: string, message: RegExp, ...more: string[]) => {
    if (!checkpointMade) await importWeights(weights, checkpoint, { model: 'resnet18', given: {} });
    checkpointMade = true;
    await refused(['measure', checkpoint, '--data', data, ...more], message);
  };
  let checkpointMade = false;

  it('an .npz that is cut off', async () => {
    await refuses(file('cut.npz', readFileSync(npz).subarray(0, 700)), /cut.npz: .*truncated/);
  });

  it('an array header that lies about its shape', async () => {
    const honest = encodeNpy({ shape: [10, 10], values: new Uint8Array(100) });
    const lie = new TextDecoder('latin1').decode(honest).replace('(10, 10)', '(99, 99)');
    const entry = Uint8Array.from(lie, (character) => character.charCodeAt(0));
    await refuses(
      file('lie.npz', zipSync({ 'images.npy': entry })),
      /lie.npz: images.npy: the header says .u1 \[99, 99\], 9801 bytes; the file holds 100/,
    );
  });

  it('a zip bomb', async () => {
    const bomb = zipSync({ 'images.npy': [new Uint8Array(300 * 2 ** 20), { level: 9 }] });
    await refuses(file('bomb.npz', bomb), /bomb.npz: \d+ bytes that declare 314572800 bytes .* zip bomb/);
  });

  it('a folder of images whose link leads out of it', async () => {
    const folder = join(root, 'folder');
    mkdirSync(join(folder, 'a'), { recursive: true });
    symlinkSync('/etc/hostname', join(folder, 'a/1.jpg'));
    await refuses(folder, /a\/1.jpg: leads out of /, '--split', 'all');
  });
});

it('a gzip file of IDX labels that swells beyond any data set is refused before it fills the memory', async () => {
  const folder = join(root, 'mnist');
  mkdirSync(folder);
  const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7);
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), header);
  writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(new Uint8Array(2 ** 26)));
  await assert.rejects(
    mnist.open({ dataFolder: root }).load('train'),
    (error: Error) =>
      error instanceof InputError && /labels-idx1-ubyte.gz: .*ERR_BUFFER_TOO_LARGE/.test(error.message),
  );
});
