import type { RunConfig } from '../config/schema.ts';
import { requestedOptionsIn } from '../readouts/readout-options.ts';
import type { ReadoutName } from '../readouts/readouts.ts';
import { type EpisodeEvaluation, evaluateFewshot } from './evaluate.ts';
import type { SupportEmbeddings } from './features.ts';
import type { FewshotRecord } from './record.ts';

export interface RunEmbeddings {
  /** Of the classes that episodes are drawn from. */
  readonly heldOut: SupportEmbeddings;
  /** Where C is `auto`. */
  readonly validation: SupportEmbeddings | undefined;
  /** Mean embedding of the source's training images, where the config centres on it. */
  readonly baseMean: Float64Array | undefined;
}

/** The few-shot part of a run's config, evaluated as `gcnc eval` does with the options of the same names. Throws InputError. */
export function evaluateRun(
  { heldOut, validation, baseMean }: RunEmbeddings,
  fewshot: RunConfig['fewshot'],
): EpisodeEvaluation & { readonly record: Omit<FewshotRecord, 'split'> } {
  const { centre = 'none', normalize = false, ...options } = fewshot;
  const readouts = fewshot.readouts.filter((each): each is ReadoutName => each !== 'fine-tune');
  return evaluateFewshot(heldOut, {
    ...options,
    readouts,
    features: { centre: centre === 'base' ? baseMean! : centre, normalize },
    readoutOptions: requestedOptionsIn(fewshot),
    validation,
  });
}
