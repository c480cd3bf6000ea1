import { Command } from 'commander';
import { InputError } from '../input-error.ts';

interface Flags {
  readonly accuracy?: string;
  readonly measure?: string;
  readonly json?: boolean;
}

/** `gcnc predict DIR...`: which measure ranks few-shot accuracy best, over the configurations of several sweeps. */
export const predictCommand = (): Command =>
  new Command('predict')
    .description(
      'Which measure ranks few-shot accuracy best, over the configurations of one sweep or several',
    )
    .argument('<dir...>', "sweeps' folders; a run that several of them hold counts once")
    .option(
      '--accuracy <id>',
      'few-shot accuracy, such as fewshot_target_5way_5shot_logistic; the last one where absent',
    )
    .option('--measure <text>', 'only measures whose name or label holds the text')
    .option('--json', 'one JSON object on standard output')
    .action(async (folders: string[], { accuracy, measure, json }: Flags) => {
      const { aggregate } = await import('../report/aggregate.ts');
      const { readSweep } = await import('../report/read-runs.ts');
      const { pooledPredictors, reportedAccuracy } = await import('../report/predictor-runs.ts');
      const { problemsOfPool } = await import('../report/problems.ts');
      const { differingCopies } = await import('../report/repeated-runs.ts');
      const { wrapped } = await import('../report/terminal-table.ts');
      const { predictorsText } = await import('../report/predictors-text.ts');
      const pool = folders.map((folder) => aggregate(readSweep(folder)));
      const known = [...new Set(pool.flatMap(({ fewshot }) => fewshot.map(({ id }) => id)))];
      const chosen = accuracy ?? pool.map(reportedAccuracy).findLast((each) => each !== undefined)?.id;
      if (chosen === undefined || !known.includes(chosen))
        throw new InputError(
          known.length === 0
            ? `${folders.join(', ')}: no finished run has a few-shot accuracy`
            : `--accuracy ${chosen}: not in these sweeps; allowed are ${known.join(', ')}`,
        );
      const table = pooledPredictors(pool, chosen);
      const wanted = (text: string): boolean =>
        measure === undefined || text.toLowerCase().includes(measure.toLowerCase());
      const predictors = table.predictors.filter(({ id, label }) => wanted(id) || wanted(label));
      if (predictors.length === 0)
        throw new InputError(
          `--measure ${measure}: no measure is called so; allowed is a part of one of ${table.predictors.map(({ id }) => id).join(', ')}`,
        );
      const runs = pool.flatMap(({ finished }) => finished.map(({ run }) => run));
      const notes = [...problemsOfPool(pool), ...differingCopies(runs)];
      process.stdout.write(
        json
          ? `${JSON.stringify({ sweeps: folders, ...table, predictors, problems: notes })}\n`
          : [
              predictorsText(table, Number.POSITIVE_INFINITY, predictors),
              ...notes.map((note) => wrapped(`! ${note}`)),
              '',
            ].join('\n'),
      );
    });
