import { hashName, permutation, randomStream } from '../random/random.ts';
import type { Part } from './data-source.ts';
import type { ImageSet } from './image-set.ts';
import { indicesByClass, takeExamples } from './selection.ts';

/** CIFAR-100's share of test images. */
const testShare = 1 / 6;

/** Positions of a class's test examples: one sixth of `count`, at least one; a function of the seed and the class's name. */
export const heldOut = (count: number, className: string, seed: number): Int32Array =>
  permutation(count, randomStream(hashName('holdout'), seed, hashName(className))).subarray(
    0,
    Math.max(1, Math.round(count * testShare)),
  );

/**
 * A part of a data set that comes without parts: one sixth of each class, drawn with the seed 0 and at least one image, is
 * the test part. Keeps the set's order.
 */
export function seededPart(set: ImageSet, part: Part): ImageSet {
  if (part === 'whole') return set;
  const isTest = new Uint8Array(set.labels.length);
  indicesByClass(set).forEach((indices, label) => {
    if (indices.length < 2) return;
    for (const at of heldOut(indices.length, set.classNames[label]!, 0)) isTest[indices[at]!] = 1;
  });
  const chosen: number[] = [];
  isTest.forEach((flag, index) => {
    if ((flag === 1) === (part === 'test')) chosen.push(index);
  });
  return { ...takeExamples(set, chosen), name: `${set.name}/${part}` };
}
