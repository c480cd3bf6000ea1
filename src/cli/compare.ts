import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { isFolder } from '../files/is-folder.ts';
import { InputError } from '../input-error.ts';
import { compareFolders, sortRows } from '../report/compare.ts';
import { compareCsv, compareJson, compareMarkdown, compareText } from '../report/compare-text.ts';
import { refuseUnused } from './unused-options.ts';

interface Flags {
  readonly sort?: string;
  readonly descending?: boolean;
  readonly md?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** `gcnc compare DIR...`: sweeps or runs side by side. */
export const compareCommand = (): Command =>
  new Command('compare')
    .description('Runs side by side: the columns that differ, means and intervals over seeds')
    .argument('<dir...>', 'folders of sweeps or runs; or two tables of gcnc eval --per-episode, paired')
    .option('--sort <key>', 'order by a key or a quantity, such as targetCdnv')
    .option('--descending', 'largest first')
    .addOption(new Option('--md', 'a Markdown table').conflicts(['csv', 'json']))
    .addOption(new Option('--csv', 'comma-separated values, unrounded').conflicts(['md', 'json']))
    .addOption(new Option('--json', 'one JSON object on standard output'))
    .action(async (folders: string[], flags: Flags, command: Command) => {
      const { sort, descending = false, md, csv, json } = flags;
      const arePaired = folders.length === 2 && folders.every((path) => path.endsWith('.csv'));
      refuse(command, arePaired);
      if (arePaired) {
        const { compareEpisodeFiles } = await import('../fewshot/compare-episodes.ts');
        const { episodeComparisonText } = await import('./compare-episodes-text.ts');
        const paired = compareEpisodeFiles(folders[0]!, folders[1]!);
        process.stdout.write(json ? `${JSON.stringify(paired)}\n` : episodeComparisonText(paired));
        return;
      }
      const table = folders.find((path) => path.endsWith('.csv') && existsSync(path) && !isFolder(path));
      if (table !== undefined)
        throw new InputError(
          `${table}: is a table, of which two are compared, and nothing else; give two tables of gcnc eval --per-episode`,
        );
      const comparison = compareFolders(folders);
      const rows = sort === undefined ? comparison.rows : sortRows(comparison, sort, descending);
      const format = json ? compareJson : csv ? compareCsv : md ? compareMarkdown : compareText;
      process.stdout.write(format(comparison, rows));
    });

/** Two tables of episodes come out as a few lines, or as JSON: there are no rows to order or to write otherwise. */
function refuse(command: Command, arePaired: boolean): void {
  const ofRows = arePaired ? 'does nothing with two tables of episodes; it is of folders' : null;
  refuseUnused<Flags>(command, [
    ...(['sort', 'md', 'csv'] as const).map((option) => ({ option, unusedWhere: () => ofRows })),
    {
      option: 'descending',
      unusedWhere: ({ sort }) =>
        ofRows ?? (sort === undefined ? 'does nothing without --sort, which says by what' : null),
    },
  ]);
}
