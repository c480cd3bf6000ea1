import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readNpz, writeNpz } from '../../src/formats/npz.ts';
import { scratchFolder } from './scratch.ts';

const images = fileURLToPath(new URL('./fixtures/images', import.meta.url));
const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

test('a run trains on a folder of JPEG, PNG, GIF and BMP files; its checkpoint is measured on the folder from the cache', (t) => {
  const root = scratchFolder(t);
  const folder = join(root, 'birds-and-boats');
  cpSync(images, folder, { recursive: true });
  const gcnc = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: join(root, 'cache') },
    });
    // TensorFlow announces its kernels on standard error as it loads, and takes no setting against it.
    const own = stderr.replace(/^(WARNING: All log messages before absl|I0000 ).*\n/gm, '');
    return { status, stdout, stderr: own.trim() };
  };
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
  const refused = (wrong: { status: number | null; stderr: string }, message: RegExp) => {
    assert.equal(wrong.status, 2, wrong.stderr);
    assert.match(wrong.stderr, message);
    assert.equal(wrong.stderr.split('\n').length, 1, wrong.stderr);
  };

  config('');
  refused(train(), /data.imageSize: .*birds-and-boats is a folder of images; give the pixels a side/);
  config(', imageSize: 16, perClass: 9');
  refused(train(), /data.perClass is 9, but class bird of .* has 3 images$/);

  config(', imageSize: 16');
  const done = train();
  assert.equal(done.status, 0, done.stderr);
  const cache = join(root, 'cache/gcnc/images');
  assert.equal(readdirSync(cache).length, 1);
  const runFolder = readdirSync(join(root, 'runs/tiny'), { withFileTypes: true }).find(({ name }) =>
    name.startsWith('s0-'),
  )!;
  const checkpoint = join(root, 'runs/tiny', runFolder.name);

  const measure = (...more: string[]) =>
    gcnc('measure', checkpoint, '--data', folder, '--split', 'all', '--json', ...more);
  const first = measure();
  assert.equal(first.status, 0, first.stderr);
  assert.equal(JSON.parse(first.stdout).examples, 10);

  // The cache stands for the files: its first image made black is what is measured.
  const [cached] = readdirSync(cache).map((name) => join(cache, name));
  const kept = readNpz(cached!).get('images')!.values as Uint8Array;
  assert.equal(kept.length, 10 * 16 * 16 * 3);
  writeNpz(cached!, { images: { shape: [10, 16, 16, 3], values: kept.fill(0, 0, 16 * 16 * 3) } });
  const second = measure();
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
  refused(measure(), /bird\/wide.jpg: no image that is read: /);
  mkdirSync(join(folder, 'empty'));
  refused(measure(), /birds-and-boats\/empty: expected images, found none$/);
  assert.ok(readFileSync(join(cache, readdirSync(cache)[0]!)).length > 10 * 16 * 16 * 3);
});
