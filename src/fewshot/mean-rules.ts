import { InputError } from '../input-error.ts';
import { checkEmbeddings } from '../measures/class-statistics.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { checkOrigin } from './feature-rows.ts';
import { singleKernels } from './inner-products-wasm.ts';
import { sumOfSquares } from './sum-of-squares.ts';

/** How the readouts by class means see features: minus an origin, then scaled to length 1. */
export interface MeanFeatures {
  readonly origin: Float32Array | Float64Array | null;
  readonly normalize: boolean;
}

export type MeanReadout = 'nearest-mean' | 'cosine';

/** Decisions by the nearest class mean or the largest cosine with one, of one support set after another. */
export interface MeanRules {
  /** Takes the mean of each way's examples, as many of each, in the order of the ways. */
  setSupport(examples: Int32Array): void;
  /** Writes the way of each query to `out` from `start`; the first of equals. */
  decide(readout: MeanReadout, queries: Int32Array, out: Uint16Array, start: number): void;
}

const pageBytes = 65_536;
const largestBytes = 2 ** 32 - pageBytes;
/** Float32's relative rounding error, and its absolute one close to 0. */
const unit = 2 ** -24;
const smallest = 2 ** -149;

/**
 * Class means and their inner products with queries in float32, which is twice as fast as float64 and four times with the memory
 * that it spares; a query whose two best classes lie closer than a bound of the rounding errors is decided anew in float64.
 * Decisions are those of float64. Throws InputError for embeddings that are not finite.
 */
export function meanRules(
  embeddings: Embeddings,
  { ways, shots }: { readonly ways: number; readonly shots: number },
  { origin, normalize }: MeanFeatures,
): MeanRules {
  const { values, dimension, labels } = embeddings;
  if (values.length !== labels.length * dimension) checkEmbeddings(embeddings);
  checkOrigin(origin, dimension);
  const columns = 8 * Math.ceil(dimension / 8);
  const rowBytes = 4 * columns;
  const rules = 2 * Math.ceil(Math.max(1, ways - 1) / 2);
  const meansAt = labels.length * rowBytes;
  const rulesAt = meansAt + ways * rowBytes;
  const outAt = rulesAt + rules * rowBytes;
  const listAt = outAt + 32;
  const bytes = listAt + 4 * ways * shots;
  if (bytes > largestBytes)
    throw new InputError(
      `few-shot: ${labels.length} embeddings of dimension ${dimension} need ${bytes} bytes; the limit is 4 GiB`,
    );
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
  const rows = new Float32Array(memory.buffer);
  const addresses = new Int32Array(memory.buffer, listAt, ways * shots);
  const out = new Float32Array(memory.buffer, outAt, 8);
  const { block, mean } = singleKernels(memory);
  const lengths = new Float64Array(labels.length);
  const exactRow = (example: number, row: Float64Array): void => {
    for (let k = 0; k < dimension; k++)
      row[k] = values[example * dimension + k]! - (origin === null ? 0 : origin[k]!);
    if (!normalize) return;
    let square = 0;
    for (let k = 0; k < dimension; k++) square += row[k]! * row[k]!;
    if (square > 0) for (let k = 0; k < dimension; k++) row[k]! /= Math.sqrt(square);
  };
  fillRows();

  let support: Int32Array = new Int32Array(0);
  let exactMeans: Float64Array | null = null;
  let largestLength = 0;
  const squares = new Float64Array(ways);
  const ruleLengths = new Float64Array(ways);
  const biases = new Float64Array(ways);
  const errors = new Float64Array(ways);
  const query = new Float64Array(dimension);
  const scores = new Float32Array(4 * rules);
  const rounding = unit * (columns / 4 + 8);

  return {
    setSupport(examples) {
      support = examples;
      exactMeans = null;
      largestLength = 0;
      const perWay = examples.length / ways;
      for (let i = 0; i < examples.length; i++) {
        addresses[i] = examples[i]! * rowBytes;
        largestLength = Math.max(largestLength, lengths[examples[i]!]!);
      }
      for (let c = 0; c < ways; c++)
        mean(
          listAt + 4 * c * perWay,
          listAt + 4 * (c + 1) * perWay,
          1 / perWay,
          rowBytes,
          meansAt + c * rowBytes,
        );
    },
    decide(readout, queries, target, start) {
      setRules(readout);
      for (let i = 0; i < queries.length; i += 4) {
        const last = queries.length - 1;
        const x0 = queries[i]! * rowBytes;
        const x1 = queries[Math.min(i + 1, last)]! * rowBytes;
        const x2 = queries[Math.min(i + 2, last)]! * rowBytes;
        const x3 = queries[Math.min(i + 3, last)]! * rowBytes;
        for (let r = 0; r < rules; r += 2) {
          block(x0, x1, x2, x3, rulesAt + r * rowBytes, rulesAt + (r + 1) * rowBytes, rowBytes, outAt);
          for (let q = 0; q < 4; q++) {
            scores[q * rules + r] = out[q]!;
            scores[q * rules + r + 1] = out[4 + q]!;
          }
        }
        for (let q = 0; q < 4 && i + q < queries.length; q++) {
          const length = lengths[queries[i + q]!]!;
          let best = 0;
          let largest = 0;
          for (let c = 1; c < ways; c++) {
            const score = scores[q * rules + c - 1]! + biases[c]!;
            if (score > largest) {
              best = c;
              largest = score;
            }
          }
          const bestError = errorOf(best, length);
          let certain = true;
          for (let c = 0; c < ways; c++) {
            const score = c === 0 ? 0 : scores[q * rules + c - 1]! + biases[c]!;
            if (c !== best && !(largest - score > bestError + errorOf(c, length))) certain = false;
          }
          target[start + i + q] = certain ? best : exactDecision(readout, queries[i + q]!);
        }
      }
    },
  };

  /** Bound of the error of a way's score against the first on a query of that length; the first's own score is 0. */
  function errorOf(c: number, length: number): number {
    if (c === 0) return 0;
    const underflow = 8 * columns * smallest * (1 + length + largestLength + ruleLengths[c]!);
    return length * (rounding * ruleLengths[c]! + errors[c]!) + errors[c]! * largestLength + underflow;
  }

  function fillRows(): void {
    const isPlain = origin === null && !normalize;
    const isCopy = isPlain && columns === dimension;
    if (isCopy) rows.set(values);
    const row = new Float64Array(dimension);
    let total = 0;
    for (let example = 0; example < labels.length; example++) {
      const from = example * dimension;
      if (!isPlain) {
        exactRow(example, row);
        rows.set(row, example * columns);
      } else if (!isCopy) rows.set(values.subarray(from, from + dimension), example * columns);
      const square = isPlain ? sumOfSquares(values, from, dimension) : sumOfSquares(row, 0, dimension);
      total += square;
      lengths[example] = Math.sqrt(square);
    }
    if (!Number.isFinite(total)) checkEmbeddings(embeddings);
  }

  /** Rules that score each way against the first, and bounds of their errors (Higham 2002, section 3.1). */
  function setRules(readout: MeanReadout): void {
    const meanError = unit * (support.length / ways + 3) * largestLength;
    const first = meansAt / 4;
    for (let c = 0; c < ways; c++) squares[c] = sumOfSquares(rows, first + c * columns, dimension);
    const scale = (c: number): number => (readout === 'cosine' ? 1 / Math.sqrt(squares[c]!) : 1);
    const firstScale = scale(0);
    for (let c = 1; c < ways; c++) {
      const ownScale = scale(c);
      const own = first + c * columns;
      const target = rulesAt / 4 + (c - 1) * columns;
      for (let k = 0; k < dimension; k++)
        rows[target + k] = rows[own + k]! * ownScale - rows[first + k]! * firstScale;
      ruleLengths[c] = Math.sqrt(sumOfSquares(rows, target, dimension));
      biases[c] = readout === 'cosine' ? 0 : (squares[0]! - squares[c]!) / 2;
      // A normalised mean is off by twice its mean's relative error at most.
      const meanErrors = readout === 'cosine' ? 2 * (ownScale + firstScale) : 2;
      errors[c] = meanErrors * meanError + 2 * unit * ruleLengths[c]!;
    }
  }

  function exactDecision(readout: MeanReadout, example: number): number {
    exactMeans ??= meansInDouble();
    exactRow(example, query);
    let best = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < ways; c++) {
      let product = 0;
      let square = 0;
      let distance = 0;
      for (let k = 0; k < dimension; k++) {
        const value = exactMeans[c * dimension + k]!;
        product += value * query[k]!;
        square += value * value;
        distance += (query[k]! - value) ** 2;
      }
      const cosine = square > 0 ? product / Math.sqrt(square) : 0;
      // Written out, as ||mu||^2 - 2 mu . q loses the digits of classes that lie close together far from the origin.
      const score = readout === 'cosine' ? cosine : -distance;
      if (score > largest) {
        largest = score;
        best = c;
      }
    }
    return best;
  }

  function meansInDouble(): Float64Array {
    const means = new Float64Array(ways * dimension);
    const perWay = support.length / ways;
    for (let i = 0; i < support.length; i++) {
      exactRow(support[i]!, query);
      const at = Math.floor(i / perWay) * dimension;
      for (let k = 0; k < dimension; k++) means[at + k]! += query[k]! / perWay;
    }
    return means;
  }
}
