import type { StateDict, WeightSpec } from '../../src/models/weights.ts';

/** fixtures/formula.py in TypeScript: values in [-1, 1) as a function of a name and an index. */
export const uniform = (name: string, size: number): Float32Array => {
  let seed = 2166136261;
  for (const character of name) seed = Math.imul(seed ^ character.charCodeAt(0), 16777619) >>> 0;
  const values = new Float32Array(size);
  for (let index = 0; index < size; index++) {
    let h = (Math.imul(index, 2654435761) ^ seed) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
    h = (h ^ (h >>> 16)) >>> 0;
    values[index] = (h >>> 8) / 2 ** 23 - 1;
  }
  return values;
};

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** Python's `round`. */
const roundHalfToEven = (value: number): number => {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
};

const weight = ({ name, shape }: WeightSpec): Float32Array => {
  const values = uniform(name, sizeOf(shape));
  if (shape.length === 4) {
    const factor = 2 ** roundHalfToEven(0.5 * Math.log2(6 / sizeOf(shape.slice(1))));
    return values.map((value) => value * factor);
  }
  if (shape.length === 2) return values.map((value) => value / 4);
  if (name.endsWith('running_var')) return values.map((value) => 1 + value / 2);
  if (name.endsWith('running_mean') || name.endsWith('bias')) return values.map((value) => value / 4);
  return values.map((value) => 1 + value / 2);
};

/** Weights that the fixtures were made with. */
export const formulaWeights = (specs: readonly WeightSpec[]): StateDict =>
  new Map(specs.map((spec) => [spec.name, { shape: spec.shape, values: weight(spec) }]));

/** Images [count, height, width, channels] that the fixtures were made with, in units of normalised pixels. */
export const formulaImages = (
  count: number,
  [height, width, channels]: readonly number[],
  name = 'images',
): Float32Array => uniform(name, count * height! * width! * channels!).map((value) => value * 2);

export const formulaLabels = (count: number, classes: number): Int32Array =>
  Int32Array.from({ length: count }, (_, index) => (index * 7 + 3) % classes);
