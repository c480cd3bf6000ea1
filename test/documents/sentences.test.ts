import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { longStretches } from './sentences.ts';

const root = resolve(import.meta.dirname, '../..');
const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pagesIn('docs'), ...pagesIn('experiments')];

describe('no sentence of the manual or of the experiments runs for more than 25 words without a full stop, a colon or a semicolon', () => {
  for (const page of pages)
    test(page, () => {
      assert.deepEqual(longStretches(readFileSync(join(root, page), 'utf8'), 25), []);
    });
});

describe('the check', () => {
  const words = (count: number): string => new Array(count).fill('word').join(' ');

  test('finds a long sentence in a paragraph over several lines, and in a list', () => {
    assert.equal(longStretches(`Short. ${words(3)}\n${words(23)}.`, 25).length, 1);
    assert.equal(longStretches(`- ${words(26)}.\n- ${words(5)}.`, 25).length, 1);
    assert.deepEqual(longStretches(`${words(25)}. ${words(25)}`.replace('. w', '. W'), 25), []);
  });

  test('leaves out code, tables and headings, and counts a quoted command as one word', () => {
    const rest = [`    ${words(30)}`, `| ${words(30)} |`, `# ${words(30)}`, `\`\`\`\n${words(30)}\n\`\`\``];
    assert.deepEqual(longStretches(rest.join('\n\n'), 25), []);
    assert.deepEqual(longStretches(`\`${words(30)}\` ${words(24)}.`, 25), []);
  });
});
