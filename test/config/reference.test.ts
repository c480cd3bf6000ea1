import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configReference } from '../../src/config/reference.ts';
import { runKeys } from '../../src/config/schema-node.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/config.md'), 'utf8');

test('docs/config.md is what `gcnc schema --markdown` prints', () => {
  assert.equal(page, configReference());
});

test('the reference names every key of a run', () => {
  const sections = [
    'data',
    'data.jitter',
    'data.resizedCrop',
    'model',
    'model.dropBlock',
    'training',
    'training.schedule',
    'measure',
    'measure.sharpness',
    'fewshot',
    'fewshot.fineTune',
    'training.checkpointEvery',
  ];
  const leaves = runKeys().filter((key) => !sections.includes(key));
  assert.ok(leaves.length > 35);
  for (const key of leaves) assert.ok(page.includes(`| \`${key}\` `), key);
});
