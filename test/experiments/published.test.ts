import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isMet, publishedRows, publishedText, resultsOf } from '../../experiments/7-published/published.ts';
import { here } from '../../experiments/write-results.ts';

const folder = join(here, '7-published');
const rows = publishedRows();

describe('published numbers', () => {
  test('every row names configs and scripts that exist, and every result has a row', () => {
    for (const { from } of rows)
      for (const file of from.split(', ')) assert.ok(existsSync(join(folder, file)), file);
    for (const file of readdirSync(join(folder, 'results')))
      assert.ok(
        rows.some(({ id }) => file === `${id}.json`),
        file,
      );
  });

  test('each row has figures with bounds, or says how near the published values are to be', () => {
    for (const { id, figures, within } of rows)
      assert.ok((figures === undefined) !== (within === undefined), id);
  });

  test('a figure that was run is one of its row', () => {
    for (const row of rows.filter(({ figures }) => figures !== undefined))
      for (const key of Object.keys(resultsOf(row)))
        assert.ok(
          row.figures!.some((figure) => figure.key === key),
          `${row.id}: ${key}`,
        );
  });

  test('is met within its bounds, both included; without bounds it is neither met nor missed', () => {
    const between = { least: 61.5, most: 63.9 };
    assert.deepEqual(
      [61.49, 61.5, 63.9, 63.91].map((value) => isMet(between, value)),
      [false, true, true, false],
    );
    assert.equal(isMet({ least: 93, most: null }, 92.99), false);
    assert.equal(isMet({ least: null, most: 1e-5 }, 2e-5), false);
    assert.equal(isMet({ least: null, most: null }, 5), null);
  });

  test('the relative distance that a result states is that of its two values', () => {
    const compared = rows
      .filter(({ within }) => within !== undefined)
      .flatMap((row) => Object.entries(resultsOf(row)));
    assert.ok(compared.length > 0);
    for (const [key, { value, published, distance }] of compared)
      assert.ok(Math.abs(Math.abs(value - published!) / Math.abs(published!) - distance!) < 1e-12, key);
  });

  test('what was not run is said, and not counted as missed', () => {
    const lines = publishedText().split('\n');
    for (const { figures, what, ...row } of rows)
      if (figures !== undefined && Object.keys(resultsOf(row)).length === 0)
        assert.ok(
          lines.some((line) => line.includes(what) && line.includes('not run') && !line.includes('**no**')),
          what,
        );
  });
});
