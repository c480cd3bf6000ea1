import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathInside } from '../../src/files/path-inside.ts';
import { inputErrorOf, scratchFolder } from '../config/scratch.ts';

test('a plain name gives a path in the folder, whether or not the folders on the way are there', (context) => {
  const folder = scratchFolder({}, context);
  for (const name of [
    'a.svg',
    'fewshot_target_5way_1shot_logistic.vl.json',
    'lr0.1-s0-373357be',
    '..a',
    'ü b',
  ])
    assert.equal(pathInside(folder, 'report', 'figures', name), join(folder, 'report', 'figures', name));
});

test('a name that is a path, or none, is refused in one line', (context) => {
  const folder = scratchFolder({}, context);
  for (const name of ['', '.', '..', '../a', '/etc/passwd', 'a/b', 'a\\b', '..\\a', 'a\u0000.svg', 'a\nb']) {
    assert.match(
      inputErrorOf(() => pathInside(folder, 'report', name)),
      /^".*": not a name for a file in .*; allowed is a name without/,
    );
    assert.throws(() => pathInside(folder, name, 'a.svg'));
  }
});

test('a link that leads out of the folder is refused, one that stays inside is not', (context) => {
  const folder = scratchFolder({}, context);
  const other = scratchFolder({}, context);
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'inner'));
  symlinkSync(other, join(folder, 'report'));
  symlinkSync('..', join(folder, 'up'));
  assert.equal(pathInside(folder, 'inner', 'a.svg'), join(folder, 'inner', 'a.svg'));
  for (const names of [
    ['report', 'report.html'],
    ['report', 'figures', 'a.svg'],
    ['up', 'a.svg'],
  ])
    assert.match(
      inputErrorOf(() => pathInside(folder, ...(names as [string, string]))),
      /a link that leads out of .*; nothing is written there$/,
    );
});

test('the folder itself may be reached by a link', (context) => {
  const folder = scratchFolder({}, context);
  const link = join(scratchFolder({}, context), 'link');
  symlinkSync(folder, link);
  mkdirSync(join(folder, 'report'));
  assert.equal(pathInside(link, 'report', 'a.svg'), join(link, 'report', 'a.svg'));
});
