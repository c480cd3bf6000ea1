import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readNpz, writeNpz } from '../../src/formats/npz.ts';
import { type Ended, gcnc as inProcess } from '../cli/in-process.ts';
import { scratchFolder } from './scratch.ts';

const images = fileURLToPath(new URL('./fixtures/images', import.meta.url));

test('a run trains on a folder of JPEG, PNG, GIF and BMP files; its checkpoint is measured on the folder from the cache', async (t) => {
  const root = scratchFolder(t);
  const folder = join(root, 'birds-and-boats');
  cpSync(images, folder, { recursive: true });
  const gcnc = (...args: string[]) => inProcess(args, { XDG_CACHE_HOME: join(root, 'cache') });
  const file = join(root, 'tiny.yaml');
  const config = (keys: string) =>
    writeFileSync(
      file,
      `data: { name: ${folder}, split: none${keys} }
model: { name: resnet10, width: 4 }
training: { epochs: 1, batchSize: 4 }
`,
    );
  const train = () => gcnc('train', file, '--out', join(root, 'runs'), '--launcher', 'in-process');
  const refused = ({ status, stderr }: Ended, message: RegExp) => {
    assert.equal(status, 2, stderr);
    assert.match(stderr.trimEnd(), message);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  };

  config('');
  refused(await train(), /data.imageSize: .*birds-and-boats is a folder of images; give the pixels per side/);
  config(', imageSize: 16, perClass: 9');
  refused(await train(), /data.perClass is 9, but class bird of .* has 3 images$/);

  config(', imageSize: 16');
  const done = await train();
  assert.equal(done.status, 0, done.stderr);
  const cache = join(root, 'cache/gcnc/images');
  assert.equal(readdirSync(cache).length, 1);
  const runFolder = readdirSync(join(root, 'runs/tiny'), { withFileTypes: true }).find(({ name }) =>
    name.startsWith('s0-'),
  )!;
  const checkpoint = join(root, 'runs/tiny', runFolder.name);

  const measure = (...more: string[]) =>
    gcnc('measure', checkpoint, '--data', folder, '--split', 'all', '--json', ...more);
  const first = await measure();
  assert.equal(first.status, 0, first.stderr);
  assert.equal(JSON.parse(first.stdout).examples, 10);

  // The cache stands for the files: its first image made black is what is measured.
  const [cached] = readdirSync(cache).map((name) => join(cache, name));
  const kept = readNpz(cached!).get('images')!.values as Uint8Array;
  assert.equal(kept.length, 10 * 16 * 16 * 3);
  writeNpz(cached!, { images: { shape: [10, 16, 16, 3], values: kept.fill(0, 0, 16 * 16 * 3) } });
  const second = await measure();
  assert.equal(second.status, 0, second.stderr);
  const of = ({ stdout }: { stdout: string }) => {
    const { geometricComplexity, neuralCollapse } = JSON.parse(stdout);
    return { geometricComplexity, neuralCollapse };
  };
  assert.notDeepEqual(of(second), of(first));

  // Same name, size and modification time: the change time tells.
  const broken = join(folder, 'bird/wide.jpg');
  const { size, atimeMs, mtimeMs } = statSync(broken);
  writeFileSync(broken, Buffer.alloc(size, 'no image '));
  utimesSync(broken, atimeMs / 1000, mtimeMs / 1000);
  refused(await measure(), /bird\/wide.jpg: no image that is read: /);
  mkdirSync(join(folder, 'empty'));
  refused(await measure(), /birds-and-boats\/empty: expected images, found none$/);
  assert.ok(readFileSync(join(cache, readdirSync(cache)[0]!)).length > 10 * 16 * 16 * 3);
});
