/**
 * Reading data sets at their official size: files that this script makes in a temporary folder, each read three times.
 *
 *     node --import tsx bench/data.ts [--json]
 *
 * Then images that training augments, per recipe: processor time of one image, in batches of 64 of 32x32x3.
 *
 * cifar-100 is the official binary layout with 50,000 and 10,000 records; the .npz holds the same images, uncompressed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noAugmentation } from '../src/config/augmentation-schema.ts';
import { fillBatch } from '../src/data/augmentation/fill-batch.ts';
import type { ImageSet } from '../src/data/image-set.ts';
import { openDataSource } from '../src/data/sources.ts';
import { writeNpz } from '../src/formats/npz.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const root = mkdtempSync(join(tmpdir(), 'gcnc-bench-data-'));
try {
  writeCifar100(join(root, 'cifar-100-binary'));
  const whole = await openDataSource('cifar-100', { dataFolder: root }).load('whole');
  const npz = join(root, 'images.npz');
  writeNpz(npz, {
    images: { shape: [whole.labels.length, 32, 32, 3], values: whole.images },
    labels: { shape: [whole.labels.length], values: whole.labels },
  });
  const results = [
    await timed('cifar-100', ['train', 'test']),
    await timed('fashion-mnist', ['train', 'test']),
    await timed(npz, ['whole']),
  ].filter((each) => each !== null);
  const augmentation = augmentationCosts(whole);
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), load: loadavg()[0] };
  if (flags.json) process.stdout.write(`${JSON.stringify({ machine, results, augmentation })}\n`);
  else {
    for (const { name, images, seconds, cpuSeconds } of results)
      process.stdout.write(
        `${name.padEnd(14)} ${images} images  best ${Math.min(...seconds).toFixed(3)} s of ${seconds.map((each) => each.toFixed(3)).join(', ')}  processor ${Math.min(...cpuSeconds).toFixed(3)} s\n`,
      );
    for (const { recipe, microseconds } of augmentation)
      process.stdout.write(`${recipe.padEnd(30)} ${microseconds.toFixed(1)} us of processor an image\n`);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** Wall and processor seconds of three readings; null where the data set is not on this machine. */
async function timed(name: string, parts: readonly ('train' | 'test' | 'whole')[]) {
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  let images = 0;
  for (let round = 0; round < 3; round++) {
    const [started, processor] = [performance.now(), process.cpuUsage()];
    const sets: ImageSet[] = [];
    try {
      for (const part of parts) sets.push(await openDataSource(name, { dataFolder: root }).load(part));
    } catch {
      return null;
    }
    seconds.push((performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(processor);
    cpuSeconds.push((user + system) / 1e6);
    images = sets.reduce((sum, set) => sum + set.labels.length, 0);
  }
  return { name: name.endsWith('.npz') ? '.npz' : name, images, seconds, cpuSeconds };
}

/** Processor time of one image, as the network is fed it: the median of 40 rounds of 20 batches. */
function augmentationCosts(set: ImageSet) {
  const jitter = { brightness: 0.4, contrast: 0.4, saturation: 0.4 };
  const resizedCrop = { scale: [0.08, 1] as [number, number], ratio: [0.75, 1.333] as [number, number] };
  const recipes = {
    none: noAugmentation,
    'crop-flip': { augmentation: 'crop-flip' },
    'crop-flip, cutout': { augmentation: 'crop-flip', cutout: 16 },
    'crop-flip, jitter': { augmentation: 'crop-flip', jitter },
    'crop-flip, jitter with hue': { augmentation: 'crop-flip', jitter: { ...jitter, hue: 0.1 } },
    'crop-flip, rotation': { augmentation: 'crop-flip', rotation: 15 },
    'flip, resized crop': { augmentation: 'flip', resizedCrop },
  } as const;
  const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const batch = new Float32Array(64 * 32 * 32 * 3);
  return Object.entries(recipes).map(([recipe, augmentation]) => {
    const rounds = Array.from({ length: 40 }, (_, round) => {
      const before = process.cpuUsage();
      for (let at = 0; at < 20; at++) {
        const indices = Int32Array.from({ length: 64 }, (_, i) => (i * 31 + at * 64) % set.labels.length);
        fillBatch(batch, set, indices, { normalization, augmentation, seed: 0, epoch: round });
      }
      return process.cpuUsage(before).user / (20 * 64);
    });
    return { recipe, microseconds: rounds.sort((a, b) => a - b)[20]! };
  });
}

function writeCifar100(folder: string): void {
  mkdirSync(folder);
  const recordBytes = 3074;
  for (const [name, records] of [
    ['train.bin', 50_000],
    ['test.bin', 10_000],
  ] as const) {
    const bytes = Buffer.alloc(records * recordBytes);
    for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 2654435761) >>> 24;
    for (let record = 0; record < records; record++) bytes[record * recordBytes + 1] = record % 100;
    writeFileSync(join(folder, name), bytes);
  }
  const names = Array.from({ length: 100 }, (_, label) => `class_${label}`);
  writeFileSync(join(folder, 'fine_label_names.txt'), `${names.join('\n')}\n`);
}
