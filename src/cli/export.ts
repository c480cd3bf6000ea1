import { join } from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '../input-error.ts';
import { checkOutputFiles, checkOutputFolder, writingTo } from './outputs.ts';

const formats = ['csv', 'json', 'parquet', 'tensorboard', 'mlflow'] as const;
type Format = (typeof formats)[number];

interface Flags {
  readonly to: Format;
  readonly out?: string;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** `gcnc export DIR --to FORMAT`: a sweep's records for other programs. */
export const exportCommand = (): Command =>
  new Command('export')
    .description("A sweep's records as tables, or for TensorBoard or MLflow")
    .argument('<dir>', "a sweep's folder, such as runs/lr")
    .addOption(new Option('--to <format>', 'what to write').choices(formats).makeOptionMandatory())
    .option('--out <path>', 'folder (json: file, or - for standard output); default DIR/export/<format>')
    .option('--tracking-uri <url>', "MLflow's address; default MLFLOW_TRACKING_URI or http://127.0.0.1:5000")
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      `
Examples:
  gcnc export runs/lr --to csv                     runs, epochs, measures and fewshot .csv
  gcnc export runs/lr --to tensorboard --out logs && tensorboard --logdir logs
  gcnc export runs/lr --to mlflow --tracking-uri http://127.0.0.1:5000
W&B: docs/examples/sweep_to_wandb.py takes the folder of --to parquet`,
    )
    .action(async (folder: string, { to, out, trackingUri, json }: Flags) => {
      if (to === 'mlflow' && out !== undefined)
        throw new InputError('--out: not for mlflow, which takes --tracking-uri');
      if (to !== 'mlflow' && trackingUri !== undefined)
        throw new InputError(`--tracking-uri: only for mlflow, not ${to}`);
      const { readSweep } = await import('../report/read-runs.ts');
      const sweep = readSweep(folder);
      if (to === 'mlflow') {
        const { exportToMlflow } = await import('../report/export/mlflow.ts');
        const uri = trackingUri ?? process.env.MLFLOW_TRACKING_URI ?? 'http://127.0.0.1:5000';
        const outcome = await exportToMlflow(sweep, uri);
        const { experiment, created, continued, unchanged } = outcome;
        print(
          json,
          { to, trackingUri: uri, ...outcome },
          `MLflow experiment ${experiment} at ${uri}: ${created} runs created, ${continued} continued, ${unchanged} unchanged`,
        );
        return;
      }
      const path = out ?? join(folder, 'export', to === 'json' ? `${sweep.name}.json` : to);
      if (to !== 'json') checkOutputFolder('--out', path);
      else if (path !== '-') checkOutputFiles([{ option: '--out', path }]);
      const { writeCsv, writeJson, writeParquet } = await import('../report/export/write-tables.ts');
      const { writeTensorBoard } = await import('../report/export/tensorboard.ts');
      const write = { csv: writeCsv, json: writeJson, parquet: writeParquet, tensorboard: writeTensorBoard }[
        to
      ];
      const written = writingTo('--out', path, () => write(sweep, path));
      if (path !== '-') print(json, { to, out: path, written }, `${path}: ${written.length} ${unit(to)}`);
    });

const unit = (to: Format): string => (to === 'tensorboard' ? 'runs' : to === 'json' ? 'file' : 'tables');

const print = (json: boolean | undefined, record: object, text: string): void => {
  process.stdout.write(`${json ? JSON.stringify(record) : text}\n`);
};
