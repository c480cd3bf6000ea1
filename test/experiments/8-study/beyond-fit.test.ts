import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  beyondFit,
  beyondFitCell,
  beyondFitText,
  fittedCell,
  outcomeOf,
} from '../../../experiments/8-study/beyond-fit.ts';
import { pooledLinks } from '../../../experiments/8-study/links.ts';
import { logistic } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

const gc = [1, 2, 3, 4, 5, 6, 7, 8];
const accuracy = [8, 6, 7, 5, 3, 4, 1, 2];
const fit = [2, 1, 4, 3, 6, 5, 8, 7];
const runs = regimeRuns('a', [
  madeStudy(
    'plain-l2',
    pointsOf(
      gc.map((sourceGc, at) => ({ sourceGc, [logistic]: accuracy[at]!, sourceTestAccuracy: fit[at]! })),
    ),
  ),
]);
const link = pooledLinks(runs).find(({ claim }) => claim.from === 'sourceGc' && claim.to === logistic)!;

/** 1 - 6 sum d^2 / (n (n^2 - 1)) of orders without ties. */
const rho = (x: readonly number[], y: readonly number[]): number =>
  1 - (6 * x.reduce((sum, value, at) => sum + (value - y[at]!) ** 2, 0)) / (8 * 63);

describe('what is left of a link beyond the fit', () => {
  test('at equal loss is the partial correlation with source test accuracy held fixed', () => {
    const [xy, xz, yz] = [rho(gc, accuracy), rho(gc, fit), rho(accuracy, fit)];
    const expected = (xy - xz * yz) / Math.sqrt((1 - xz * xz) * (1 - yz * yz));
    const atLosses = beyondFit(link).filter(({ moment }) => moment !== 'equal steps');
    assert.equal(atLosses.length, 3);
    for (const { left } of atLosses) assert.ok(Math.abs(left!.value - expected) < 1e-12);
  });

  test('at equal steps a loss that is the same in all runs cannot be held fixed', () => {
    assert.equal(beyondFit(link)[0]!.outcome, 'too few configurations');
  });

  test('over the configurations that fit alone leaves out those whose loss is above the bound', () => {
    const losses = [0.01, 0.03, 0.02, 0.05, 0.04, 0.06, 0.08, 0.07, 2, 3];
    const study = madeStudy(
      'plain-l2',
      pointsOf(
        losses.map((sourceTrainLoss, at) => ({
          sourceTrainLoss,
          sourceGc: gc[at] ?? 9,
          [logistic]: accuracy[at] ?? 9,
          sourceTestAccuracy: fit[at] ?? 9,
        })),
      ),
    );
    const some = pooledLinks(regimeRuns('a', [study])).find(
      ({ claim }) => claim.from === 'sourceGc' && claim.to === logistic,
    )!;
    assert.match(beyondFitCell(beyondFit(some)[0]!), /, n = 10: /);
    assert.match(fittedCell(some), /, n = 8: /);
    assert.equal(fittedCell({ ...some, sample: { ...some.sample, rows: [] } }), 'none fits');
  });

  test('follows the interval: the paper’s side, the other side, or neither', () => {
    const left = (value: number, low: number, high: number) => ({ value, n: 8, ci95: [low, high] as const });
    assert.equal(outcomeOf(left(-0.8, -0.9, -0.1), -1), 'consistent');
    assert.equal(outcomeOf(left(0.8, 0.1, 0.9), -1), 'opposite');
    assert.equal(outcomeOf(left(0.4, -0.1, 0.8), -1), 'undecided');
    assert.equal(outcomeOf(null, -1), 'too few configurations');
  });

  test('is a row per pooled link, and says what was not measured', () => {
    const rows = cellsOf(beyondFitText([runs]));
    const shown = (to: string) => rows.find((cells) => cells[0] === 'source GC' && cells[1] === to)!;
    assert.match(shown('5-shot logistic')[4]!, /^−0\.\d\d \[−\d\.\d\d, −?\d\.\d\d\], n = 8: /);
    assert.equal(shown('5-shot nearest mean')[4], 'not measured');
  });

  test('stands beside how what is held fixed goes with GC and with accuracy', () => {
    const row = cellsOf(beyondFitText([runs])).find(([name]) => name === 'source test accuracy')!;
    const [withGc, withAccuracy] = [rho(gc, fit), rho(accuracy, fit)].map((value) =>
      value.toFixed(2).replace('-', '−'),
    );
    assert.equal(row[1], 'all, n = 8');
    assert.ok(row[2]!.startsWith(`+${withGc} [`) && row[3]!.startsWith(`${withAccuracy} [`), row.join(' '));
  });
});
