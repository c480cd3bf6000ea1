import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSet } from '../../src/data/image-set.ts';

/** A set whose bytes are recognisable: byte k of image i is (31 i + 7 k) mod 256. */
export function numberedSet(
  count: number,
  classNames: readonly string[],
  { height = 4, width = 4, channels = 3 } = {},
): ImageSet {
  const size = height * width * channels;
  return {
    name: 'numbered',
    height,
    width,
    channels,
    images: Uint8Array.from(
      { length: count * size },
      (_, at) => (31 * Math.floor(at / size) + 7 * (at % size)) % 256,
    ),
    labels: Int32Array.from({ length: count }, (_, i) => i % classNames.length),
    classNames,
  };
}

export const cifarClassNames = Array.from({ length: 100 }, (_, label) => `class_${label}`);

/** CIFAR-100 records: byte p of plane c of record r is (r + 3 p + 50 c) mod 256; its label is r mod classes. */
export function cifarRecords(count: number, classes = 100): Uint8Array {
  const bytes = new Uint8Array(count * 3074);
  for (let r = 0; r < count; r++) {
    bytes[r * 3074] = (r % classes) % 20;
    bytes[r * 3074 + 1] = r % classes;
    for (let c = 0; c < 3; c++)
      for (let p = 0; p < 1024; p++) bytes[r * 3074 + 2 + c * 1024 + p] = (r + 3 * p + 50 * c) % 256;
  }
  return bytes;
}

/** A data folder with a small CIFAR-100 in it; returns the folder of its files. */
export function writeCifar100(dataFolder: string, names: readonly string[] = cifarClassNames): string {
  const folder = join(dataFolder, 'cifar-100-binary');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'train.bin'), cifarRecords(300));
  writeFileSync(join(folder, 'test.bin'), cifarRecords(100));
  writeFileSync(join(folder, 'fine_label_names.txt'), `${names.join('\n')}\n`);
  return folder;
}
