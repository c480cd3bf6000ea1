import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { speedDocument, withSpeedTables } from '../../bench/speed-table.ts';

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
