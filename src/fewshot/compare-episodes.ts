import { readFileSync } from 'node:fs';
import { InputError } from '../input-error.ts';
import { comparePaired, type PairedComparison } from './compare.ts';

/** One number of shots and readout of two tables. */
export interface ComparedReadout extends PairedComparison {
  readonly shots: number;
  readonly readout: string;
  readonly first: number;
  readonly second: number;
}

export interface EpisodeComparison {
  /** What was evaluated. */
  readonly first: string;
  readonly second: string;
  /** Names the list of episodes that both share. */
  readonly list: string;
  readonly results: readonly ComparedReadout[];
}

const header = 'evaluated,list,episode,shots,readout,accuracy';

interface Table {
  readonly evaluated: string;
  readonly list: string;
  /** Accuracies by `shots,readout`, in the order of the episodes. */
  readonly accuracies: ReadonlyMap<string, readonly number[]>;
}

/**
 * The paired difference, first minus second, of two tables that `gcnc eval --per-episode` wrote of the same list of episodes, for each
 * number of shots and readout that both have. Throws InputError: another file, other lists, nothing in common.
 */
export function compareEpisodeFiles(firstPath: string, secondPath: string): EpisodeComparison {
  const first = readTable(firstPath);
  const second = readTable(secondPath);
  if (first.list !== second.list)
    throw new InputError(
      `${firstPath} and ${secondPath} are of different episodes (lists ${first.list} and ${second.list}); only the same list can be paired`,
    );
  const shared = [...first.accuracies.keys()].filter((key) => second.accuracies.has(key));
  if (shared.length === 0)
    throw new InputError(`${firstPath} and ${secondPath} have no number of shots and readout in common`);
  const results = shared.map((key): ComparedReadout => {
    const [shots, readout] = key.split(',') as [string, string];
    const ours = first.accuracies.get(key)!;
    const theirs = second.accuracies.get(key)!;
    const paired = comparePaired(ours, theirs);
    return { shots: Number(shots), readout, first: meanOf(ours), second: meanOf(theirs), ...paired };
  });
  return { first: first.evaluated, second: second.evaluated, list: first.list, results };
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function readTable(path: string): Table {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  if (head !== header)
    throw new InputError(`${path}: is no table of gcnc eval --per-episode; its first line is ${header}`);
  const accuracies = new Map<string, number[]>();
  let evaluated = '';
  let list = '';
  lines.forEach((line, at) => {
    // Only the first column, a path, can hold commas; it is then in quotes.
    const [, name, digest, episode, shots, readout, accuracy] =
      /^("(?:[^"]|"")*"|[^,]*),([0-9a-f]+),(\d+),(\d+),([a-z][a-z0-9-]*),([\d.e-]+)$/.exec(line) ?? [];
    const values = accuracies.get(`${shots},${readout}`) ?? [];
    const value = Number(accuracy);
    if (name === undefined || !(value >= 0 && value <= 1) || Number(episode) !== values.length)
      throw new InputError(`${path}:${at + 2}: no row of gcnc eval --per-episode`);
    if (list !== '' && list !== digest)
      throw new InputError(
        `${path}:${at + 2}: list ${digest} after ${list}; a table has one list of episodes`,
      );
    values.push(value);
    accuracies.set(`${shots},${readout}`, values);
    evaluated = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
    list = digest!;
  });
  return { evaluated, list, accuracies };
}

/** A table for people; the interval is over episodes. */
export function episodeComparisonText({ first, second, list, results }: EpisodeComparison): string {
  const percent = (share: number): string => (100 * share).toFixed(2);
  const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
  const rows = [
    ['shots', 'readout', 'first %', 'second %', 'difference', '95 % interval', 'n'],
    ...results.map((each) => [
      String(each.shots),
      each.readout,
      percent(each.first),
      percent(each.second),
      signed(each.difference),
      `${signed(each.ci95[0])} to ${signed(each.ci95[1])}`,
      `${each.episodes} episodes`,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const notes = `difference: first minus second in points, paired over the episodes of list ${list}; nothing is said of other training seeds`;
  return `${[`first:  ${first}`, `second: ${second}`, '', ...lines, '', notes].join('\n')}\n`;
}
