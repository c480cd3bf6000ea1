import { episodeDigest } from './episode-digest.ts';
import type { EpisodeEvaluation } from './evaluate.ts';

/** One row per episode, number of shots and readout: the table of `--per-episode`, which `gcnc compare` reads. */
export interface PerEpisodeRow {
  readonly evaluated: string;
  /** Names the list of episodes; only rows of one list can be paired. */
  readonly list: string;
  readonly episode: number;
  readonly shots: number;
  readonly readout: string;
  readonly accuracy: number;
}

export function perEpisodeRows(
  evaluated: string,
  { perEpisode, list }: EpisodeEvaluation,
): (PerEpisodeRow & Record<string, string | number>)[] {
  const digest = episodeDigest(list);
  return perEpisode.flatMap(({ shots, readout, accuracies }) =>
    Array.from(accuracies, (accuracy, episode) => ({
      evaluated,
      list: digest,
      episode,
      shots,
      readout,
      accuracy,
    })),
  );
}
