import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { speedDocument, withSpeedTable } from '../../bench/speed-table.ts';

test("docs/speed.md's table is bench/speed.json's", () => {
  const document = readFileSync(speedDocument, 'utf8');
  assert.equal(withSpeedTable(document), document);
  assert.match(document, /\| train resnet18 width 64 batch 64 float32 +\|/);
});
