import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { aggregate } from '../../src/report/aggregate.ts';
import { mixedRuns } from '../../src/report/mixed-runs.ts';
import { problemsOf } from '../../src/report/problems.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-mixed-'));
after(() => rmSync(parent, { recursive: true }));

/** Two seeds of one configuration, each with what its env.json has in place of the usual. */
const resultsWith = (name: string, precision: string, environments: readonly object[]) => {
  const config = () => ({ training: { learningRate: 0.1, epochs: 2, precision } });
  const folder = makeSweep(parent, name, { learningRates: [0.1], seeds: [0, 1], epochs: 2, config });
  const runs = readdirSync(folder).filter((each) => each !== 'sweep.yaml');
  runs.forEach((run, at) => {
    const path = join(folder, run, 'env.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...environments[at] }));
  });
  return aggregate(readSweep(folder));
};

test('seeds that saw other images under one name are told of', () => {
  const results = resultsWith('images', 'float32', [{}, { dataChecksum: 'c'.repeat(64) }]);
  const told =
    'runs on 2 different sets of images called glyphs (checksums bbbbbbbbbbbb, cccccccccccc): do not compare them, nor take them for seeds';
  assert.deepEqual(mixedRuns(results.finished), [told]);
  assert.ok(problemsOf(results).includes(told));
});

test('seeds whose geometric complexity auto measured in different types are told of', () => {
  const measuredIn = (name: string, precision: string, types: readonly string[]) => {
    const change: MadeSweep['change'] = (records, run) =>
      JSON.parse(JSON.stringify(records).replaceAll('"precision":"float32"', `"precision":"${types[run]}"`));
    const config = () => ({ measure: { precision } });
    const made = { learningRates: [0.1], seeds: [0, 1], epochs: 2, config, change };
    return mixedRuns(aggregate(readSweep(makeSweep(parent, name, made))).finished);
  };
  assert.deepEqual(measuredIn('measure-auto', 'auto', ['float32', 'bfloat16']), [
    'measure.precision auto was float32 in some runs and bfloat16 in others: these are no seeds of one configuration',
  ]);
  assert.deepEqual(measuredIn('measure-asked', 'float32', ['float32', 'bfloat16']), []);
  assert.deepEqual(measuredIn('measure-same', 'auto', ['bfloat16', 'bfloat16']), []);
});

test('seeds of auto that trained in different types are told of, and a type that was asked for is not', () => {
  const types = [{ trainingPrecision: 'float32' }, { trainingPrecision: 'bfloat16' }];
  assert.deepEqual(mixedRuns(resultsWith('auto', 'auto', types).finished), [
    'training.precision auto was float32 in some runs and bfloat16 in others: these are no seeds of one configuration',
  ]);
  assert.deepEqual(mixedRuns(resultsWith('asked', 'float32', types).finished), []);
  assert.deepEqual(mixedRuns(resultsWith('same', 'auto', [types[0]!, types[0]!]).finished), []);
});
