import { InputError } from '../input-error.ts';
import { drawEpisodes } from './episodes.ts';
import type { FeatureOptions, SupportEmbeddings } from './features.ts';
import { fullProbe } from './full-probe.ts';
import { examplesByClass, predictEpisodes } from './predict.ts';

/** What `C: auto` chooses from, the strongest regularisation first. */
export const penaltyCandidates = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100] as const;

/** Episodes of the validation classes that each candidate is tried on. */
export const penaltyEpisodes = 200;

export interface PenaltyChoice {
  readonly ways: number | 'all';
  readonly queries: number;
  readonly seed: number;
  readonly features: FeatureOptions;
}

/**
 * The C of logistic regression with the best mean accuracy on validation classes, with as many shots as it will be used with; the
 * smallest of equals. No class that is reported takes part. Throws InputError where these classes are too few or too small.
 */
export function chooseC(
  validation: SupportEmbeddings,
  shots: number | 'all',
  { ways, queries, seed, features }: PenaltyChoice,
): number {
  try {
    const sizes = examplesByClass(validation).map((examples) => examples.length);
    const list =
      shots === 'all'
        ? null
        : drawEpisodes(
            { ways, shots, queries, seed, episodes: penaltyEpisodes },
            sizes,
            validation.classNames,
          );
    const accuracyWith = (C: number): number => {
      const readouts = ['logistic'] as const;
      const readoutOptions = { C };
      if (list === null)
        return fullProbe(validation, { readouts, isTest: null, seed, features, readoutOptions }).results[0]!
          .accuracy;
      const { predicted } = predictEpisodes(validation, list, {
        shots: [shots as number],
        readouts,
        features,
        readoutOptions,
      })[0]!;
      return predicted.filter((way, at) => way === Math.floor((at / queries) % list.ways)).length;
    };
    return penaltyCandidates.reduce<{ C: number; best: number }>(
      (chosen, C) => {
        const accuracy = accuracyWith(C);
        return accuracy > chosen.best ? { C, best: accuracy } : chosen;
      },
      { C: penaltyCandidates[0], best: -1 },
    ).C;
  } catch (error) {
    throw error instanceof InputError
      ? new InputError(`C auto, on the validation classes: ${error.message}`)
      : error;
  }
}
