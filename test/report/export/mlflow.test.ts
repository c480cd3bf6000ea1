import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { exportToMlflow } from '../../../src/report/export/mlflow.ts';
import { readSweep } from '../../../src/report/read-runs.ts';
import { runPaths } from '../../../src/runs/paths.ts';
import { makeSweep } from '../sweep-folder.ts';
import { pythonWith, runPython, startServer } from './reference-python.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-mlflow-'));
after(() => rmSync(parent, { recursive: true }));
const { python, skip } = pythonWith(['mlflow']);

/** Everything of the experiment that MLflow's own client sees. */
const script = `
import json, sys
from mlflow import MlflowClient
client = MlflowClient(tracking_uri=sys.argv[1])
experiment = client.get_experiment_by_name(sys.argv[2])
print(json.dumps({run.info.run_name: {
    'status': run.info.status, 'params': run.data.params,
    'history': {key: [[m.step, m.value] for m in client.get_metric_history(run.info.run_id, key)]
                for key in ('epoch/trainLoss', 'target/cdnv')},
    'metrics': run.data.metrics} for run in client.search_runs([experiment.experiment_id])}))`;

interface SeenRun {
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly history: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

test('the real MLflow has an experiment with all runs; a second export sends only what is new', {
  skip,
}, async () => {
  const folder = makeSweep(parent, "o'hara", {
    learningRates: [0.012345678901234567, 0.1],
    seeds: [1234567, 4294967295],
    epochs: 3,
    states: {
      1: { state: 'pending' },
      2: { state: 'interrupted', reason: 'stopped on request' },
      3: { state: 'failed', reason: 'loss is NaN' },
    },
  });
  const server = await startServer(
    join(dirname(python), 'mlflow'),
    (port) => [
      ...['server', '--backend-store-uri', `sqlite:///${join(parent, 'mlflow.db')}`, '--workers', '1'],
      ...[
        '--artifacts-destination',
        join(parent, 'artifacts'),
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
      ],
    ],
    '/health',
  );
  try {
    const send = () => exportToMlflow(readSweep(folder), server.url, {});
    const seen = () => runPython(python, script, [server.url, "o'hara"]) as Record<string, SeenRun>;
    assert.deepEqual(await send(), { experiment: "o'hara", created: 3, continued: 0, unchanged: 0 });
    assert.deepEqual(await send(), { experiment: "o'hara", created: 0, continued: 0, unchanged: 3 });

    const { runs } = readSweep(folder);
    const first = seen();
    assert.equal(Object.keys(first).length, 3);
    assert.deepEqual(
      runs.map(({ name }) => first[name]?.status),
      ['FINISHED', undefined, 'KILLED', 'FAILED'],
    );
    for (const run of runs.filter(({ state }) => state !== 'pending')) {
      const { params, history, metrics } = first[run.name]!;
      const { seed, training } = run.config as { seed: number; training: { learningRate: number } };
      assert.equal(params.seed, String(seed));
      assert.equal(Number(params['training.learningRate']), training.learningRate);
      assert.deepEqual(
        history['epoch/trainLoss'],
        run.epochs.map(({ step, trainLoss }) => [step, trainLoss]),
      );
      const last = run.checkpoints.at(-1)!;
      assert.equal(metrics['sourceTrain/geometricComplexity'], last.measures[0]!.geometricComplexity.value);
      assert.equal(metrics['fewshot_target/5way_5shot_logistic'], last.fewshot!.results[0]!.accuracy);
    }

    // The interrupted run goes on: one more epoch.
    const going = runs[2]!;
    const path = runPaths(going.folder).metrics;
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, `${before}${JSON.stringify({ ...going.epochs.at(-1)!, epoch: 3, step: 300 })}\n`);
    assert.deepEqual(await send(), { experiment: "o'hara", created: 0, continued: 1, unchanged: 2 });
    assert.deepEqual(
      seen()[going.name]!.history['epoch/trainLoss']!.map(([step]) => step),
      [100, 200, 300],
    );

    // It was started over and has other numbers: the run is made anew, not mixed.
    writeFileSync(path, before.replaceAll('"trainLoss":', '"trainLoss":1'));
    assert.deepEqual(await send(), { experiment: "o'hara", created: 1, continued: 0, unchanged: 2 });
    const anew = seen();
    assert.equal(Object.keys(anew).length, 3);
    assert.deepEqual(
      anew[going.name]!.history['epoch/trainLoss'],
      readSweep(folder).runs[2]!.epochs.map(({ step, trainLoss }) => [step, trainLoss]),
    );
  } finally {
    await server.stop();
  }
});
