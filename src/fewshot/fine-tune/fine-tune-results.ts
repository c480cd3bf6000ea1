import { fineTuneDefaults } from '../../config/fewshot-schema.ts';
import type { RunConfig } from '../../config/schema.ts';
import type { EpisodeList } from '../episodes.ts';
import type { FewshotResult } from '../record.ts';
import { type FineTuneSource, fineTuneEpisodes } from './fine-tune-evaluation.ts';

export type { FineTuneSource };

/** Readout `fine-tune` of a run's config: the first episodes of the list that its other readouts share, one result per number of shots. */
export const fineTuneResults = async (
  source: FineTuneSource,
  list: EpisodeList,
  { shots, seed, fineTune }: RunConfig['fewshot'],
): Promise<readonly FewshotResult[]> => {
  const { episodes, ...options } = fineTune ?? fineTuneDefaults;
  const found = await fineTuneEpisodes(source, list, shots, episodes, { ...options, seed });
  return found.map(({ accuracy, ci95, n, unconverged }, at) => ({
    ...{ shots: shots[at]!, readout: 'fine-tune', accuracy, ci95, episodes: n, unconverged },
    regularization: options,
  }));
};
