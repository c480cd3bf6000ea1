import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inPlansOrder, keptResults, withOrigins } from '../../experiments/kept-results.ts';
import type { Provenance } from '../../experiments/provenance.ts';
import type { Study } from '../../experiments/studies.ts';
import type { CheckpointValues } from '../../experiments/values.ts';

const study = (id: string) => ({ id }) as Study;
const row = (hash: string, parameter: number, sourceGc: number): CheckpointValues => ({
  hash,
  parameter,
  seed: 0,
  epoch: 1,
  step: 10,
  final: true,
  values: { sourceGc },
});
const planned = new Map([
  ['base', 0],
  ['low', 1e-4],
  ['high', 1e-3],
]);
const l2 = { study: study('l2'), rows: [row('base', 0, 1), row('low', 1e-4, 2), row('removed', 5, 9)] };
const rates = { study: study('rates'), rows: [row('base', 0.05, 7), row('other', 0.1, 8)] };

describe('results of a sweep of which a machine holds some runs', () => {
  test('keep the committed rows of its other planned runs, and no row of a run that the plan lacks', () => {
    const kept = keptResults(l2.study, planned, [row('high', 1e-3, 3)], [rates, l2]);
    assert.deepEqual(kept, [{ study: l2.study, rows: l2.rows.slice(0, 2) }]);
  });

  test('take a new run over a committed one of the same hash', () => {
    const kept = keptResults(l2.study, planned, [row('low', 1e-4, 20)], [l2]);
    assert.deepEqual(
      kept.flatMap(({ rows }) => rows.map(({ hash }) => hash)),
      ['base'],
    );
  });

  test('take a shared base from another sweep, by the value of the key that is swept here', () => {
    const kept = keptResults(study('new'), planned, [], [rates]);
    assert.deepEqual(kept, [{ study: rates.study, rows: [row('base', 0, 7)] }]);
  });

  test('stand in the order of the plan', () => {
    const hashes = inPlansOrder(planned, [row('high', 1, 1), row('base', 1, 1), row('low', 1, 1)]);
    assert.deepEqual(
      hashes.map(({ hash }) => hash),
      ['base', 'low', 'high'],
    );
  });
});

describe('the origin of results of which some were kept', () => {
  const origin: Provenance = {
    config: 'new',
    configHash: 'x',
    plannedRuns: 3,
    finishedRuns: 1,
    failedRuns: [],
    from: '2026-02-01',
    to: '2026-02-02',
    commits: ['b'],
    runsWithUncommittedChanges: 0,
    machine: ['new machine'],
  };
  const earlier: Provenance = {
    ...origin,
    config: 'l2',
    failedRuns: [
      { hash: 'high', name: 'high-s0', reason: 'NaN' },
      { hash: 'low', name: 'low-s0', reason: 'NaN' },
    ],
    from: '2026-01-01',
    to: '2026-01-02',
    commits: ['a'],
    runsWithUncommittedChanges: 1,
    machine: ['old machine', 'new machine'],
  };

  test('names all commits, machines and times, and failed runs that have not ended well since', () => {
    assert.deepEqual(withOrigins(origin, [earlier], [row('low', 1e-4, 2), row('base', 0, 1)]), {
      ...origin,
      finishedRuns: 2,
      failedRuns: [{ hash: 'high', name: 'high-s0', reason: 'NaN' }],
      from: '2026-01-01',
      commits: ['a', 'b'],
      runsWithUncommittedChanges: 1,
      machine: ['old machine', 'new machine'],
    });
  });
});
