import { shortSha256 } from '../files/short-sha256.ts';
import { formatEpisodes } from './episode-file.ts';
import type { EpisodeList } from './episodes.ts';

/**
 * Names a list of episodes: lists with the same 12 hex digits take the same positions among the examples of classes of the same sizes.
 * Which classes and images those are, it does not say: `examplesIdentity` does.
 */
export const episodeDigest = (list: EpisodeList): string => shortSha256(formatEpisodes(list));

/**
 * The same of classes, queries and the first `shots` supports: equal for lists that differ only in how many more supports they have, and
 * then the digest of the list that was drawn for these shots.
 */
export const digestAtShots = (list: EpisodeList, shots: number): string => {
  const [from, to] = [list.queries + list.shots, list.queries + shots];
  const members = list.members.filter((_, at) => at % from < to);
  return episodeDigest({ ...list, shots, members });
};
