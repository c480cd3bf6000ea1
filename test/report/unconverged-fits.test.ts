import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { aggregate } from '../../src/report/aggregate.ts';
import { checkpointScalars } from '../../src/report/export/checkpoint-values.ts';
import { longTables } from '../../src/report/export/long-tables.ts';
import { problemsOf, problemsOfPool } from '../../src/report/problems.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-unconverged-'));
after(() => rmSync(parent, { recursive: true }));

/** Run 1 is fine-tuned in 20 episodes, of which 3 end in NaN; run 2 in as many, and all converge. */
const counts = [undefined, 3, 0, undefined];
const withFineTuning: MadeSweep['change'] = (records, run) =>
  records.map((record) => {
    if (record.kind === 'epoch' || counts[run] === undefined) return record;
    const own = { shots: 5, readout: 'fine-tune', accuracy: 0.2, ci95: [0.2, 0.2], episodes: 20 };
    const { fewshot } = record;
    const results = [...fewshot!.results, { ...own, unconverged: counts[run] }];
    return { ...record, fewshot: { ...fewshot, results } };
  });
const sweep = readSweep(
  makeSweep(parent, 'fine-tuned', {
    ...{ learningRates: [0.01, 0.1], seeds: [0, 1], epochs: 2 },
    change: withFineTuning,
  }),
);
const results = aggregate(sweep);

describe('few-shot fits that did not converge', () => {
  const line = `5-way 5-shot, fine-tune: 3 of 40 fits not converged (${sweep.runs[1]!.name})`;
  const told = (lines: readonly string[]) => lines.filter((each) => each.includes('not converged'));

  test('are told of with their number and their runs, in one sweep and in a pool', () => {
    assert.deepEqual(told(problemsOf(results)), [line]);
    assert.deepEqual(told(problemsOfPool([results])), [line]);
  });

  test('stand in the exported table; unknown in records that do not count them', () => {
    const rows = longTables(sweep).fewshot.filter(({ final }) => final);
    assert.deepEqual(
      rows.filter(({ readout }) => readout === 'fine-tune').map(({ unconverged }) => unconverged),
      [3, 0],
    );
    assert.ok(rows.some(({ readout, unconverged }) => readout === 'logistic' && unconverged === null));
  });

  test('are a series of their own for TensorBoard and MLflow where there are any', () => {
    const counted = sweep.runs.map(({ checkpoints }) =>
      checkpointScalars(checkpoints.at(-1)!)
        .filter(({ tag }) => tag.endsWith('_unconverged'))
        .map(({ tag, value }) => [tag, value]),
    );
    assert.deepEqual(counted, [[], [['fewshot_target/5way_5shot_fine-tune_unconverged', 3]], [], []]);
  });
});
