import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { speedDocument, summaryOf, withSpeedTables } from '../../bench/speed-table.ts';

test("docs/speed.md's tables are those of bench/speed*.json, each in its place", () => {
  const document = readFileSync(speedDocument, 'utf8');
  assert.equal(withSpeedTables(document), document);
  const named = [...document.matchAll(/written from bench\/(speed[\w.-]*\.json)/g)].map(([, name]) => name!);
  const records = readdirSync(join(import.meta.dirname, '../../bench')).filter((name) =>
    /^speed.*\.json$/.test(name),
  );
  assert.deepEqual(named.toSorted(), records.toSorted());
  assert.match(document, /\| train resnet18 width 64 batch 64 float32 +\|/);
});

test('a record says what its figures are of their rounds: the old ones kept the larger of two', () => {
  assert.equal(summaryOf({ rounds: 3 }), 'median of 3 rounds');
  assert.equal(summaryOf({ rounds: 2 }), 'the better of two rounds for each figure');
  assert.equal(summaryOf({ rounds: 2, evenRounds: 'averaged' }), 'median of 2 rounds');
});
