import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { NearestMeanRecord } from '../../../src/measures/record.ts';
import { aggregate } from '../../../src/report/aggregate.ts';
import { nearestMeanFigure } from '../../../src/report/figures/nearest-mean.ts';
import { readSweep } from '../../../src/report/read-runs.ts';
import { makeSweep } from '../sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-nearest-mean-figure-'));
after(() => rmSync(parent, { recursive: true }));

/** The figure of one run whose record of the classifier says something else at every checkpoint. */
const figureOf = (name: string, said: Partial<NearestMeanRecord>) => {
  const made = {
    learningRates: [0.01],
    seeds: [0],
    epochs: 2,
    change: (records: readonly object[]) =>
      JSON.parse(JSON.stringify(records), (key, value) =>
        key === 'nearestMean' ? { ...value, ...said } : value,
      ),
  };
  const results = aggregate(readSweep(makeSweep(parent, name, made)));
  return nearestMeanFigure(results, { kind: 'alike' })[0];
};
const errors = (figure: ReturnType<typeof figureOf>) =>
  figure!.rows.filter(({ quantity }) => quantity === 'test error').map(({ mean }) => mean);

describe('the figure of the nearest-mean classifier', () => {
  it('draws the error averaged over classes, which the bounds are of', () => {
    const figure = figureOf('both', { error: 0.04, errorOverClasses: 0.3 });
    assert.ok(errors(figure).every((value) => value === 0.3));
    assert.match(figure!.caption, /averaged over classes/);
  });

  it('says how many means of 0 the logarithmic axis has no place for', () => {
    assert.doesNotMatch(figureOf('above-0', { errorOverClasses: 0.1 })!.caption, /no place/);
    const { caption, rows } = figureOf('zeros', { errorOverClasses: 0.1, geometricCollapseBoundPerRho: 0 })!;
    const zeros = rows.filter(({ mean }) => mean === 0).length;
    assert.ok(zeros > 1);
    assert.match(caption, new RegExp(`\\b${zeros} means of 0 have no place on the logarithmic axis`));
  });

  it('of records of before has the share of all examples', () => {
    const figure = figureOf('before', { error: 0.04, errorOverClasses: undefined });
    assert.ok(errors(figure).every((value) => value === 0.04));
    assert.doesNotMatch(figure!.caption, /averaged over classes/);
  });
});
