import type { ReadoutName } from '../config/readout-names.ts';
import { InputError } from '../input-error.ts';
import {
  aroundSupport,
  type FeatureOptions,
  placeFeatures,
  type SupportEmbeddings,
  supportRows,
  takeRows,
} from './features.ts';
import { defaultReadoutOptions, type ReadoutOptions } from './readout.ts';
import { readouts as readoutTable } from './readouts.ts';
import { type TestPart, testPart } from './test-part.ts';
import { wilsonInterval } from './wilson-interval.ts';

export interface FullProbeOptions {
  readonly readouts: readonly ReadoutName[];
  /** 1 for the data set's own test examples; null where it has none. */
  readonly isTest: Uint8Array | null;
  /** Draws the test examples where there are no own ones. */
  readonly seed: number;
  readonly features?: FeatureOptions | undefined;
  readonly readoutOptions?: Partial<ReadoutOptions> | undefined;
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
  embeddings: SupportEmbeddings,
  { readouts, isTest, seed, features = {}, readoutOptions = {} }: FullProbeOptions,
): FullProbe {
  const ways = embeddings.classNames.length;
  if (ways < 2) throw new InputError(`--shots all: ${ways} class; at least 2 are needed`);
  const part = testPart(embeddings, isTest, seed);
  const { dimension } = embeddings;
  const { values, unit } = placeFeatures(embeddings, features);
  const chosen = (wanted: 0 | 1) => {
    const indices = [...embeddings.labels.keys()].filter((example) => part.isTest[example] === wanted);
    const examples = Int32Array.from(indices);
    const rows = wanted === 0 ? supportRows(embeddings, examples).rows : examples;
    const count = embeddings.labels.length;
    return {
      values: takeRows(values, dimension, rows),
      labels: rows.map((row) => embeddings.labels[row % count]!),
    };
  };
  const [train, test] = [chosen(0), chosen(1)];
  const isAround = features.centre === 'support';
  const trained = {
    ...train,
    dimension,
    ways,
    unit: isAround
      ? aroundSupport(train.values, test.values, dimension, unit, features.normalize ?? false)
      : unit,
  };
  const results = readouts.map((readout): FullProbeResult => {
    const classifier = readoutTable[readout].fit(trained, { ...defaultReadoutOptions, ...readoutOptions });
    const predicted = test.labels.map((_, row) => classifier.decide(test.values, row * dimension));
    const count = predicted.length;
    const right = predicted.filter((label, row) => label === test.labels[row]).length;
    const ci95 = wilsonInterval(right, count);
    return { readout, accuracy: right / count, ci95, converged: classifier.converged, predicted };
  });
  return {
    ways,
    chance: 1 / ways,
    trainExamples: train.labels.length / Math.max(1, embeddings.copies?.length ?? 0),
    testExamples: test.labels.length,
    testPart: part,
    results,
  };
}
