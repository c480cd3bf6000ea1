import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { cifar100 } from '../../src/data/sets/cifar-100.ts';
import { hashName, randomStream } from '../../src/random/random.ts';

/** Images per class of each file: the target classes have both files' images. */
const perClass = { 'train.bin': 12, 'test.bin': 8 } as const;
const classes = 100;
const planes = 3 * 32 * 32;
/** A record is the coarse label, the fine label, then the red, green and blue planes. */
const recordBytes = 2 + planes;

/**
 * Writes `cifar-100-binary/` into `folder`, a small CIFAR-100 in the official binary layout: the first images of each class
 * from the data folder `from`, or drawn ones where CIFAR-100 is not there. Returns which of the two it is.
 */
export function writeCifarSubset(folder: string, from: string | undefined): 'real' | 'drawn' {
  const official = from === undefined ? undefined : join(from, 'cifar-100-binary');
  const isReal = official !== undefined && existsSync(join(official, 'train.bin'));
  const to = join(folder, 'cifar-100-binary');
  mkdirSync(to, { recursive: true });
  for (const [file, count] of Object.entries(perClass))
    writeFileSync(
      join(to, file),
      isReal ? firstOfEachClass(readFileSync(join(official, file)), count) : drawn(file, count),
    );
  writeFileSync(join(to, 'fine_label_names.txt'), `${classNames().join('\n')}\n`);
  return isReal ? 'real' : 'drawn';
}

/** CIFAR-100's labels follow its class names in alphabetical order, and CIFAR-FS names every class. */
const classNames = (): readonly string[] => {
  const split: Record<string, readonly string[]> = parse(readFileSync(cifar100.splits!['cifar-fs']!, 'utf8'));
  return Object.values(split).flat().sort();
};

function firstOfEachClass(records: Uint8Array, count: number): Uint8Array {
  const taken = new Int32Array(classes);
  const kept: Uint8Array[] = [];
  for (let start = 0; start < records.length; start += recordBytes)
    if (taken[records[start + 1]!]!++ < count) kept.push(records.subarray(start, start + recordBytes));
  return Buffer.concat(kept);
}

/** Each class has a brightness per channel; noise of every pixel makes its images differ. */
function drawn(file: string, count: number): Uint8Array {
  const bytes = new Uint8Array(classes * count * recordBytes);
  const noise = randomStream(hashName(file));
  for (let image = 0; image < classes * count; image++) {
    const label = image % classes;
    const colour = randomStream(label);
    const levels = [0, 1, 2].map(() => colour.between(64, 192));
    const start = image * recordBytes;
    bytes[start] = Math.floor(label / 5);
    bytes[start + 1] = label;
    for (let at = 0; at < planes; at++)
      bytes[start + 2 + at] = levels[Math.floor(at / 1024)]! + noise.between(-60, 60);
  }
  return bytes;
}
