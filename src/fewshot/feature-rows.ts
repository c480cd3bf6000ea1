import { InputError } from '../input-error.ts';
import { checkEmbeddings } from '../measures/class-statistics.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { innerProductBlock } from './inner-products-wasm.ts';

/** What is done to features before a readout sees them. Off by default. */
export interface FeatureOptions {
  /** Subtracts a given mean, say of the source classes, or the mean of each episode's support. */
  readonly centre?: 'none' | 'support' | Float32Array | Float64Array | undefined;
  /** Scales each feature vector, after centring, to length 1; a zero vector stays. */
  readonly normalize?: boolean | undefined;
}

/** Features in float64, and room for linear rules, where inner products are fast. */
export interface FeatureRows {
  /** ||x||^2 of each example. */
  readonly squaredNorms: Float64Array;
  /** Inner products of the examples, [n, n]. */
  gram(examples: Int32Array): Float64Array;
  /** Sets a rule's row to sum_i coefficients[start + i] x_i over the examples. */
  setRule(rule: number, examples: Int32Array, coefficients: Float64Array, start: number): void;
  /** Inner products of the examples with the first `rules` rules, [n, rules]. */
  scores(examples: Int32Array, rules: number): Float64Array;
}

const pageBytes = 65_536;
const largestBytes = 2 ** 32 - pageBytes;

/**
 * Copies embeddings to where the WebAssembly kernel reads them, with a base mean subtracted and scaled where the options say
 * so (centring by support is the episode's). Throws InputError for embeddings that are not finite or beyond 4 GiB.
 */
export function featureRows(
  embeddings: Embeddings,
  rules: number,
  { centre = 'none', normalize = false }: FeatureOptions = {},
): FeatureRows {
  checkEmbeddings(embeddings);
  const { values, dimension, labels } = embeddings;
  checkOrigin(typeof centre === 'string' ? null : centre, dimension);
  const columns = 4 * Math.ceil(dimension / 4);
  const rowBytes = 8 * columns;
  const evenRules = 2 * Math.ceil(rules / 2);
  const bytes = rowBytes * (labels.length + evenRules) + 64;
  if (bytes > largestBytes)
    throw new InputError(
      `few-shot: ${labels.length} embeddings of dimension ${dimension} need ${bytes} bytes; the limit is 4 GiB`,
    );
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
  const rows = new Float64Array(memory.buffer);
  const squaredNorms = new Float64Array(labels.length);
  for (let example = 0; example < labels.length; example++) {
    const row = rows.subarray(example * columns, example * columns + dimension);
    row.set(values.subarray(example * dimension, (example + 1) * dimension));
    if (typeof centre !== 'string') for (let k = 0; k < dimension; k++) row[k]! -= centre[k]!;
    let square = 0;
    for (let k = 0; k < dimension; k++) square += row[k]! * row[k]!;
    const scales = normalize && centre !== 'support' && square > 0;
    if (scales) for (let k = 0; k < dimension; k++) row[k]! /= Math.sqrt(square);
    squaredNorms[example] = scales ? 1 : square;
  }

  const block = innerProductBlock(memory);
  const ruleBytes = labels.length * rowBytes;
  const outBytes = ruleBytes + evenRules * rowBytes;
  const out = rows.subarray(outBytes / 8, outBytes / 8 + 8);
  /** Inner products of rows i to i + 3 of a list, of which the last repeats, with the rows at two addresses. */
  const blockOf = (first: Int32Array, i: number, w0: number, w1: number): void => {
    const last = first.length - 1;
    block(
      first[i]! * rowBytes,
      first[Math.min(i + 1, last)]! * rowBytes,
      first[Math.min(i + 2, last)]! * rowBytes,
      first[Math.min(i + 3, last)]! * rowBytes,
      w0,
      w1,
      rowBytes,
      outBytes,
    );
  };

  return {
    squaredNorms,
    gram(examples) {
      const size = examples.length;
      const gram = new Float64Array(size * size);
      for (let j = 0; j < size; j += 2) {
        const w1 = examples[Math.min(j + 1, size - 1)]! * rowBytes;
        for (let i = j - (j % 4); i < size; i += 4) {
          blockOf(examples, i, examples[j]! * rowBytes, w1);
          for (let at = 0; at < 8; at++) {
            const row = i + (at & 3);
            const column = j + (at >> 2);
            if (row >= size || column >= size) continue;
            gram[row * size + column] = out[at]!;
            gram[column * size + row] = out[at]!;
          }
        }
      }
      return gram;
    },
    setRule(rule, examples, coefficients, start) {
      const target = rows.subarray(ruleBytes / 8 + rule * columns, ruleBytes / 8 + (rule + 1) * columns);
      target.fill(0);
      const used: number[] = [];
      for (let i = 0; i < examples.length; i++) if (coefficients[start + i] !== 0) used.push(i);
      for (let u = 0; u < used.length; u += 4) {
        const at = [0, 1, 2, 3].map((step) => used[Math.min(u + step, used.length - 1)]!);
        const [i0, i1, i2, i3] = at as [number, number, number, number];
        const a0 = coefficients[start + i0]!;
        const a1 = u + 1 < used.length ? coefficients[start + i1]! : 0;
        const a2 = u + 2 < used.length ? coefficients[start + i2]! : 0;
        const a3 = u + 3 < used.length ? coefficients[start + i3]! : 0;
        const x0 = examples[i0]! * columns;
        const x1 = examples[i1]! * columns;
        const x2 = examples[i2]! * columns;
        const x3 = examples[i3]! * columns;
        for (let k = 0; k < dimension; k++)
          target[k]! += a0 * rows[x0 + k]! + a1 * rows[x1 + k]! + a2 * rows[x2 + k]! + a3 * rows[x3 + k]!;
      }
    },
    scores(examples, count) {
      const scores = new Float64Array(examples.length * count);
      for (let i = 0; i < examples.length; i += 4)
        for (let j = 0; j < count; j += 2) {
          const w0 = ruleBytes + j * rowBytes;
          blockOf(examples, i, w0, j + 1 < count ? w0 + rowBytes : w0);
          for (let at = 0; at < 8; at++) {
            const row = i + (at & 3);
            const column = j + (at >> 2);
            if (row < examples.length && column < count) scores[row * count + column] = out[at]!;
          }
        }
      return scores;
    },
  };
}

/** Throws InputError for a base mean of another dimension. */
export function checkOrigin(origin: ArrayLike<number> | null, dimension: number): void {
  if (origin !== null && origin.length !== dimension)
    throw new InputError(
      `few-shot: base mean of ${origin.length} numbers for embeddings of dimension ${dimension}`,
    );
}
