import type { ImageSet } from '../../data/image-set.ts';
import { indicesByClass } from '../../data/selection.ts';
import { hashName, permutation, randomStream } from '../../random/random.ts';

const purpose = hashName('complexity examples');

/**
 * All examples of a set in a random order whose every start is as balanced over classes as can be: one of each class, then
 * a second of each, and so on. A class's own order depends on the seed and its label only.
 */
export const balancedOrder = (set: ImageSet, seed: number): Int32Array => {
  const shuffled = indicesByClass(set).map((indices, label) =>
    Array.from(permutation(indices.length, randomStream(purpose, seed, label)), (at) => indices[at]!),
  );
  const order = new Int32Array(set.labels.length);
  const longest = Math.max(0, ...shuffled.map(({ length }) => length));
  let filled = 0;
  for (let round = 0; round < longest; round++) {
    const classes = shuffled.filter(({ length }) => length > round);
    const turns = permutation(classes.length, randomStream(purpose, seed, round, 1));
    for (const turn of turns) order[filled++] = classes[turn]![round]!;
  }
  return order;
};
