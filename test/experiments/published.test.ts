import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { figuresOf } from '../../experiments/7-published/from-runs.ts';
import { isMet, publishedRows, publishedText, resultsOf } from '../../experiments/7-published/published.ts';
import { here } from '../../experiments/write-results.ts';
import type { CheckpointLine } from '../../src/pipeline/records.ts';

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

describe("a training run's figures", () => {
  const checkpoint = {
    measures: [{ split: 'sourceTest', accuracy: 0.93, neuralCollapse: { examples: 1000 } }],
    fewshot: {
      results: [
        { shots: 1, readout: 'nearest-mean', accuracy: 0.1, ci95: [0, 0.2] },
        { shots: 1, readout: 'logistic', accuracy: 0.6, ci95: [0.59, 0.61] },
        { shots: 5, readout: 'logistic', accuracy: 0.75, ci95: [0.74, 0.76] },
      ],
    },
  } as unknown as CheckpointLine;

  test('are of logistic episodes, with their interval', () => {
    const found = figuresOf(checkpoint, ['1 shot', '5 shots']);
    assert.deepEqual(Object.keys(found), ['1 shot', '5 shots']);
    assert.deepEqual(found['1 shot'], { value: 60, ci95: [59, 61] });
    assert.equal(found['5 shots']!.value, 75);
  });

  test("are of the source's test images, with Wilson's interval", () => {
    const { value, ci95 } = figuresOf(checkpoint, ['test accuracy'])['test accuracy']!;
    assert.equal(value, 93);
    assert.ok(Math.abs(ci95![0] - 91.246) < 0.01 && Math.abs(ci95![1] - 94.423) < 0.01, `${ci95}`);
  });

  test('leave out what the run has not', () => {
    assert.deepEqual(
      figuresOf({ ...checkpoint, fewshot: undefined } as unknown as CheckpointLine, ['1 shot']),
      {},
    );
  });
});
