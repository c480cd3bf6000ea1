import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  atEqualLoss,
  atEqualSteps,
  equalLossText,
  type JudgedLink,
  judged,
  judgementText,
  type Outcome,
  reading,
  shared,
} from '../../../experiments/8-study/judgement.ts';
import { linkTable } from '../../../experiments/8-study/link-table.ts';
import { knobLinks, type Link, pooledLinks } from '../../../experiments/8-study/links.ts';
import { sampleOf } from '../../../experiments/8-study/study-runs.ts';
import { logistic } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

const link = (x: readonly number[], y: readonly number[], sign: 1 | -1 = 1): Link => ({
  from: 'x',
  to: 'y',
  claim: { from: 'x', to: 'y', sign },
  sample: sampleOf([
    madeStudy('plain-learning-rate', pointsOf(x.map((value, at) => ({ x: value, y: y[at]! })))),
  ]),
});

describe('a link over configurations', () => {
  test("is Spearman's rho of the means over seeds, with the exact permutation p value", () => {
    // Squared differences of ranks 1, 1, 1, 1, 0: rho = 1 - 6 * 4 / (5 * 24).
    const [end] = judged(link([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])).judgements;
    assert.ok(end!.found !== null && end!.found !== 'few');
    assert.ok(Math.abs(end!.found.value - 0.8) < 1e-12);
    assert.equal(end!.found.n, 5);
    assert.equal(end!.outcome, 'undecided');
  });

  test('a perfect order of five has 2 of 120 arrangements as extreme', () => {
    const [end] = judged(link([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])).judgements;
    assert.match(judgementText(end!, 1), /^\+1\.00 \[−?\d\.\d\d, 1\.00\], p 0\.017, n = 5: consistent$/);
    assert.ok(Math.abs((end!.found as { readonly p: number }).p - 2 / 120) < 1e-12);
  });

  test('is judged at the ends and at each of three losses', () => {
    const found = judged(link([1, 2, 3, 4, 5], [5, 4, 3, 2, 1])).judgements;
    assert.deepEqual(
      found.map(({ moment, outcome }) => [moment, outcome]),
      ['equal steps', 'loss 2', 'loss 1', 'loss 0.5'].map((moment) => [moment, 'opposite']),
    );
  });

  test('says where nothing was run, nothing was measured, or no run passes a loss', () => {
    const missing = { ...link([1], [1]), sample: sampleOf([]) };
    assert.ok(judged(missing).judgements.every((each) => judgementText(each, 1) === 'not run'));
    const other = link([1, 2], [1, 2]);
    const unmeasured = { ...other, claim: { ...other.claim, to: 'z' } };
    assert.equal(atEqualSteps(judged(unmeasured)), 'not measured');
    const high = madeStudy('plain-l2', pointsOf([{ x: 1, y: 1 }]), { losses: [3, 2.5] });
    const texts = judged({ ...other, sample: sampleOf([high]) }).judgements.map((each) =>
      judgementText(each, 1),
    );
    assert.deepEqual(texts.slice(1), ['no run passes it', 'no run passes it', 'no run passes it']);
  });
});

describe('what equal steps and equal loss say together', () => {
  const of = (...outcomes: readonly Outcome[]): JudgedLink => ({
    link: link([1], [1]),
    judgements: outcomes.map((outcome, at) => ({
      ...{ outcome, found: null, reached: true },
      moment: ['equal steps', 'loss 2', 'loss 1', 'loss 0.5'][at]!,
    })),
  });
  const few = 'too few configurations';

  for (const [outcomes, text, equalLoss] of [
    [['consistent', 'consistent', 'consistent', few], 'holds at equal steps and at equal loss', 'consistent'],
    [['consistent', 'undecided', 'opposite', few], 'confound of fit', 'undecided'],
    [['consistent', 'undecided', 'undecided', few], 'holds at equal steps only', 'undecided'],
    [
      ['consistent', 'undecided', 'consistent', few],
      'holds at equal steps and at 1 of 2 losses',
      'undecided',
    ],
    [['consistent', few, few, few], 'holds at equal steps, not tested at equal loss', few],
    [['opposite', 'opposite', few, few], 'opposite at equal steps and at equal loss', 'opposite'],
    [['opposite', 'consistent', few, few], 'opposite at equal steps only', 'consistent'],
    [['undecided', 'consistent', few, few], 'undecided', 'consistent'],
    [['not run', 'not run', 'not run', 'not run'], 'not run', 'not run'],
  ] as const)
    test(`${outcomes.join(', ')}: ${text}`, () => {
      assert.equal(reading(of(...outcomes)), text);
      assert.equal(atEqualLoss(of(...outcomes)), equalLoss);
    });

  test('says at how many of the tested losses there is a verdict', () => {
    const text = (...outcomes: readonly Outcome[]): string => equalLossText(of('undecided', ...outcomes));
    assert.equal(text('consistent', 'consistent', 'consistent'), 'at equal loss consistent');
    assert.equal(text('consistent', 'undecided', 'too few configurations'), 'consistent at 1 of 2 losses');
    assert.equal(
      text('consistent', 'opposite', 'undecided'),
      'consistent at 1 of 3 losses, opposite at 1 of 3 losses',
    );
    assert.equal(text('undecided', 'undecided', 'undecided'), 'at equal loss undecided');
    assert.equal(
      text('too few configurations', 'too few configurations'),
      'at equal loss too few configurations',
    );
  });

  test('outcomes that differ are undecided, or what is missing', () => {
    assert.equal(shared(['consistent', 'consistent']), 'consistent');
    assert.equal(shared(['consistent', 'opposite']), 'undecided');
    assert.equal(shared(['consistent', 'not run']), 'not run');
    assert.equal(shared([]), 'not run');
  });
});

describe('the links of a regime', () => {
  const rising = [1, 2, 3, 4, 5, 6];
  const points = (prefix: string, shift: number) =>
    pointsOf(
      rising.map((value) => ({
        sourceGc: value + shift,
        targetCdnv: value + shift,
        targetCdnvDirectional: -value - shift,
        [logistic]: -value - shift,
      })),
      prefix,
    );
  const runs = regimeRuns('a', [
    madeStudy('plain-learning-rate', points('r', 0)),
    madeStudy('plain-l2', points('l', 0.5)),
  ]);

  test("a knob is tested over its own configurations, the other links over all knobs'", () => {
    const rows = cellsOf(linkTable([...knobLinks(runs), ...pooledLinks(runs)].map(judged)));
    const cell = (from: string, to: string): string | undefined =>
      rows.find((cells) => cells[0] === from && cells[1] === to)?.[3];
    assert.match(cell('plain-learning-rate', 'source GC')!, /^\+1\.00 .*, n = 6: opposite$/);
    assert.equal(cell('plain-learning-rate', 'squared gradient along the path'), 'not measured');
    assert.match(cell('source GC', 'target CDNV')!, /^\+1\.00 .*, n = 12: consistent$/);
    assert.match(cell('source GC', 'directional target CDNV')!, /^−1\.00 .*, n = 12: opposite$/);
    assert.match(cell('target CDNV', '5-shot logistic')!, /^−1\.00 .*, n = 12: consistent$/);
    assert.equal(cell('target CDNV', '5-shot nearest mean'), 'not measured');
  });

  test('within configurations the seeds of each are ranked by themselves', () => {
    const rows = cellsOf(linkTable(pooledLinks(runs).map(judged)));
    const within = rows
      .find((cells) => cells[0] === 'source GC' && cells[1] === 'directional target CDNV')!
      .at(-1);
    // Values of a seed rise together, though configurations go the other way.
    assert.match(within!, /^\+1\.00, p < 0\.001, 36 runs of 12$/);
  });

  test('a regime without target classes has no link to them', () => {
    const vgg = regimeRuns('d', [madeStudy('vgg-l2', points('v', 0), { transfer: false })]);
    assert.deepEqual(
      pooledLinks(vgg).map(({ claim }) => claim.to),
      ['sourceGc', 'sourceCdnv'],
    );
  });

  test('and one whose sweeps are of different data sets has no link over all of them', () => {
    const grey = regimeRuns("d'", [madeStudy('grey-mnist', points('g', 0), { transfer: false })]);
    assert.deepEqual(pooledLinks(grey), []);
    assert.equal(knobLinks(grey).length, 3);
  });
});
