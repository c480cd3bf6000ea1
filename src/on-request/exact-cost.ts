import type { ImageSet, Normalization } from '../data/image-set.ts';
import {
  type Complexity,
  type ComplexityOptions,
  geometricComplexity,
} from '../measures/geometric-complexity/geometric-complexity.ts';
import type { InferenceModel } from '../models/inference-model.ts';

/** Few images, so that the trial is a small part of a measuring; two numbers of rows tell the forward pass from a row. */
const trial = { images: 16, fewRows: 1, moreRows: 3 };

/**
 * Seconds that exact geometric complexity of the whole set takes: what it took, where it was exact; otherwise from a trial of exact rows.
 * Single probes would say too much, since the exact value shares one forward pass among all rows of the Jacobian.
 */
export const exactSeconds = async (
  model: InferenceModel,
  set: ImageSet,
  normalization: Normalization,
  options: ComplexityOptions,
  { record, seconds }: Complexity,
): Promise<number> => {
  if (options.estimator === 'exact') return seconds * (record.ofExamples / record.examples);
  const secondsFor = async (rows: number): Promise<number> => {
    const { relativeError: _, ...plain } = options;
    const rowsOf = { ...plain, estimator: 'outputs' as const, probes: rows, examples: trial.images };
    return (await geometricComplexity(model, set, normalization, rowsOf)).seconds;
  };
  const few = await secondsFor(trial.fewRows);
  const more = await secondsFor(Math.min(trial.moreRows, record.dimension));
  const rows = Math.min(trial.moreRows, record.dimension) - trial.fewRows;
  const perRow = rows === 0 ? few : Math.max(0, more - few) / rows;
  const perImage =
    (few + Math.max(0, record.dimension - trial.fewRows) * perRow) /
    Math.min(trial.images, record.ofExamples);
  return perImage * record.ofExamples;
};
