import { Command } from 'commander';
import { findRuns } from '../report/run-list/find-runs.ts';
import { bestFirst, bestQuantity, listRuns } from '../report/run-list/list-runs.ts';
import { runListJson, runListText } from '../report/run-list/list-text.ts';
import { type Condition, filterRuns, parseCondition, valuesOf } from '../report/run-list/where.ts';

interface Flags {
  readonly where: readonly Condition[];
  readonly best?: string;
  readonly json?: boolean;
}

/** `gcnc runs DIR...`: all runs of all sweeps, with what was measured of each last. */
export const runsCommand = (): Command =>
  new Command('runs')
    .description('All runs of sweeps in one table: state, varied values, measures, few-shot accuracy')
    .argument('[dir...]', 'folders of sweeps, of runs, or of many sweeps; runs where none is given')
    .option(
      '--where <condition>',
      "such as training.l2=0, 'training.learningRate>0.01', state!=done; repeated: all must hold",
      (text: string, before: readonly Condition[]) => [...before, parseCondition(text)],
      [] as readonly Condition[],
    )
    .option(
      '--best <measure>',
      'the best run first: fewshot (its last shots and readout), or an id of --json such as targetCdnv or fewshot_target_5way_1shot_nearest-mean',
    )
    .option('--json', 'one JSON object on standard output')
    .action((folders: string[], { where, best, json }: Flags) => {
      const found = findRuns(folders.length === 0 ? ['runs'] : folders);
      const list = listRuns(found.runs);
      const { kept, unknown } = filterRuns(list.runs, where);
      const quantity = best === undefined ? null : bestQuantity({ ...list, runs: kept }, best);
      const shown = quantity === null ? kept : bestFirst(kept, quantity);
      if (json) {
        process.stdout.write(`${JSON.stringify(runListJson(list, shown, unknown, found))}\n`);
        return;
      }
      if (shown.length > 0) process.stdout.write(runListText(list, shown, quantity));
      else
        process.stdout.write(
          `no run of ${list.runs.length}${where.map((each) => `; ${valuesOf(list.runs, each)}`).join('')}\n`,
        );
      if (unknown > 0)
        process.stdout.write(
          `${unknown} not shown: they have not started or are not measured, so that --where cannot be judged\n`,
        );
      if (found.leftOut > 0)
        process.stdout.write(`${found.leftOut} not shown: runs of an earlier version of their sweep\n`);
      for (const problem of found.problems) process.stdout.write(`! ${problem}\n`);
    });
