import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { aggregate } from '../../src/report/aggregate.ts';
import { problemsOf } from '../../src/report/problems.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-problems-'));
after(() => rmSync(parent, { recursive: true }));

type Records = Parameters<NonNullable<MadeSweep['change']>>[0];
const problemsWhere = (name: string, change: (records: Records, at: number) => Records) =>
  problemsOf(
    aggregate(
      readSweep(makeSweep(parent, name, { learningRates: [0.01, 0.1], seeds: [0, 1], epochs: 2, change })),
    ),
  ).filter((problem) => problem.includes('target'));

const withoutTarget = (records: Records): Records =>
  JSON.parse(JSON.stringify(records), (key, value) =>
    key === 'measures' ? value.filter((each: { split: string }) => each.split !== 'target') : value,
  );

test('no value of the target classes is missing where no classes are held out', () => {
  assert.deepEqual(
    problemsWhere('none', (records) => withoutTarget(records)),
    [],
  );
});

test('a value is missing in a run whose split has it undefined, and not in one without the split', () => {
  const undefinedCdnv = (records: Records): Records =>
    JSON.parse(JSON.stringify(records).replaceAll(/"cdnv":[\d.]+/g, '"cdnv":null'));
  const [problem, ...others] = problemsWhere('one', (records, at) =>
    at === 0 ? undefinedCdnv(records) : at === 1 ? withoutTarget(records) : records,
  );
  assert.match(problem!, /^target CDNV: NaN or undefined in 1 of 3 runs/);
  assert.deepEqual(others, []);
});

test('an accuracy that a run was never asked for is not missing in it', () => {
  const otherWays = (records: Records): Records =>
    JSON.parse(JSON.stringify(records).replaceAll(/"ways":\d+/g, '"ways":3'));
  const folder = makeSweep(parent, 'ways', {
    ...{ learningRates: [0.01, 0.1], seeds: [0, 1], epochs: 2 },
    change: (records, at) => (at < 2 ? otherWays(records as Records) : records),
  });
  const results = aggregate(readSweep(folder));
  assert.ok(results.quantities.some(({ label }) => label.startsWith('3-way')));
  assert.ok(results.quantities.some(({ label }) => label.startsWith('5-way')));
  assert.deepEqual(
    problemsOf(results).filter((problem) => problem.includes('NaN')),
    [],
  );
});
