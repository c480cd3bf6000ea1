import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { mulberry } from '../sweep/fixtures/mulberry.ts';
import { runsOf, scratchFolder } from './scratch.ts';

const configs = join(import.meta.dirname, '../../configs');
const sources = ['quickstart.yaml', 'slurm.yaml', 'lr.yaml', 'vgg.yaml'].map((name) =>
  readFileSync(join(configs, name)),
);

const snippets = [
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '&a ',
  '*a',
  '!!int ',
  '"',
  "'",
  '\t',
  '\n',
  '#',
  '|',
  '>',
  '---\n',
  '<<: ',
  '-1',
  '.nan',
  '1e999',
  '\0',
  '?',
  '%',
];

function corrupted(source: Uint8Array, random: () => number): Uint8Array {
  let bytes = [...source];
  const at = (): number => Math.floor(random() * bytes.length);
  for (let change = 0; change < 1 + Math.floor(random() * 4); change += 1) {
    const kind = Math.floor(random() * 6);
    if (kind === 0) bytes[at()] = Math.floor(random() * 256);
    else if (kind === 1) bytes.splice(at(), 1 + Math.floor(random() * 20));
    else if (kind === 2)
      bytes.splice(at(), 0, ...Buffer.from(snippets[Math.floor(random() * snippets.length)]!));
    else if (kind === 3) bytes = bytes.slice(0, at());
    else if (kind === 4) {
      const start = at();
      bytes.splice(at(), 0, ...bytes.slice(start, start + 40));
    } else {
      const place = at();
      bytes[place] = (bytes[place] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
  }
  return Uint8Array.from(bytes);
}

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
