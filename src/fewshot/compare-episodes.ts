import { InputError } from '../input-error.ts';
import { comparePaired, type PairedComparison } from './compare.ts';
import { settingColumns } from './per-episode-rows.ts';
import {
  type PerEpisodeSeries,
  type PerEpisodeTable,
  readPerEpisodeTable,
  type SettingColumn,
} from './per-episode-table.ts';
import { checkExamples } from './same-examples.ts';

/** One number of shots and readout of two tables. */
export interface ComparedReadout extends PairedComparison {
  readonly shots: number;
  readonly readout: string;
  readonly first: number;
  readonly second: number;
  /** Of the episodes, those whose fit ended before its minimum; null where a table does not say it. */
  readonly unconverged: { readonly first: number | null; readonly second: number | null };
  /** How each was evaluated; empty where a table of an older version does not say it. */
  readonly settings: readonly ComparedSetting[];
}

/** Null where it is not known. */
export interface ComparedSetting {
  readonly setting: SettingColumn;
  readonly first: string | null;
  readonly second: string | null;
}

export interface EpisodeComparison {
  /** What was evaluated. */
  readonly first: string;
  readonly second: string;
  /** Names the first's list of episodes; the second's takes the same classes, queries and supports. */
  readonly list: string;
  /** What is not known of the examples, and what was not compared. */
  readonly notes: readonly string[];
  readonly results: readonly ComparedReadout[];
}

/**
 * The paired difference, first minus second, of two tables that `gcnc eval --per-episode` wrote of the same examples in the same episodes,
 * for each number of shots and readout that both have. Throws InputError: another file, other examples or episodes, nothing in common.
 */
export function compareEpisodeFiles(firstPath: string, secondPath: string): EpisodeComparison {
  const first = readPerEpisodeTable(firstPath);
  const second = readPerEpisodeTable(secondPath);
  const unknown = checkExamples(first, second);
  const shared = [...first.series.keys()].filter((key) => second.series.has(key));
  const paired = shared.filter((key) => sameEpisodes(first, second, key));
  if (paired.length === 0 && (shared.length > 0 || first.list !== second.list))
    throw new InputError(
      `${firstPath} and ${secondPath} are of different episodes (lists ${first.list} and ${second.list}); only the same episodes can be paired`,
    );
  if (paired.length === 0)
    throw new InputError(`${firstPath} and ${secondPath} have no number of shots and readout in common`);
  const results = paired.map((key) => compareSeries(first.series.get(key)!, second.series.get(key)!));
  const others = shared
    .filter((key) => !paired.includes(key))
    .map((key) => `${key.replace(',', ' shots, ')}: of different episodes, not compared`);
  const { evaluated, list } = first;
  return { first: evaluated, second: second.evaluated, list, notes: [...unknown, ...others], results };
}

/** Tables of older versions name the whole list only: it has the most shots that were asked for. */
function sameEpisodes(first: PerEpisodeTable, second: PerEpisodeTable, key: string): boolean {
  const [ours, theirs] = [first, second].map((each) => each.series.get(key)!.about.shotsList ?? each.list);
  return first.list === second.list || ours === theirs;
}

function compareSeries(first: PerEpisodeSeries, second: PerEpisodeSeries): ComparedReadout {
  const { shots, readout } = first;
  const settings = settingColumns
    .map((setting) => ({ setting, first: first.about[setting], second: second.about[setting] }))
    .filter((each) => each.first !== undefined && each.second !== undefined)
    .map((each) => ({ ...each, first: each.first || null, second: each.second || null }));
  return {
    ...{ shots, readout, first: meanOf(first.accuracies), second: meanOf(second.accuracies) },
    ...comparePaired(first.accuracies, second.accuracies),
    unconverged: { first: first.unconverged, second: second.unconverged },
    settings,
  };
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
