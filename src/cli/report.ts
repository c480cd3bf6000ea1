import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { positiveNumber } from './numbers.ts';

interface Flags {
  readonly atLoss?: number;
  readonly json?: boolean;
}

/** `gcnc report DIR`: the summary on the terminal and report/report.html in the sweep's folder. */
export const reportCommand = (): Command =>
  new Command('report')
    .description("A sweep's tables, figures and page, in its folder")
    .argument('<dir>', "a sweep's folder, such as runs/lr")
    .option(
      '--at-loss <nat>',
      'training loss at which runs are compared beside their ends; default: the lowest that most pass',
      positiveNumber,
    )
    .option('--json', 'one JSON object on standard output')
    .action(async (folder: string, { atLoss, json }: Flags) => {
      const { reportPaths, writeReport } = await import('../report/write-report.ts');
      const report = await writeReport(folder, atLoss);
      if (!json) {
        const { printSummary } = await import('../report/summary.ts');
        await printSummary(folder, process.stdout, process.env, atLoss);
        process.stdout.write(`report: ${report}\n`);
        return;
      }
      const { aggregate } = await import('../report/aggregate.ts');
      const { readSweep } = await import('../report/read-runs.ts');
      const { resultsJson } = await import('../report/export/results-json.ts');
      const { figures: path } = reportPaths(folder);
      const figures = readdirSync(path).sort();
      const results = resultsJson(aggregate(readSweep(folder)), atLoss);
      process.stdout.write(
        `${JSON.stringify({ report, figures: figures.map((name) => join(path, name)), ...results })}\n`,
      );
    });
