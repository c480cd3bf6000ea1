import { createHash } from 'node:crypto';
import type { CheckpointLine, EpochLine } from '../../pipeline/records.ts';
import { valueText } from '../aggregate.ts';
import { flatten } from '../flat-config.ts';
import type { ReadRun, ReadSweep } from '../read-runs.ts';
import { checkpointScalars, epochScalars } from './checkpoint-values.ts';
import {
  type KeyValue,
  type Metric,
  type MlflowClient,
  type MlflowRun,
  type MlflowStatus,
  mlflowClient,
} from './mlflow-client.ts';
import { stepTimes } from './step-times.ts';

const mostParams = 100;
/** A run holds 1,000 entities a call, and a batch carries a tag too. */
const mostMetrics = 900;
const runTag = 'gcnc.run';
const sentTag = 'gcnc.sent';

export interface MlflowOutcome {
  readonly experiment: string;
  readonly created: number;
  /** Runs that got numbers they had not. */
  readonly continued: number;
  readonly unchanged: number;
}

/**
 * Writes the sweep as an MLflow experiment of its name, a run for each that has started. A run is known again by the name of its
 * folder, which holds the hash of its config, and by a tag that says how much of metrics.jsonl was sent: called
 * again, only what is new is sent, and a run whose earlier numbers have changed is made anew.
 */
export async function exportToMlflow(
  sweep: ReadSweep,
  trackingUri: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<MlflowOutcome> {
  const client = mlflowClient(trackingUri, environment);
  const experiment = await client.experiment(sweep.name);
  const outcome = { created: 0, continued: 0, unchanged: 0 };
  for (const run of sweep.runs)
    if (run.state !== 'pending') outcome[await exportRun(client, experiment, sweep.name, run)] += 1;
  return { experiment: sweep.name, ...outcome };
}

async function exportRun(
  client: MlflowClient,
  experiment: string,
  sweepName: string,
  run: ReadRun,
): Promise<'created' | 'continued' | 'unchanged'> {
  const batches = metricBatches(run);
  const found = await client.findRun(experiment, `tags.\`${runTag}\` = '${run.name.replaceAll("'", "''")}'`);
  const sent = found === null ? 0 : sentBatches(found, batches);
  if (found !== null && sent === null) await client.deleteRun(found.id);
  const known = sent === null ? null : found;
  const { id } = known ?? (await createRun(client, experiment, sweepName, run));
  const open = batches.slice(known === null ? 0 : (sent ?? 0));
  for (const { metrics, mark } of open)
    await client.logBatch(id, { metrics, tags: [{ key: sentTag, value: mark }] });
  await client.updateRun(id, statusOf(run), endOf(run));
  if (known === null) return 'created';
  return open.length > 0 ? 'continued' : 'unchanged';
}

async function createRun(client: MlflowClient, experiment: string, sweepName: string, run: ReadRun) {
  const commit = (run.environment?.git as { commit?: unknown } | undefined)?.commit;
  const tags: KeyValue[] = [
    { key: runTag, value: run.name },
    { key: 'gcnc.sweep', value: sweepName },
    ...(typeof commit === 'string' ? [{ key: 'mlflow.source.git.commit', value: commit }] : []),
  ];
  const start = run.start === null ? 0 : Date.parse(run.start);
  const created = await client.createRun(experiment, run.name, start, tags);
  const params = Object.entries(flatten(run.config ?? {})).map(([key, value]) => ({
    key,
    value: value === null ? 'null' : valueText(value),
  }));
  for (let at = 0; at < params.length; at += mostParams)
    await client.logBatch(created.id, { params: params.slice(at, at + mostParams) });
  return created;
}

interface MetricBatch {
  readonly metrics: readonly Metric[];
  /** Lines sent with this batch and before, and the hash of their numbers. */
  readonly mark: string;
}

/** The run's numbers in the order of its lines, a batch a line: a run that goes on only adds batches. */
function metricBatches(run: ReadRun): readonly MetricBatch[] {
  const timeOf = stepTimes(run);
  const hash = createHash('sha256');
  return inOrder(run).map((line, index): MetricBatch => {
    const scalars = line.kind === 'checkpoint' ? checkpointScalars(line) : epochScalars(line);
    const { step } = line;
    hash.update(JSON.stringify([step, scalars]));
    const mark = `${index + 1} ${hash.copy().digest('hex')}`;
    if (scalars.length > mostMetrics) throw new Error(`${run.name}: ${scalars.length} numbers in one line`);
    const timestamp = timeOf(step);
    return { metrics: scalars.map(({ tag: key, value }) => ({ key, value, timestamp, step })), mark };
  });
}

/** As metrics.jsonl has them: an epoch before the checkpoint that ends it. */
const inOrder = ({ epochs, checkpoints }: ReadRun): readonly (EpochLine | CheckpointLine)[] =>
  [...epochs, ...checkpoints].toSorted((a, b) => a.step - b.step);

/** How many of the batches the run has; null where what it has is not what they begin with. */
function sentBatches({ tags }: MlflowRun, batches: readonly MetricBatch[]): number | null {
  const mark = tags[sentTag];
  if (mark === undefined) return 0;
  const index = batches.findIndex((batch) => batch.mark === mark);
  return index === -1 ? null : index + 1;
}

const statuses = { done: 'FINISHED', failed: 'FAILED', interrupted: 'KILLED', running: 'RUNNING' } as const;

const statusOf = ({ state }: ReadRun): MlflowStatus => (state === 'pending' ? 'RUNNING' : statuses[state]);

const endOf = ({ state, heartbeat }: ReadRun): number | null =>
  state === 'running' || heartbeat === null ? null : Date.parse(heartbeat);
