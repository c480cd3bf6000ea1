import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { writeCsv, writeJson, writeParquet } from '../../../src/report/export/write-tables.ts';
import { readSweep } from '../../../src/report/read-runs.ts';
import { outputOf, refusalOf } from '../../cli/in-process.ts';
import { makeSweep } from '../sweep-folder.ts';
import { pythonWith, runPython } from './reference-python.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-tables-'));
after(() => rmSync(parent, { recursive: true }));
const { python, skip } = pythonWith(['pyarrow']);

const folder = makeSweep(parent, 'lr', {
  learningRates: [0.01, 0.1],
  seeds: [1234567, 4294967295],
  epochs: 3,
  shots: [1, 5],
  states: { 3: { state: 'failed', reason: 'loss is NaN, "at" step 240' } },
  change: (records, run) =>
    run === 1 ? JSON.parse(JSON.stringify(records).replace(/"cdnv":[\d.]+/g, '"cdnv":null')) : records,
});
const sweep = readSweep(folder);

interface Tables {
  readonly runs: readonly Record<string, unknown>[];
  readonly epochs: readonly Record<string, unknown>[];
  readonly measures: readonly Record<string, unknown>[];
  readonly fewshot: readonly Record<string, unknown>[];
}

function exported(): Tables {
  const [path] = writeJson(sweep, join(parent, 'tables.json'));
  return JSON.parse(readFileSync(path!, 'utf8'));
}

describe('long tables', () => {
  test('one row an observation: runs, epochs, checkpoint and split, checkpoint and readout', () => {
    const { runs, epochs, measures, fewshot } = exported();
    // 3 runs of 3 epochs and one that failed after 2; 3 splits; 2 shots by 2 readouts.
    assert.equal(runs.length, 4);
    assert.equal(epochs.length, 3 * 3 + 2);
    assert.equal(measures.length, 11 * 3);
    assert.equal(fewshot.length, 11 * 4);
    assert.equal(measures.filter(({ final }) => final).length, 3 * 3);
  });

  test('every row carries its run, state and config', () => {
    for (const row of Object.values(exported()).filter(Array.isArray).flat()) {
      const [rate, seed] = [row['config.training.learningRate'], row['config.seed']];
      assert.ok(String(row.run).startsWith(`learningRate=${rate}-seed=${seed}-`), row.run);
      assert.equal(row.state, rate === 0.1 && seed === 4294967295 ? 'failed' : 'done');
      assert.equal(row['config.model.width'], 16);
    }
  });

  test('numbers are those of metrics.jsonl to the last digit, undefined ones null', () => {
    const { measures } = exported();
    const run = sweep.runs[0]!;
    const last = run.checkpoints.at(-1)!;
    const row = measures.find((each) => each.run === run.name && each.final && each.split === 'target')!;
    const target = last.measures.find(({ split }) => split === 'target')!;
    assert.equal(row.geometricComplexity, target.geometricComplexity.value);
    assert.equal(row.cdnv, target.neuralCollapse.cdnv);
    assert.equal(row.accuracy, null);
    const undefinedRows = measures.filter((each) => each.run === sweep.runs[1]!.name);
    assert.ok(undefinedRows.length > 0 && undefinedRows.every(({ cdnv }) => cdnv === null));
  });

  test('an estimate has its standard error and interval, null where the record has none', () => {
    const collapse = { standardError: 0.3, ci95: [1.5, 2.5], examples: 256 };
    const directional = { standardError: 0.02, ci95: [0.1, 0.2], examples: 256, pairs: 2 };
    const sharp = { kind: 'adaptive', rho: 0.5, examples: 512, loss: 0.1, slope: 1 };
    const estimated = makeSweep(parent, 'estimates', {
      ...{ learningRates: [0.01], seeds: [0], epochs: 1 },
      change: (records) =>
        records.map((record) =>
          record.kind === 'epoch'
            ? record
            : {
                ...record,
                sharpness: [{ ...sharp, value: 4, standardError: 0.7, ci95: [2, 6] }],
                measures: record.measures.map((each) =>
                  each.split === 'target'
                    ? each
                    : {
                        ...each,
                        neuralCollapse: {
                          ...each.neuralCollapse,
                          geometricCollapseEstimate: collapse,
                          geometricCollapseDirectionalEstimate: directional,
                        },
                      },
                ),
              },
        ),
    });
    const read = readSweep(estimated);
    const [path] = writeJson(read, join(parent, 'estimates.json'));
    const { measures } = JSON.parse(readFileSync(path!, 'utf8')) as Tables;
    const valuesOf = (split: string, name: string) => {
      const row = measures.find((each) => each.split === split)!;
      return ['StandardError', 'Low', 'High'].map((what) => row[name + what]);
    };
    const { standardError, ci95 } = read.runs[0]!.checkpoints[0]!.measures[0]!.geometricComplexity;
    assert.deepEqual(valuesOf('sourceTrain', 'geometricComplexity'), [standardError, ...ci95!]);
    assert.deepEqual(valuesOf('sourceTest', 'geometricCollapse'), [0.3, 1.5, 2.5]);
    assert.deepEqual(valuesOf('sourceTest', 'geometricCollapseDirectional'), [0.02, 0.1, 0.2]);
    assert.deepEqual(valuesOf('sourceTrain', 'adaptiveSharpness'), [0.7, 2, 6]);
    const none = [null, null, null];
    assert.deepEqual(valuesOf('sourceTrain', 'plainSharpness'), none);
    assert.deepEqual(valuesOf('sourceTest', 'adaptiveSharpness'), none);
    assert.deepEqual(valuesOf('target', 'geometricCollapse'), none);
    assert.deepEqual(valuesOf('target', 'geometricComplexityUnpooled'), none);
  });

  test('Parquet and CSV hold the same as JSON', { skip }, () => {
    const parquet = writeParquet(sweep, join(parent, 'parquet'));
    const csv = writeCsv(sweep, join(parent, 'csv'));
    const tables = exported();
    const script = `
import sys, json, csv
import pyarrow.parquet as q
print(json.dumps([q.read_table(p).to_pylist() if p.endswith('.parquet') else list(csv.DictReader(open(p, newline=''))) for p in sys.argv[1:]]))`;
    const read = runPython(python, script, [...parquet, ...csv]) as Record<string, unknown>[][];
    for (const [index, name] of (['runs', 'epochs', 'measures', 'fewshot'] as const).entries()) {
      assert.deepEqual(read[index], tables[name]);
      const asText = tables[name].map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, value === null ? '' : String(value)]),
        ),
      );
      assert.deepEqual(read[index + 4], asText);
    }
  });

  test('a sweep without a finished epoch has a table of runs and no others', () => {
    const pending = makeSweep(parent, 'pending', {
      learningRates: [0.01],
      seeds: [0],
      states: { 0: { state: 'pending' } },
    });
    for (const write of [writeCsv, writeParquet]) {
      const out = join(parent, 'few');
      assert.equal(write(readSweep(pending), out).length, 1);
      assert.ok(!existsSync(join(out, 'epochs.csv')));
      rmSync(out, { recursive: true });
    }
  });
});

describe('gcnc export', () => {
  test('writes beside the runs by default, and says where', async () => {
    const { out, written } = JSON.parse(await outputOf(['export', folder, '--to', 'csv', '--json']));
    assert.equal(out, join(folder, 'export', 'csv'));
    assert.deepEqual(
      written,
      ['runs', 'epochs', 'measures', 'fewshot'].map((name) => join(out, `${name}.csv`)),
    );
    assert.equal(readSweep(folder).runs.length, 4);
  });

  test('--out - is JSON on standard output and nothing else', async () => {
    const printed = await outputOf(['export', folder, '--to', 'json', '--out', '-']);
    assert.equal(JSON.parse(printed).runs.length, 4);
  });

  test('refuses what it cannot do in one line, with exit code 2', async () => {
    for (const [args, message] of [
      [['--to', 'excel'], /Allowed choices are csv, json, parquet, tensorboard, mlflow/],
      [['--to', 'csv', '--tracking-uri', 'http://x'], /^--tracking-uri: only for mlflow, not csv\n$/],
      [['--to', 'mlflow', '--out', 'x'], /^--out: not for mlflow/],
      [
        ['--to', 'mlflow', '--tracking-uri', 'sqlite:///x'],
        /an http:\/\/ or https:\/\/ address is needed\n$/,
      ],
      [
        ['--to', 'mlflow', '--tracking-uri', 'http://127.0.0.1:1'],
        /^no answer from MLflow at .* mlflow server\n$/,
      ],
    ] as const)
      assert.match(`${await refusalOf(['export', folder, ...args])}\n`, message, args.join(' '));
  });
});
