import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggestion, suggestionAmong, suggestionOfMany } from '../../src/config/nearest.ts';

const classes = Array.from({ length: 100 }, (_, c) => `class-${c}`);

test('a name is suggested where it is near, and what is allowed is said where none is', () => {
  assert.equal(suggestion('mnits', ['mnist', 'glyphs']), '; did you mean mnist?');
  assert.equal(suggestion('imagenet', ['mnist', 'glyphs']), '; allowed are mnist, glyphs');
  assert.equal(
    suggestionAmong('mnits', ['mnist', 'glyphs'], 'a or b'),
    '; did you mean mnist? Allowed are a or b',
  );
  assert.equal(suggestionAmong('imagenet', ['mnist', 'glyphs']), '; allowed are mnist, glyphs');
});

test('of many names the first few are said, and how many there are', () => {
  assert.equal(suggestionOfMany('clas-7', classes), '; did you mean class-7?');
  assert.equal(
    suggestionOfMany('zebra', classes),
    '; allowed are class-0, class-1, class-2, class-3, class-4, ... (100 in all)',
  );
});
