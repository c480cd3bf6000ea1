import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { circlesOf, folderOf, folderOrder, importGraph, importsOf } from '../../scripts/imports.mjs';

const imports = importsOf(resolve(import.meta.dirname, '../..'));

describe('the folders of src/', () => {
  it('are all in the order', () => {
    const folders = new Set([...imports.keys()].map(folderOf));
    assert.deepEqual(
      [...folders].filter((folder) => !folderOrder.includes(folder)),
      [],
    );
  });

  it('import only from those before them', () => {
    const place = (file: string): number => folderOrder.indexOf(folderOf(file));
    const against = [...imports].flatMap(([from, targets]) =>
      targets.filter((to) => place(to) > place(from)).map((to) => `${from} -> ${to}`),
    );
    assert.deepEqual(against, []);
  });

  it('hold no circle of files', () => {
    const circles = circlesOf(imports);
    assert.deepEqual(
      circles.map((files) => files.join(' -> ')),
      [],
    );
  });
});

describe('the check itself', () => {
  it('finds a circle, and none in a tree', () => {
    const circle = new Map([
      ['a/one.ts', ['b/two.ts']],
      ['b/two.ts', ['c/three.ts']],
      ['c/three.ts', ['b/two.ts']],
    ]);
    assert.deepEqual(circlesOf(circle), [['b/two.ts', 'c/three.ts']]);
    assert.deepEqual(
      circlesOf(
        new Map([
          ['a/one.ts', ['b/two.ts']],
          ['b/two.ts', []],
        ]),
      ),
      [],
    );
  });

  it('reads types, imports when needed and exports from other files', () => {
    const found = imports.get('pipeline/run-one.ts')!;
    assert.ok(found.includes('training/loop.ts'));
    assert.ok(imports.get('cli/command-line.ts')!.includes('cli/sweep.ts'));
  });
});

describe('docs/architecture.md', () => {
  const root = resolve(import.meta.dirname, '../..');
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

  it('has the figure of the imports as they are (npm run architecture)', () => {
    assert.ok(text.includes(importGraph(root)), 'npm run architecture writes it anew');
  });

  it('has a row for every folder, in their order', () => {
    const rows = [...text.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, folder]) => folder);
    assert.deepEqual(rows, folderOrder);
  });
});
