import { readFileSync } from 'node:fs';
import { refusing } from '../files/open-file.ts';
import { InputError } from '../input-error.ts';
import { firstColumns, identityColumns, settingColumns, unconvergedColumn } from './per-episode-rows.ts';

export type IdentityColumn = (typeof identityColumns)[number];
export type SettingColumn = (typeof settingColumns)[number];

/** The rows of one number of shots and readout. */
export interface PerEpisodeSeries {
  readonly shots: number;
  readonly readout: string;
  /** In the order of the episodes. */
  readonly accuracies: readonly number[];
  /** Episodes whose fit ended before its minimum; null where the table does not say it. */
  readonly unconverged: number | null;
  /** Cells of the later columns; empty where unknown, absent in tables of older versions. */
  readonly about: Readonly<Partial<Record<IdentityColumn | SettingColumn, string>>>;
}

export interface PerEpisodeTable {
  readonly path: string;
  readonly evaluated: string;
  readonly list: string;
  /** By `shots,readout`. */
  readonly series: ReadonlyMap<string, PerEpisodeSeries>;
  /** Whether an older version wrote it, which kept nothing of examples and settings. */
  readonly isOlder: boolean;
}

type Growing = Omit<PerEpisodeSeries, 'accuracies' | 'unconverged'> & {
  readonly accuracies: number[];
  unconverged: number | null;
};

const header = firstColumns.join();
const laterColumns = [...identityColumns, ...settingColumns];

/** Reads a table of `gcnc eval --per-episode`, of this version or an older one. Throws InputError. */
export function readPerEpisodeTable(path: string): PerEpisodeTable {
  const [head = '', ...lines] = refusing(path, () => readFileSync(path, 'utf8'))
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const columns = cellsOf(head);
  if (columns.slice(0, firstColumns.length).join() !== header)
    throw new InputError(
      `${path}: is no table of gcnc eval --per-episode; its first line begins with ${header}`,
    );
  const series = new Map<string, Growing>();
  const present = laterColumns.filter((column) => columns.includes(column));
  const unconvergedAt = columns.indexOf(unconvergedColumn);
  let first: { readonly evaluated: string; readonly list: string } | undefined;
  lines.forEach((line, at) => {
    const where = `${path}:${at + 2}`;
    const cells = cellsOf(line);
    const [evaluated, list, episode, shots, readout, accuracy] = cells as [string, ...string[]];
    const key = `${shots},${readout}`;
    const about = Object.fromEntries(present.map((column) => [column, cells[columns.indexOf(column)]]));
    const own: Growing = series.get(key) ?? {
      shots: Number(shots),
      readout: readout ?? '',
      accuracies: [],
      unconverged: unconvergedAt === -1 ? null : 0,
      about,
    };
    const isRow =
      cells.length === columns.length &&
      /^[0-9a-f]+,\d+,\d+,[a-z][a-z0-9-]*,[\d.e-]+$/.test(cells.slice(1, firstColumns.length).join()) &&
      Number(accuracy) >= 0 &&
      Number(accuracy) <= 1 &&
      (unconvergedAt === -1 || /^[01]$/.test(cells[unconvergedAt] ?? '')) &&
      Number(episode) === own.accuracies.length;
    if (!isRow) throw new InputError(`${where}: no row of gcnc eval --per-episode`);
    first ??= { evaluated, list: list! };
    if (first.list !== list)
      throw new InputError(`${where}: list ${list} after ${first.list}; a table has one list of episodes`);
    const changed = present.find((column) => own.about[column] !== about[column]);
    if (changed !== undefined)
      throw new InputError(
        `${where}: ${changed} ${about[changed]} after ${own.about[changed]}; a number of shots and readout has one`,
      );
    own.accuracies.push(Number(accuracy));
    if (own.unconverged !== null) own.unconverged += Number(cells[unconvergedAt]);
    series.set(key, own);
  });
  return { path, ...(first ?? { evaluated: '', list: '' }), series, isOlder: present.length === 0 };
}

/** The cells of a line of CSV, without their quotes. */
const cellsOf = (line: string): string[] =>
  [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,"]*))(?=,|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
