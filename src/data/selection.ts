import { suggestionOfMany } from '../config/nearest.ts';
import { InputError } from '../input-error.ts';
import { hashName, permutation, randomStream } from '../random/random.ts';
import { type ImageSet, pixelsPerImage } from './image-set.ts';

/** The examples at `indices`, in that order; classes and labels stay as they are. */
export function takeExamples(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const size = pixelsPerImage(set);
  const images = new Uint8Array(indices.length * size);
  const labels = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    images.set(set.images.subarray(index * size, (index + 1) * size), i * size);
    labels[i] = set.labels[index]!;
  }
  return { ...set, images, labels };
}

/** Examples of each class. */
export function classSizes({ labels, classNames }: Pick<ImageSet, 'labels' | 'classNames'>): number[] {
  const sizes = new Array<number>(classNames.length).fill(0);
  for (const label of labels) sizes[label]! += 1;
  return sizes;
}

/** Indices of each class's examples, ascending: one list a class. */
export function indicesByClass(set: ImageSet): readonly (readonly number[])[] {
  const lists: number[][] = set.classNames.map(() => []);
  set.labels.forEach((label, index) => {
    lists[label]!.push(index);
  });
  return lists;
}

/**
 * `perClass` examples of every class, drawn without replacement, in the set's order. A class's draw depends on the seed and
 * its name, not on which other classes are there. Throws InputError where a class has fewer.
 */
export function subsetPerClass(set: ImageSet, perClass: number, seed: number): ImageSet {
  const chosen: number[] = [];
  indicesByClass(set).forEach((indices, label) => {
    const name = set.classNames[label]!;
    if (indices.length < perClass)
      throw new InputError(
        `data.perClass is ${perClass}, but class ${name} of ${set.name} has ${indices.length} images`,
      );
    const order = permutation(indices.length, randomStream(hashName('subset'), seed, hashName(name)));
    for (const position of order.subarray(0, perClass)) chosen.push(indices[position]!);
  });
  return takeExamples(set, Int32Array.from(chosen).sort());
}

/**
 * The examples of the classes `names`, in the set's order, labels renumbered by position in `names`. Throws InputError for a
 * name that the set lacks.
 */
export function selectClasses(set: ImageSet, names: readonly string[]): ImageSet {
  const renumbered = new Int32Array(set.classNames.length).fill(-1);
  names.forEach((name, label) => {
    const old = set.classNames.indexOf(name);
    if (old < 0)
      throw new InputError(`${set.name} has no class ${name}${suggestionOfMany(name, set.classNames)}`);
    renumbered[old] = label;
  });
  const kept: number[] = [];
  set.labels.forEach((label, index) => {
    if (renumbered[label]! >= 0) kept.push(index);
  });
  const taken = takeExamples(set, kept);
  return { ...taken, labels: taken.labels.map((label) => renumbered[label]!), classNames: names };
}

/** All examples of `first`, then all of `second`; both have the same image size and classes. */
export function concatenate(first: ImageSet, second: ImageSet, name: string): ImageSet {
  if (
    first.height !== second.height ||
    first.width !== second.width ||
    first.channels !== second.channels ||
    first.classNames.join('\n') !== second.classNames.join('\n')
  )
    throw new InputError(`${first.name} and ${second.name} differ in image size, channels or classes`);
  const images = new Uint8Array(first.images.length + second.images.length);
  images.set(first.images);
  images.set(second.images, first.images.length);
  const labels = new Int32Array(first.labels.length + second.labels.length);
  labels.set(first.labels);
  labels.set(second.labels, first.labels.length);
  return { ...first, name, images, labels };
}

/** Whether no pixel has a colour, in one channel or in three. */
export function isGreySet({ images, channels }: ImageSet): boolean {
  if (channels !== 3) return channels === 1;
  for (let i = 0; i < images.length; i += 3)
    if (images[i] !== images[i + 1] || images[i] !== images[i + 2]) return false;
  return true;
}

/** Grey images with their channel repeated three times; images of three channels as they are. */
export function greyToColour(set: ImageSet): ImageSet {
  if (set.channels !== 1) return set;
  const images = new Uint8Array(set.images.length * 3);
  for (let i = 0; i < set.images.length; i++) images.fill(set.images[i]!, 3 * i, 3 * i + 3);
  return { ...set, channels: 3, images };
}
