import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { corrupted } from '../fixtures/corrupted.ts';
import { mulberry } from '../sweep/fixtures/mulberry.ts';
import { runsOf, scratchFolder } from './scratch.ts';

const configs = join(import.meta.dirname, '../../configs');
const sources = ['quickstart.yaml', 'slurm.yaml', 'lr.yaml', 'vgg.yaml'].map((name) =>
  readFileSync(join(configs, name)),
);

test('1,000 corruptions of configs: a valid sweep or one line of InputError, never another error', (context) => {
  const folder = scratchFolder({ 'lr.yaml': readFileSync(join(configs, 'lr.yaml')) }, context);
  const path = join(folder, 'corrupted.yaml');
  const random = mulberry(20261124);
  const ends = { valid: 0, refused: 0 };
  for (let round = 0; round < 1000; round += 1) {
    const bytes = corrupted(sources[round % sources.length]!, random);
    writeFileSync(path, bytes);
    try {
      const runs = runsOf(path);
      assert.ok(runs.length > 0);
      ends.valid += 1;
    } catch (error) {
      if (!(error instanceof InputError)) context.diagnostic(Buffer.from(bytes).toString());
      assert.ok(error instanceof InputError, `round ${round}: ${(error as Error).stack}`);
      assert.doesNotMatch(error.message, /\n/);
      assert.ok(error.message.startsWith(folder), error.message);
      ends.refused += 1;
    }
  }
  // Both ends are met: the corruptions are neither all harmless nor all fatal.
  assert.ok(ends.valid > 100 && ends.refused > 100, JSON.stringify(ends));
});
