import type { RunConfig } from '../config/schema.ts';
import type { Normalization } from '../data/image-set.ts';
import { InputError } from '../input-error.ts';

/** Share of a deviation by which constants may differ without a word. */
const noticeable = 0.05;

/**
 * The constants that a run begins with, of its own images or of the checkpoint that `model.weights` names, and what a user should know of
 * them. Throws InputError where they differ noticeably, `model.normalization` chooses none, and no training makes up for it.
 */
export const firstNormalization = (
  { model, training }: Pick<RunConfig, 'model' | 'training'>,
  its: Normalization,
  own: Normalization,
): { readonly normalization: Normalization; readonly lines: readonly string[] } => {
  if (model.normalization === 'weights') return { normalization: its, lines: [] };
  if (model.normalization === 'data' || !differ(its, own)) return { normalization: own, lines: [] };
  const both = `model.weights: ${model.weights} takes images scaled with ${constants(its)}, and the run's own are ${constants(own)}`;
  const remedy = "model.normalization=weights takes the checkpoint's, and data the run's";
  if (model.freeze || training.epochs === 0)
    throw new InputError(
      `${both}; with ${model.freeze ? 'model.freeze' : 'training.epochs 0'} the network would not be the checkpoint's: ${remedy}`,
    );
  return { normalization: own, lines: [`${both}; the run takes its own. ${remedy}`] };
};

const differ = (its: Normalization, own: Normalization): boolean =>
  its.mean.some((mean, channel) => {
    const std = its.std[channel]!;
    const [ownMean, ownStd] = [own.mean[channel] ?? mean, own.std[channel] ?? std];
    return Math.abs(ownMean - mean) > noticeable * std || Math.abs(ownStd - std) > noticeable * std;
  });

const constants = ({ mean, std }: Normalization): string =>
  `mean ${digits(mean)} and deviation ${digits(std)}`;

const digits = (values: readonly number[]): string =>
  values.map((value) => String(Number(value.toPrecision(3)))).join(', ');
