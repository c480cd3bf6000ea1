import { InputError } from '../input-error.ts';
import { checkEmbeddings } from '../measures/class-statistics.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { type DenseClassifier, denseReadouts } from './dense-readouts.ts';
import type { FeatureOptions } from './feature-rows.ts';
import { meanRow } from './mean-row.ts';
import type { ReadoutName, ReadoutOptions } from './readouts.ts';
import { type TestPart, testPart } from './test-part.ts';
import { wilsonInterval } from './wilson-interval.ts';

export interface FullProbeOptions {
  readonly readouts: readonly ReadoutName[];
  /** 1 for the data set's own test examples; null where it has none. */
  readonly isTest: Uint8Array | null;
  /** Draws the test examples where there are no own ones. */
  readonly seed: number;
  readonly features?: FeatureOptions | undefined;
  readonly readoutOptions?: ReadoutOptions | undefined;
}

export interface FullProbeResult {
  readonly readout: ReadoutName;
  readonly accuracy: number;
  /** Wilson's interval, over test examples. */
  readonly ci95: readonly [number, number];
  readonly converged: boolean;
  /** Class of each test example, in the order of the examples. */
  readonly predicted: Int32Array;
}

export interface FullProbe {
  readonly ways: number;
  readonly chance: number;
  readonly trainExamples: number;
  readonly testExamples: number;
  readonly testPart: TestPart;
  readonly results: readonly FullProbeResult[];
}

/**
 * `--shots all`: each readout trained once on all training examples of all classes and tested on the others. Centring by
 * `support` takes the mean of the training examples. Throws InputError for a class without training or test examples, fewer than
 * two classes, and embeddings that are not finite.
 */
export function fullProbe(
  embeddings: Embeddings,
  { readouts, isTest, seed, features = {}, readoutOptions = {} }: FullProbeOptions,
): FullProbe {
  checkEmbeddings(embeddings);
  const ways = embeddings.classNames.length;
  if (ways < 2) throw new InputError(`--shots all: ${ways} class; at least 2 are needed`);
  const part = testPart(embeddings, isTest, seed);
  const indices = [...embeddings.labels.keys()];
  const train = rowsOf(
    embeddings,
    indices.filter((example) => part.isTest[example] === 0),
  );
  const test = rowsOf(
    embeddings,
    indices.filter((example) => part.isTest[example] === 1),
  );
  const { dimension } = embeddings;
  const { centre = 'none', normalize = false } = features;
  const origin =
    typeof centre === 'string' ? (centre === 'support' ? meanRow(train.values, dimension) : null) : centre;
  for (const { values } of [train, test]) place(values, dimension, origin, normalize);
  const trained = { ...train, dimension, ways };
  const results = readouts.map((readout): FullProbeResult => {
    const classifier = denseReadouts[readout](trained, readoutOptions);
    const predicted = test.labels.map((_, row) =>
      decide(classifier, test.values.subarray(row * dimension, (row + 1) * dimension)),
    );
    const count = predicted.length;
    const right = predicted.filter((label, row) => label === test.labels[row]).length;
    const ci95 = wilsonInterval(right, count);
    return { readout, accuracy: right / count, ci95, converged: classifier.converged, predicted };
  });
  return {
    ways,
    chance: 1 / ways,
    trainExamples: train.labels.length,
    testExamples: test.labels.length,
    testPart: part,
    results,
  };
}

function rowsOf({ values, labels, dimension }: Embeddings, indices: readonly number[]) {
  const rows = new Float64Array(indices.length * dimension);
  indices.forEach((example, row) => {
    rows.set(values.subarray(example * dimension, (example + 1) * dimension), row * dimension);
  });
  return { values: rows, labels: Int32Array.from(indices, (example) => labels[example]!) };
}

/** Subtracts the origin and scales to length 1, in place; a zero vector stays. */
function place(
  values: Float64Array,
  dimension: number,
  origin: Float32Array | Float64Array | null,
  normalize: boolean,
): void {
  for (let start = 0; start < values.length; start += dimension) {
    const row = values.subarray(start, start + dimension);
    if (origin !== null) for (let k = 0; k < dimension; k++) row[k]! -= origin[k]!;
    if (!normalize) continue;
    let square = 0;
    for (let k = 0; k < dimension; k++) square += row[k]! ** 2;
    if (square > 0) for (let k = 0; k < dimension; k++) row[k]! /= Math.sqrt(square);
  }
}

/** The class of largest score, the first of equals. */
function decide({ weights, bias }: DenseClassifier, row: Float64Array): number {
  const scores = Float64Array.from(bias);
  for (let k = 0; k < row.length; k++)
    for (let c = 0; c < scores.length; c++) scores[c]! += row[k]! * weights[k * scores.length + c]!;
  let best = 0;
  for (let c = 1; c < scores.length; c++) if (scores[c]! > scores[best]!) best = c;
  return best;
}
