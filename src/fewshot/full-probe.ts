import { classSizes } from '../data/selection.ts';
import { InputError } from '../input-error.ts';
import { defaultReadoutOptions, type ReadoutOptions } from '../readouts/readout-options.ts';
import type { ReadoutName } from '../readouts/readouts.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { publishWork } from '../work-channel.ts';
import { type Decided, decide } from './decide.ts';
import {
  type FeatureOptions,
  placeFeatures,
  type SupportEmbeddings,
  supportRows,
  takeRows,
} from './features.ts';
import { type TestPart, testPart } from './test-part.ts';

export interface FullProbeOptions {
  readonly readouts: readonly ReadoutName[];
  /** 1 for the data set's own test examples; null where it has none. */
  readonly isTest: Uint8Array | null;
  /** Draws the test examples where there are no own ones. */
  readonly seed: number;
  readonly features?: FeatureOptions | undefined;
  readonly readoutOptions?: Partial<ReadoutOptions> | undefined;
}

/** Of the test examples, in their order. */
export interface FullProbeResult extends Decided {
  readonly accuracy: number;
  /** Wilson's interval, over test examples. */
  readonly ci95: readonly [number, number];
}

export interface FullProbe {
  readonly ways: number;
  readonly chance: number;
  /** Share of the test examples that are of their largest class: what a readout gets that says this class always. */
  readonly majorityShare: number;
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
  const training = { ...train, dimension, ways, unit };
  const options = { ...defaultReadoutOptions, ...readoutOptions };
  const decided = decide(training, test.values, features, readouts, options, publishWork);
  const results = decided.map((each): FullProbeResult => {
    const count = each.predicted.length;
    const right = each.predicted.filter((label, row) => label === test.labels[row]).length;
    return { ...each, accuracy: right / count, ci95: wilsonInterval(right, count) };
  });
  return {
    ways,
    chance: 1 / ways,
    majorityShare:
      Math.max(...classSizes({ ...test, classNames: embeddings.classNames })) / test.labels.length,
    trainExamples: train.labels.length / Math.max(1, embeddings.copies?.length ?? 0),
    testExamples: test.labels.length,
    testPart: part,
    results,
  };
}
