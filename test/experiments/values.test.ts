import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { correlationOf } from '../../experiments/claims.ts';
import { provenanceOf } from '../../experiments/provenance.ts';
import { checkpointValues } from '../../experiments/values.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { makeSweep } from '../report/sweep-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-values-'));
after(() => rmSync(root, { recursive: true, force: true }));
const key = 'training.learningRate';

/** The metrics with further measures of the source's training images. */
const withSource =
  (more: Readonly<Record<string, number>>) =>
  (records: readonly unknown[]): readonly unknown[] =>
    records.map((record) => {
      const { measures, ...rest } = record as { readonly measures?: readonly Record<string, unknown>[] };
      if (measures === undefined) return record;
      const changed = measures.map((each) =>
        each.split === 'sourceTrain'
          ? { ...each, neuralCollapse: { ...(each.neuralCollapse as object), ...more } }
          : each,
      );
      return { ...rest, measures: changed };
    });

describe("a results file's rows", () => {
  test('hold every measure that some checkpoint has, also those that the report leaves out of its tables', () => {
    const folder = makeSweep(root, 'measured', {
      learningRates: [0.1, 0.2],
      seeds: [0],
      change: withSource({ cdnvInBatch: 0.25, logMe: -1.5 }),
    });
    const [row] = checkpointValues(folder, key);
    assert.equal(row!.values.sourceCdnvInBatch, 0.25);
    assert.equal(row!.values.sourceLogMe, -1.5);
  });

  test('and no column for a measure that no checkpoint has', () => {
    const folder = makeSweep(root, 'bare', { learningRates: [0.1, 0.2], seeds: [0] });
    assert.equal('sourceCdnvInBatch' in checkpointValues(folder, key)[0]!.values, false);
  });
});

test('what a results file says of its origin names the failed runs, with the reason', () => {
  const folder = makeSweep(root, 'failed', {
    learningRates: [0.1, 0.3],
    seeds: [0],
    states: { 1: { state: 'failed', reason: 'loss is NaN at step 240' } },
  });
  const { runs } = readSweep(folder);
  const { finishedRuns, failedRuns } = provenanceOf('x.yaml', [], checkpointValues(folder, key), runs);
  assert.equal(finishedRuns, 1);
  assert.equal(failedRuns?.length, 1);
  const [{ hash, name, reason }] = failedRuns as [NonNullable<typeof failedRuns>[number]];
  assert.ok(name.startsWith('learningRate=0.3-seed=0-') && name.endsWith(hash));
  assert.equal(reason, 'loss is NaN at step 240');
});

test('configurations are told apart as asked: two sweeps may share a value and differ in all else', () => {
  const row = (hash: string, parameter: number, x: number, y: number) => ({
    ...{ hash, parameter, seed: 0, epoch: 1, step: 1, final: true },
    values: { x, y },
  });
  const rows = [1, 2, 3, 4, 5, 6].map((n) => row(`r${n}`, n % 3, n, -n));
  const claim = { from: 'x', to: 'y', sign: -1 } as const;
  const count = (found: ReturnType<typeof correlationOf>) => found !== null && found !== 'few' && found.n;
  assert.equal(count(correlationOf(rows, claim)), 3);
  assert.equal(count(correlationOf(rows, claim, ({ hash }) => hash)), 6);
});
