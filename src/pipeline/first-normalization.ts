import type { RunConfig } from '../config/schema.ts';
import type { Normalization } from '../data/image-set.ts';
import { InputError } from '../input-error.ts';

/** Shares of a deviation: constants that differ by more are told of, and by still more are those of another scale. */
const [noticeable, other] = [0.05, 0.25];

/**
 * The constants that a run begins with, of its own images or of the checkpoint that `model.weights` names, and what a user should know of
 * them. Throws InputError where they are of another scale, `model.normalization` chooses none, and no training makes up for it.
 */
export const firstNormalization = (
  { model, training }: Pick<RunConfig, 'model' | 'training'>,
  its: Normalization,
  own: Normalization,
): { readonly normalization: Normalization; readonly lines: readonly string[] } => {
  if (model.normalization === 'weights') return { normalization: its, lines: [] };
  const apart = distance(its, own);
  if (model.normalization === 'data' || apart <= noticeable) return { normalization: own, lines: [] };
  const both = `model.weights: ${model.weights} takes images scaled with ${constants(its)}, and the run's own are ${constants(own)}`;
  const remedy = "model.normalization=weights takes the checkpoint's, and data the run's";
  if (apart > other && (model.freeze || training.epochs === 0))
    throw new InputError(
      `${both}; with ${model.freeze ? 'model.freeze' : 'training.epochs 0'} the network would not be the checkpoint's: ${remedy}`,
    );
  return { normalization: own, lines: [`${both}; the run takes its own. ${remedy}`] };
};

/** The largest difference of a mean or a deviation, in the checkpoint's deviations. */
const distance = (its: Normalization, own: Normalization): number =>
  Math.max(
    ...its.mean.flatMap((mean, channel) => {
      const std = its.std[channel]!;
      const [ownMean, ownStd] = [own.mean[channel] ?? mean, own.std[channel] ?? std];
      return [Math.abs(ownMean - mean) / std, Math.abs(ownStd - std) / std];
    }),
  );

const constants = ({ mean, std }: Normalization): string =>
  `mean ${digits(mean)} and deviation ${digits(std)}`;

const digits = (values: readonly number[]): string =>
  values.map((value) => String(Number(value.toPrecision(3)))).join(', ');
