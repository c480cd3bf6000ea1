import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { outputOf } from '../../cli/in-process.ts';
import { makeSweep } from '../sweep-folder.ts';
import { pythonWith } from './reference-python.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-examples-'));
after(() => rmSync(parent, { recursive: true }));
const examples = resolve(import.meta.dirname, '../../../docs/examples');

const folder = makeSweep(parent, 'lr', {
  learningRates: [0.01, 0.05, 0.1],
  seeds: [0, 1, 2],
  epochs: 3,
  shots: [1, 5],
  states: { 8: { state: 'failed', reason: 'loss is NaN' } },
});
const parquet = join(folder, 'export', 'parquet');
const exported = (): Promise<string> => outputOf(['export', folder, '--to', 'parquet']);
const run = (python: string, script: string, ...args: string[]): string =>
  execFileSync(python, [script, ...args], {
    encoding: 'utf8',
    cwd: parent,
    env: { ...process.env, WANDB_MODE: 'offline', WANDB_SILENT: 'true', WANDB_ERROR_REPORTING: 'false' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const pandas = pythonWith(['pandas', 'pyarrow']);
describe('sweep_figure.py', { skip: pandas.skip }, () => {
  test('reads the means that gcnc compare prints', async () => {
    await exported();
    const { swept, means } = JSON.parse(
      run(pandas.python, join(examples, 'sweep_figure.py'), parquet, '--json'),
    );
    assert.equal(swept, 'training.learningRate');
    const { configurations } = JSON.parse(await outputOf(['compare', folder, '--json']));
    assert.equal(means.length, 3);
    for (const [index, { parameters, values }] of configurations.entries()) {
      assert.equal(means[index].swept, parameters['training.learningRate']);
      // Sums of two or three float64 numbers in another order.
      const near = (given: number, wanted: number): void =>
        assert.ok(Math.abs(given / wanted - 1) < 1e-12, `${given} ${wanted}`);
      near(means[index].sourceGc, values.sourceGc.mean);
      near(means[index].targetCdnv, values.targetCdnv.mean);
      near(means[index].accuracy, 100 * values['fewshot_target_5way_5shot_nearest-mean'].mean);
    }
  });

  const matplotlib = pythonWith(['pandas', 'pyarrow', 'matplotlib']);
  test('draws the figure as a PNG', { skip: matplotlib.skip }, async () => {
    await exported();
    const out = join(parent, 'lr.png');
    run(matplotlib.python, join(examples, 'sweep_figure.py'), parquet, '--out', out);
    assert.ok(existsSync(out));
    const png = readFileSync(out);
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1800, 540]);
  });
});

const wandb = pythonWith(['pandas', 'pyarrow', 'wandb']);
describe('sweep_to_wandb.py, offline', { skip: wandb.skip }, () => {
  test('gives W&B every run with its config, and every value of every step in float64', async () => {
    await exported();
    run(wandb.python, join(examples, 'sweep_to_wandb.py'), parquet, '--project', 'lr');
    const reader = join(import.meta.dirname, 'read-wandb.py');
    const runs: readonly {
      id: string;
      name: string;
      project: string;
      config: Record<string, unknown>;
      history: readonly Record<string, number>[];
      exitCode: number;
    }[] = JSON.parse(run(wandb.python, reader, parent));
    assert.equal(runs.length, 9);
    for (const { id, name, project, config, history, exitCode } of runs) {
      assert.equal(project, 'lr');
      assert.ok(name.endsWith(`-${id}`), name);
      const lines = readFileSync(join(folder, name, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n');
      const records = lines.map((line) => JSON.parse(line));
      const failed = records.at(-1).epoch < 3;
      assert.equal(exitCode, failed ? 1 : 0);
      assert.ok(name.startsWith(`learningRate=${config['training.learningRate']}-seed=${config.seed}-`));
      const checkpoints = records.filter(({ kind }) => kind === 'checkpoint');
      assert.equal(history.length, checkpoints.length);
      for (const [index, { step, measures, fewshot }] of checkpoints.entries()) {
        const values = history[index]!;
        const target = measures.find(({ split }: { split: string }) => split === 'target');
        assert.equal(values._step, step);
        assert.equal(values['target/cdnv'], target.neuralCollapse.cdnv);
        assert.equal(values['target/geometricComplexity'], target.geometricComplexity.value);
        for (const { shots, readout, accuracy, ci95 } of fewshot.results) {
          const place = `fewshot/target/embedding/5way-${shots}shot/${readout}`;
          assert.equal(values[`${place}/accuracy`], accuracy);
          assert.equal(values[`${place}/accuracyLow`], ci95[0]);
        }
        const epoch = records.find((each) => each.kind === 'epoch' && each.step === step);
        assert.equal(values['train/trainLoss'], epoch.trainLoss);
      }
    }
  });
});
