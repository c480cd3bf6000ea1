import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { RunSpec } from '../../src/config/expand.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { dataKey, type StudySize, type StudySizes } from '../../src/sweep/check-inputs.ts';
import { refuseOtherImages } from '../../src/sweep/other-images.ts';
import { inputErrorOf } from '../config/scratch.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-other-images-'));
after(() => rmSync(parent, { recursive: true }));

const spec = { config: runConfigSchema.parse({ data: { name: 'cifar-10' } }) } as RunSpec;
const run = (name: string, state: 'done' | 'pending', dataChecksum: string | null) => {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'env.json'), JSON.stringify({ dataChecksum }));
  return { name, folder, spec, toDo: state !== 'done', found: { state, reason: null, status: null } };
};

/** What the data set's name means now. */
const sizesWith = (checksum: string | null): StudySizes =>
  new Map([[dataKey(spec.config), { checksum } as StudySize]]);

test('a sweep does not go on beside runs that saw other images under the same name', () => {
  const runs = [run('s0', 'done', 'a'.repeat(64)), run('s1', 'pending', null)];
  assert.match(
    inputErrorOf(() => refuseOtherImages(runs, sizesWith('b'.repeat(64)))),
    /^data.name: cifar-10 holds other images than when s0 was trained \(checksum aaaaaaaaaaaa, now bbbbbbbbbbbb\); put these back/,
  );
});

test('the same images, unknown ones, and a sweep that is done go through', () => {
  const next = run('s1', 'pending', null);
  refuseOtherImages([run('s0', 'done', 'a'.repeat(64)), next], sizesWith('a'.repeat(64)));
  refuseOtherImages([run('s0', 'done', 'a'.repeat(64)), next], sizesWith(null));
  refuseOtherImages([run('s0', 'done', null), next], sizesWith('b'.repeat(64)));
  refuseOtherImages([run('s0', 'done', 'a'.repeat(64))], sizesWith('b'.repeat(64)));
});
