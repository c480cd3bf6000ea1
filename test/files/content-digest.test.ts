import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contentDigest } from '../../src/files/content-digest.ts';
import { scratchFolder } from '../config/scratch.ts';

test("a file's digest is what sha256sum prints", (context) => {
  const folder = scratchFolder({ 'a.npz': 'abc', empty: '' }, context);
  for (const name of ['a.npz', 'empty']) {
    const path = join(folder, name);
    assert.equal(
      contentDigest(path, null),
      execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64),
    );
  }
  assert.equal(contentDigest(join(folder, 'none'), null), null);
});

test("a folder's digest follows names and bytes, not place, time or hidden files", (context) => {
  const root = scratchFolder({ 'a/x/1.png': 'one', 'a/y/2.png': 'two' }, context);
  const a = join(root, 'a');
  const digest = contentDigest(a, null);
  const lines = [
    ['x/1.png', 'one'],
    ['y/2.png', 'two'],
  ].map(([name, text]) => `${name}\0${text!.length}\0${createHash('sha256').update(text!).digest('hex')}\n`);
  assert.equal(digest, createHash('sha256').update(lines.join('')).digest('hex'));
  const b = join(root, 'elsewhere', 'b');
  cpSync(a, b, { recursive: true });
  utimesSync(join(b, 'x/1.png'), 1, 1);
  writeFileSync(join(b, '.DS_Store'), 'noise');
  assert.equal(contentDigest(b, null), digest);
  writeFileSync(join(b, 'x/1.png'), 'onE');
  assert.notEqual(contentDigest(b, null), digest);
  writeFileSync(join(b, 'x/1.png'), 'one');
  renameSync(join(b, 'x/1.png'), join(b, 'y/1.png'));
  assert.notEqual(contentDigest(b, null), digest);
});

/** When files that are written now have been left alone for a while. */
const later = Date.now() + 3_600_000;

test('the digest of much data is kept, and made again once the file has changed', (context) => {
  const folder = scratchFolder({}, context);
  const [path, cache] = [join(folder, 'big'), join(folder, 'cache')];
  writeFileSync(path, 'start');
  truncateSync(path, 65 * 2 ** 20);
  const digest = contentDigest(path, cache, later);
  assert.equal(digest, contentDigest(path, null));
  const entries = readdirSync(join(cache, 'contents'));
  assert.equal(entries.length, 1);
  // What is kept is what is given: a wrong entry shows.
  const entry = join(cache, 'contents', entries[0]!);
  const wrong = 'f'.repeat(64);
  const seen = execFileSync('cut', ['-d', ' ', '-f1', entry], { encoding: 'utf8' }).trim();
  writeFileSync(entry, `${seen} ${wrong}`);
  assert.equal(contentDigest(path, cache), wrong);
  writeFileSync(path, 'other', { flag: 'r+' });
  assert.equal(statSync(path).size, 65 * 2 ** 20);
  assert.equal(contentDigest(path, cache), contentDigest(path, null));
  assert.notEqual(contentDigest(path, cache), digest);
});

test('other bytes of the same size and time of modification, as `cp -p` leaves them, have another digest', (context) => {
  const folder = scratchFolder({}, context);
  const [path, cache] = [join(folder, 'big'), join(folder, 'cache')];
  writeFileSync(path, 'v1');
  truncateSync(path, 65 * 2 ** 20);
  utimesSync(path, 1_000_000, 1_000_000);
  const digest = contentDigest(path, cache, later);
  writeFileSync(path, 'v2', { flag: 'r+' });
  utimesSync(path, 1_000_000, 1_000_000);
  assert.notEqual(contentDigest(path, cache, later), digest);
});

test('the digest of a file that has just changed is not kept', (context) => {
  const folder = scratchFolder({}, context);
  const [path, cache] = [join(folder, 'big'), join(folder, 'cache')];
  writeFileSync(path, '');
  truncateSync(path, 65 * 2 ** 20);
  contentDigest(path, cache);
  assert.equal(existsSync(join(cache, 'contents')), false);
});

test('a cache that cannot be written costs time only', (context) => {
  const folder = scratchFolder({ cache: 'a file where a folder should be' }, context);
  const path = join(folder, 'big');
  writeFileSync(path, '');
  truncateSync(path, 65 * 2 ** 20);
  mkdirSync(join(folder, 'other'));
  assert.equal(contentDigest(path, join(folder, 'cache')), contentDigest(path, null));
});

test('a folder that links to itself is refused in one line', (context) => {
  const folder = scratchFolder({ 'a.npz': 'abc' }, context);
  for (const name of ['one', 'two']) symlinkSync('.', join(folder, name));
  assert.throws(() => contentDigest(folder, null), {
    name: 'InputError',
    message: `${folder}/one: more than 32 folders deep, or a link to a folder above itself`,
  });
});
