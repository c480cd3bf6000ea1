import type { Embeddings } from '../../src/measures/embeddings.ts';
import { randomStream } from '../../src/random/random.ts';

/** Independent standard normal numbers, seeded (Box and Muller 1958). */
export function normals(count: number, seed: number): Float64Array {
  const random = randomStream(seed);
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform()),
  );
}

/** `perClass` examples of each class around its mean, each coordinate with the class's standard deviation. */
export function gaussianClasses(
  means: readonly (readonly number[])[],
  deviations: readonly number[],
  perClass: number,
  seed: number,
): Embeddings {
  const dimension = means[0]!.length;
  const noise = normals(means.length * perClass * dimension, seed);
  const labels = Int32Array.from({ length: means.length * perClass }, (_, i) => i % means.length);
  const values = noise.map((value, i) => {
    const label = labels[Math.floor(i / dimension)]!;
    return means[label]![i % dimension]! + deviations[label]! * value;
  });
  return { values, dimension, labels, classNames: means.map((_, c) => `class-${c}`) };
}

/** Relative difference, 0 for equal numbers. */
export const relativeError = (found: number, wanted: number): number =>
  found === wanted ? 0 : Math.abs(found - wanted) / Math.max(Math.abs(found), Math.abs(wanted));
