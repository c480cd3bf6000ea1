import { createHash } from 'node:crypto';
import { formatEpisodes } from './episode-file.ts';
import type { EpisodeList } from './episodes.ts';

/** Names a list of episodes: lists with the same 12 hex digits have the same classes, supports and queries. */
export const episodeDigest = (list: EpisodeList): string =>
  createHash('sha256').update(formatEpisodes(list)).digest('hex').slice(0, 12);
