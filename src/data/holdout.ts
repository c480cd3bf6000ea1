import type { Part } from './data-source.ts';
import type { ImageSet } from './image-set.ts';
import { hashName, permutation, randomStream } from './random.ts';
import { indicesByClass, takeExamples } from './selection.ts';

/** CIFAR-100's share of test images. */
const testShare = 1 / 6;

/**
 * A part of a data set that comes without parts: one sixth of each class, drawn with the seed 0 and at least one image, is
 * the test part. Keeps the set's order.
 */
export function seededPart(set: ImageSet, part: Part): ImageSet {
  if (part === 'whole') return set;
  const isTest = new Uint8Array(set.labels.length);
  indicesByClass(set).forEach((indices, label) => {
    if (indices.length < 2) return;
    const order = permutation(
      indices.length,
      randomStream(hashName('holdout'), 0, hashName(set.classNames[label]!)),
    );
    for (const at of order.subarray(0, Math.max(1, Math.round(indices.length * testShare))))
      isTest[indices[at]!] = 1;
  });
  const chosen: number[] = [];
  isTest.forEach((flag, index) => {
    if ((flag === 1) === (part === 'test')) chosen.push(index);
  });
  return { ...takeExamples(set, chosen), name: `${set.name}/${part}` };
}
