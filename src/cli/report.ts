import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { dataKinds } from '../config/data-kinds.ts';
import { InputError } from '../input-error.ts';
import { checkpointPaths, runPaths } from '../runs/paths.ts';
import { positiveNumber, seedNumber, wholeNumber } from './numbers.ts';
import { checkOutputFolder, writingLater } from './outputs.ts';
import type { CheckpointReportFlags } from './report-checkpoint.ts';

interface Flags extends CheckpointReportFlags {
  readonly atLoss?: number;
}

/** Options that mean something of one checkpoint only. */
const ofCheckpoint = ['data', 'split', 'estimator', 'examples', 'seed'] as const;

/** `gcnc report DIR`: the summary on the terminal and report/report.html in the sweep's folder; of a checkpoint, its own page. */
export const reportCommand = (): Command =>
  new Command('report')
    .description("A sweep's tables, figures and page, in its folder; or the page of one checkpoint")
    .argument('<dir>', "a sweep's folder, such as runs/lr; a run's or a checkpoint's")
    .option(
      '--at-loss <nat>',
      'training loss at which runs are compared beside their ends; default: the lowest that most pass',
      positiveNumber,
    )
    .option('--data <name>', `of a checkpoint: a name of gcnc data list, ${dataKinds}; its own where absent`)
    .option('--split <name>', 'of a checkpoint: as of gcnc measure; default: sourceTrain')
    .addOption(new Option('--estimator <name>', 'of a checkpoint').choices(['exact', 'hutchinson']))
    .option('--examples <n>', 'of a checkpoint: at most so many for geometric complexity', wholeNumber(1))
    .option('--seed <n>', 'of a checkpoint: of the examples and probes', seedNumber)
    .option(
      '--out <path>',
      "of a sweep: the report's folder, default DIR/report; of a checkpoint: the page, default report.html in its folder",
    )
    .option('--json', 'one JSON object on standard output')
    .action(async (folder: string, flags: Flags) => {
      const { atLoss, json, out } = flags;
      if (isCheckpoint(folder)) {
        if (atLoss !== undefined) throw new InputError(`--at-loss: ${folder} is one checkpoint, no sweep`);
        const { reportCheckpoint } = await import('./report-checkpoint.ts');
        return reportCheckpoint(folder, flags);
      }
      const given = ofCheckpoint.find((name) => flags[name] !== undefined);
      if (given !== undefined)
        throw new InputError(`--${given}: ${folder} is no checkpoint; give a checkpoint's or a run's folder`);
      const { reportPaths, writeReport } = await import('../report/write-report.ts');
      if (out !== undefined) checkOutputFolder('--out', out);
      const paths = reportPaths(folder, out);
      const report = await writingLater('--out', paths.folder, () => writeReport(folder, atLoss, out));
      if (!json) {
        const { printSummary } = await import('../report/summary.ts');
        await printSummary(folder, process.stdout, process.env, atLoss);
        process.stdout.write(`report: ${report}\n`);
        return;
      }
      const { aggregate } = await import('../report/aggregate.ts');
      const { readSweep } = await import('../report/read-runs.ts');
      const { resultsJson } = await import('../report/export/results-json.ts');
      const figures = readdirSync(paths.figures).sort();
      const results = resultsJson(aggregate(readSweep(folder)), atLoss);
      process.stdout.write(
        `${JSON.stringify({ report, figures: figures.map((name) => join(paths.figures, name)), ...results })}\n`,
      );
    });

/** A checkpoint's folder, or a run's with checkpoints; a sweep's has sweep.yaml. */
const isCheckpoint = (folder: string): boolean =>
  !existsSync(join(folder, 'sweep.yaml')) &&
  (existsSync(checkpointPaths(folder).state) ||
    (existsSync(runPaths(folder).config) && existsSync(runPaths(folder).checkpoints)));
