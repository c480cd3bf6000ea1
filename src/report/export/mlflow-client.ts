import { z } from 'zod';
import { InputError } from '../../input-error.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface Metric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

export interface MlflowRun {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type MlflowStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

const runSchema = z.object({
  info: z.object({ run_id: z.string() }),
  data: z.object({ tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]) }),
});

/**
 * MLflow's REST API (version 2.0), as far as the export needs it. Takes MLFLOW_TRACKING_USERNAME and _PASSWORD or
 * MLFLOW_TRACKING_TOKEN from the environment as MLflow's own client does. Errors name the server's answer in one line.
 */
export function mlflowClient(trackingUri: string, environment: NodeJS.ProcessEnv = process.env) {
  if (!/^https?:\/\//.test(trackingUri))
    throw new InputError(`--tracking-uri ${trackingUri}: an http:// or https:// address is needed`);
  const base = trackingUri.replace(/\/+$/, '');
  // A kept connection that the server closes meanwhile would fail a call that must not be sent twice.
  const headers = { connection: 'close', 'content-type': 'application/json', ...authorization(environment) };

  async function call(method: 'GET' | 'POST', path: string, body: Readonly<Record<string, unknown>>) {
    const query = new URLSearchParams(
      Object.entries(body).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const url = `${base}/api/2.0/mlflow/${path}${method === 'GET' ? `?${query}` : ''}`;
    const response = await fetch(url, {
      method,
      headers,
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    }).catch((error: Error) => {
      const cause = error.cause instanceof Error ? error.cause.message : error.message;
      throw new InputError(`no answer from MLflow at ${base} (${cause}); start one with mlflow server`);
    });
    const text = await response.text();
    return { status: response.status, text };
  }

  async function post<T>(path: string, body: Readonly<Record<string, unknown>>, schema: z.ZodType<T>) {
    const { status, text } = await call('POST', path, body);
    if (status !== 200) throw new Error(refusal(path, status, text));
    return schema.parse(JSON.parse(text || '{}'));
  }

  return {
    /** The experiment's id; it is created where there is none of that name. */
    async experiment(name: string): Promise<string> {
      const path = 'experiments/get-by-name';
      const { status, text } = await call('GET', path, { experiment_name: name });
      if (status === 404 && text.includes('RESOURCE_DOES_NOT_EXIST')) {
        const created = await post('experiments/create', { name }, z.object({ experiment_id: z.string() }));
        return created.experiment_id;
      }
      if (status !== 200) throw new Error(refusal(path, status, text));
      const { experiment } = experimentSchema.parse(JSON.parse(text));
      if (experiment.lifecycle_stage === 'deleted')
        throw new InputError(
          `MLflow's experiment ${name} was deleted; restore it, or purge it with mlflow gc`,
        );
      return experiment.experiment_id;
    },
    async findRun(experiment: string, filter: string): Promise<MlflowRun | null> {
      const body = { experiment_ids: [experiment], filter, max_results: 1 };
      const { runs } = await post('runs/search', body, z.object({ runs: z.array(runSchema).default([]) }));
      return runs[0] === undefined ? null : asRun(runs[0]);
    },
    async createRun(experiment: string, name: string, start: number, tags: readonly KeyValue[]) {
      const body = { experiment_id: experiment, run_name: name, start_time: start, tags };
      return asRun((await post('runs/create', body, z.object({ run: runSchema }))).run);
    },
    async deleteRun(id: string): Promise<void> {
      await post('runs/delete', { run_id: id }, z.object({}));
    },
    /** At most 1,000 metrics, 100 params and 100 tags, 1,000 in all. */
    async logBatch(
      id: string,
      batch: {
        readonly metrics?: readonly Metric[];
        readonly params?: readonly KeyValue[];
        readonly tags?: readonly KeyValue[];
      },
    ): Promise<void> {
      await post('runs/log-batch', { run_id: id, ...batch }, z.object({}));
    },
    async updateRun(id: string, status: MlflowStatus, end: number | null): Promise<void> {
      const body = { run_id: id, status, ...(end === null ? {} : { end_time: end }) };
      await post('runs/update', body, z.object({}));
    },
  };
}

export type MlflowClient = ReturnType<typeof mlflowClient>;

const experimentSchema = z.object({
  experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string().optional() }),
});

const asRun = ({ info, data }: z.infer<typeof runSchema>): MlflowRun => ({
  id: info.run_id,
  tags: Object.fromEntries(data.tags.map(({ key, value }) => [key, value])),
});

function authorization({
  MLFLOW_TRACKING_USERNAME: user,
  MLFLOW_TRACKING_PASSWORD: password = '',
  MLFLOW_TRACKING_TOKEN: token,
}: NodeJS.ProcessEnv): Record<string, string> {
  if (user) return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  return token ? { authorization: `Bearer ${token}` } : {};
}

const refusal = (path: string, status: number, text: string): string =>
  `MLflow refused ${path}: ${status} ${text.replaceAll(/\s+/g, ' ').slice(0, 300)}`;
