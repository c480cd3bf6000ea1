import { formatShape, type NpyArray } from '../formats/npy.ts';
import { readNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';
import { refuseRepeated } from './class-names.ts';
import type { DataSource } from './data-source.ts';
import { seededPart } from './holdout.ts';
import type { ImageSet } from './image-set.ts';

/**
 * A labelled set from a .npz file: `images` [N,H,W,C] (uint8, booleans as 0 and 255, or floats in [0,1],
 * rounded to the nearest of 256 levels),
 * `labels` [N] of any integer type, and optionally `class_names`; without names a class is called by its label. Train and
 * test parts are drawn (see `seededPart`).
 */
export function npzSource(path: string): DataSource {
  let whole: ImageSet | undefined;
  return {
    name: path,
    ownSplit: 'none',
    location: path,
    testPart: () => 'drawn',
    load: async (part) => {
      whole ??= readImages(path);
      return seededPart(whole, part);
    },
  };
}

function readImages(path: string): ImageSet {
  const arrays = readNpz(path, { only: ['images', 'labels', 'class_names'], required: ['images', 'labels'] });
  const images = arrays.get('images')!;
  const labels = arrays.get('labels')!;
  const [count, height, width, channels] = images.shape as [number, number, number, number];
  if (images.shape.length !== 4 || ![1, 3].includes(channels) || images.values.length === 0)
    throw new InputError(`${path}: images: expected [N, H, W, 1 or 3], found ${formatShape(images.shape)}`);
  if (labels.shape.length !== 1 || labels.shape[0] !== count)
    throw new InputError(
      `${path}: labels: expected [${count}], one per image, found ${formatShape(labels.shape)}`,
    );
  return {
    name: path,
    height,
    width,
    channels,
    images: toBytes(images, path),
    ...numberLabels(integerLabels(labels, path), arrays.get('class_names'), path),
  };
}

function toBytes(array: NpyArray, path: string): Uint8Array {
  const { dtype, values } = array;
  if (values instanceof Uint8Array) {
    if (dtype === 'number' && array.isBoolean) return values.map((value) => 255 * value);
    return values;
  }
  if (dtype !== 'number' || !(values instanceof Float32Array || values instanceof Float64Array))
    throw new InputError(`${path}: images: expected uint8 or floats in [0,1], found another type`);
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= 1))
      throw new InputError(`${path}: images: expected floats in [0,1], found ${value} at ${i}`);
    bytes[i] = Math.round(value * 255);
  }
  return bytes;
}

/** Labels of any integer type as plain numbers. Throws InputError for other types and for numbers below 0 or over 2^31. */
export function integerLabels({ dtype, values }: NpyArray, path: string): Int32Array {
  if (dtype === 'string' || values instanceof Float32Array || values instanceof Float64Array)
    throw new InputError(
      `${path}: labels: expected integers, found ${dtype === 'string' ? 'text' : 'floats'}`,
    );
  const labels = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const label = Number(values[i]);
    if (label < 0 || label > 0x7fffffff)
      throw new InputError(`${path}: labels: expected 0 to 2147483647, found ${label} at ${i}`);
    labels[i] = label;
  }
  return labels;
}

/** Class names for labels: those given, or else each label that occurs by its number. Throws InputError. */
export function numberLabels(
  labels: Int32Array,
  names: NpyArray | undefined,
  path: string,
): Pick<ImageSet, 'labels' | 'classNames' | 'hasNumberedClasses'> {
  if (names === undefined) {
    const present = [...new Set(labels)].sort((a, b) => a - b);
    const position = new Map(present.map((label, index) => [label, index]));
    const numbered = { classNames: present.map(String), hasNumberedClasses: true };
    return { labels: labels.map((label) => position.get(label)!), ...numbered };
  }
  if (names.dtype !== 'string' || names.shape.length !== 1)
    throw new InputError(`${path}: class_names: expected a list of strings`);
  const wrong = labels.findIndex((label) => label >= names.values.length);
  if (wrong >= 0)
    throw new InputError(
      `${path}: labels: expected numbers below ${names.values.length}, the number of class_names, found ${labels[wrong]} at ${wrong}`,
    );
  refuseRepeated(names.values, `${path}: class_names`);
  return { labels, classNames: names.values };
}
