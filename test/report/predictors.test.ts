import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { aggregate } from '../../src/report/aggregate.ts';
import { resultsJson } from '../../src/report/export/results-json.ts';
import { pooledPredictors, predictorsOf, reportedAccuracy } from '../../src/report/predictor-runs.ts';
import {
  kindOfSet,
  type Predictor,
  type PredictorQuantity,
  type PredictorRun,
  predictorTable,
} from '../../src/report/predictors.ts';
import {
  behindText,
  givenFitText,
  predictorSentences,
  predictorsText,
} from '../../src/report/predictors-text.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { trendsOf } from '../../src/report/trends.ts';
import { writeReport } from '../../src/report/write-report.ts';
import { betweenConfigurations } from '../../src/statistics/association.ts';
import { correlationDifference } from '../../src/statistics/correlation-difference.ts';
import { makeSweep } from './sweep-folder.ts';

interface Estimate {
  readonly value: number;
  readonly ci95: readonly [number, number];
}
interface Expected {
  readonly kind: PredictorQuantity['kind'];
  readonly rho: number;
  readonly ci95: readonly [number, number];
  readonly givenFit: Estimate;
  readonly complexityGiven: Estimate | null;
  readonly behindBest: Estimate | null;
}
const { sweeps } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../statistics/fixtures/predictors.json'), 'utf8'),
) as { sweeps: { runs: PredictorRun[]; expected: Record<string, Expected> }[] };

const close = (actual: number | undefined, expected: number): void =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
const closeEstimate = (actual: Estimate | null, expected: Estimate | null): void => {
  if (expected === null) {
    assert.equal(actual, null);
    return;
  }
  close(actual?.value, expected.value);
  for (const end of [0, 1] as const) close(actual?.ci95[end], expected.ci95[end]);
};
const accuracy = { id: 'accuracy', label: 'accuracy' };
const quantitiesOf = (expected: Record<string, Expected>): PredictorQuantity[] =>
  Object.entries(expected).map(([id, { kind }]) => ({ id, label: id, kind }));

/** What the report says of made-up measures of the source, in one text. */
const sentencesOn = (made: readonly PredictorRun[], ids: readonly string[]): string =>
  predictorSentences(
    predictorTable(
      made,
      ids.map((id) => ({ id, label: id, kind: 'source' })),
      accuracy,
    ),
  ).join(' ');

describe('what ranks accuracy agrees with SciPy and NumPy', () => {
  for (const { runs, expected } of sweeps) {
    const table = predictorTable(runs, quantitiesOf(expected), accuracy);
    const count = runs.length / 3;
    for (const [id, wanted] of Object.entries(expected))
      test(`${id} over ${count} configurations: alone, given the fit, GC given it, behind the best`, () => {
        const found = table.predictors.find((each) => each.id === id) as Predictor;
        assert.equal(found.configurations, count);
        closeEstimate(found.rho as Estimate, { value: wanted.rho, ci95: wanted.ci95 });
        closeEstimate(found.givenFit as Estimate | null, wanted.givenFit);
        closeEstimate(found.complexityGiven as Estimate | null, wanted.complexityGiven);
        closeEstimate(found.behindBest, wanted.behindBest);
      });
    test(`the ${count} configurations' table is ordered by the size of rho`, () => {
      const sizes = table.predictors.map(({ rho }) => Math.abs(rho!.value));
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => b - a),
      );
    });
  }
});

describe('a predictor that cannot be judged', () => {
  const { runs, expected } = sweeps[0]!;
  const with4 = runs.filter(({ configuration }) => configuration < 'c4');

  test('over four configurations has a value and neither interval nor permutation p value', () => {
    const table = predictorTable(with4, quantitiesOf(expected), accuracy);
    for (const { rho, givenFit, behindBest, because } of table.predictors) {
      assert.equal(rho!.ci95, null);
      assert.deepEqual([rho!.p, givenFit, behindBest, because], [null, null, null, 'too few configurations']);
    }
    assert.match(predictorSentences(table).join(' '), /^4 configurations: too few to say which measure/);
  });

  test('is named with the reason: not measured, no variation', () => {
    const changed = runs.map(({ configuration, values }) => ({
      configuration,
      values: { ...values, sourceGc: 1, sourceCdnv: null },
    }));
    const table = predictorTable(changed, quantitiesOf(expected), accuracy);
    const because = Object.fromEntries(table.predictors.map((each) => [each.id, each.because]));
    assert.equal(because.sourceGc, 'no variation');
    assert.equal(because.sourceCdnv, 'not measured');
  });

  test('is of the runs that have the accuracy, and of those of them that have both', () => {
    const known = runs.map((run, at) =>
      at % 3 === 1 ? { ...run, values: { ...run.values, targetCdnv: null } } : run,
    );
    const without = { configuration: 'elsewhere', values: { ...runs[0]!.values, accuracy: null } };
    const table = predictorTable([...known, without], quantitiesOf(expected), accuracy);
    assert.deepEqual([table.runs, table.configurations], [runs.length, runs.length / 3]);
    const found = table.predictors.find(({ id }) => id === 'targetCdnv')!;
    const pairs = known.flatMap(({ configuration, values: { targetCdnv, accuracy: y } }) =>
      targetCdnv === null ? [] : [{ configuration: Number(configuration.slice(1)), x: targetCdnv!, y: y! }],
    );
    assert.deepEqual(found.rho, betweenConfigurations(pairs));
  });

  test('shows the number of configurations of each estimate that has fewer', () => {
    const fewer = runs.map((run) =>
      run.configuration === 'c0' ? { ...run, values: { ...run.values, sourceTestAccuracy: null } } : run,
    );
    const table = predictorTable(fewer, quantitiesOf(expected), accuracy);
    const found = table.predictors.find(({ id }) => id === 'sourceGc')!;
    assert.equal(found.configurations, runs.length / 3);
    assert.equal(found.givenFit!.n, runs.length / 3 - 1);
    assert.match(givenFitText(found), new RegExp(`, n ${runs.length / 3 - 1}$`));
    assert.doesNotMatch(
      behindText(table.predictors.find(({ kind, behindBest }) => kind === 'target' && behindBest !== null)!),
      /, n /,
    );
  });

  test('with a measure of too few configurations beside it, is not ranked behind that one', () => {
    const rare = runs.map(({ configuration, values }) => ({
      configuration,
      values: {
        ...values,
        rare: configuration < 'c2' ? values.accuracy! : null,
      },
    }));
    const table = predictorTable(
      rare,
      (['sourceGc', 'rare'] as const).map((id) => ({ id, label: id, kind: 'source' })),
      accuracy,
    );
    assert.deepEqual(
      table.predictors.map(({ id }) => id),
      ['sourceGc', 'rare'],
    );
    assert.match(predictorSentences(table).join(' '), /sourceGc ranks accuracy best over 8 configurations/);
  });

  test('is said to be better than others only of those that it was compared with', () => {
    const made = Array.from({ length: 12 }, (_, at) => ({
      configuration: `c${at}`,
      values: {
        accuracy: at,
        best: at,
        noise: [5, 2, 9, 0, 11, 3, 7, 1, 10, 4, 8, 6][at]!,
        rare: at < 4 ? at : null,
      },
    }));
    const of = (...ids: string[]) => sentencesOn(made, ids);
    assert.match(of('best', 'rare'), /It is the only one of 5 configurations or more\.$/);
    assert.match(of('best', 'noise'), /It ranks better than every other one\.$/);
    assert.match(
      of('best', 'noise', 'rare'),
      /It ranks better than every other one of 5 configurations or more\.$/,
    );
  });

  test('is said to rank nothing only where no measure of its kind does', () => {
    // Over five configurations four of five places in order have p 0.083; over eight, a smaller coefficient is decided.
    const made = Array.from({ length: 8 }, (_, at) => ({
      configuration: `c${at}`,
      values: {
        accuracy: at,
        few: at < 5 ? [0, 1, 2, 4, 3][at]! : null,
        many: [1, 0, 2, 4, 3, 7, 5, 6][at]!,
      },
    }));
    const of = (...ids: string[]) => sentencesOn(made, ids);
    assert.match(of('few'), /few ranks accuracy best over 5 .* p 0.083: none of them is shown to rank it/);
    assert.match(of('few', 'many'), /few ranks accuracy best over 5 .* p 0.083\. 1 others/);
  });

  test('of classes that the accuracy is not of stands in a kind of its own', () => {
    assert.deepEqual(
      ['sourceTrain', 'sourceTest', 'target', 'target layer3 GC', 'validation', 'mnist/test'].map(kindOfSet),
      ['source', 'source', 'target', 'target', 'elsewhere', 'elsewhere'],
    );
  });

  test('alone of its kind is not called better than others', () => {
    const table = predictorTable(runs, [{ id: 'sourceGc', label: 'GC', kind: 'source' }], accuracy);
    assert.doesNotMatch(predictorSentences(table).join(' '), /better/);
  });

  test('seeds more do not make configurations more', () => {
    const twice = [...runs, ...runs];
    const table = predictorTable(twice, quantitiesOf(expected), accuracy);
    assert.deepEqual(
      table.predictors.map(({ rho }) => rho),
      predictorTable(runs, quantitiesOf(expected), accuracy).predictors.map(({ rho }) => rho),
    );
  });
});

describe('the difference of two rank correlations', () => {
  const y = [1, 2, 3, 4, 5, 6, 7, 8];
  const a = [2, 1, 3, 5, 4, 6, 8, 7];
  test('of a variable with itself, or its mirror image, is 0 with no width', () => {
    for (const b of [a, a.map((value) => -value)]) {
      const found = correlationDifference(a, b, y)!;
      close(found.value, 0);
      for (const end of found.ci95) assert.ok(Math.abs(end) < 1e-6, `${end}`);
    }
  });
  test('is never beyond 1: no size is below 0', () => {
    const none = [4, 2, 6, 8, 1, 3, 7, 5];
    const found = correlationDifference(a, none, y)!;
    assert.ok(found.ci95[1] <= 1 && found.ci95[1] > found.value, `${found.ci95}`);
    assert.ok(correlationDifference(none, a, y)!.ci95[0] >= -1);
  });
  test('changes its sign with the order of the two', () => {
    const b = [3, 1, 2, 8, 4, 7, 5, 6];
    const [one, other] = [correlationDifference(a, b, y)!, correlationDifference(b, a, y)!];
    close(one.value, -other.value);
    close(one.ci95[0], -other.ci95[1]);
  });
});

describe('a sweep', () => {
  const root = mkdtempSync(join(tmpdir(), 'gcnc-predictors-'));
  after(() => rmSync(root, { recursive: true }));
  const rates = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06];
  const results = aggregate(readSweep(makeSweep(root, 'one', { learningRates: rates, seeds: [0, 1] })));
  const other = aggregate(
    readSweep(makeSweep(root, 'two', { learningRates: [0.05, 0.06, 0.07, 0.08], seeds: [0, 1] })),
  );

  test('has its table in JSON, page and terminal', async () => {
    const table = predictorsOf(results)!;
    assert.deepEqual([table.configurations, table.runs], [6, 12]);
    assert.deepEqual(resultsJson(results).predictors, table);
    const page = readFileSync(await writeReport(results.sweep.folder), 'utf8');
    assert.match(page, /What ranks few-shot accuracy/);
    assert.match(page, /source GC given the measure/);
    const text = predictorsText(table, 3);
    assert.match(
      text,
      /^What ranks 5-way 5-shot accuracy, nearest-mean: rank correlations over 6 configurations/,
    );
    const verdicts = predictorSentences(table);
    assert.equal(verdicts.length, 2);
    for (const verdict of verdicts) assert.match(verdict, /ranks accuracy best over 6 configurations, /);
    for (const line of text.split('\n')) assert.ok([...line].length <= 100, line);
  });

  test('a run whose config is damaged is a seed of its configuration, in this table as in the links', () => {
    const folder = makeSweep(root, 'damaged', {
      ...{ learningRates: rates, seeds: [0, 1] },
      changeConfig: (config, run) => (run === 3 ? 'damaged' : config),
    });
    const damaged = aggregate(readSweep(folder));
    const table = predictorsOf(damaged)!;
    assert.deepEqual([table.configurations, table.runs], [6, 12]);
    const link = trendsOf(damaged).find(
      ({ fromId, toId }) => fromId === 'sourceGc' && toId === table.accuracy.id,
    )!;
    assert.deepEqual(table.predictors.find(({ id }) => id === 'sourceGc')!.rho, link.overMeans);
  });

  test('is judged by the most shots, in whatever order the config has them', () => {
    const accuracyOf = (name: string, shots: readonly number[]) =>
      reportedAccuracy(
        aggregate(readSweep(makeSweep(root, name, { learningRates: [0.01], seeds: [0], shots }))),
      )!.id;
    assert.equal(accuracyOf('rising', [1, 5]), accuracyOf('falling', [5, 1]));
    assert.match(accuracyOf('falling', [5, 1]), /5shot/);
  });

  test('pooled with another counts runs that both hold once', () => {
    const table = pooledPredictors([results, other], results.fewshot.at(-1)!.id);
    assert.deepEqual([table.configurations, table.runs], [8, 16]);
    const source = table.predictors.find(({ id }) => id === 'sourceGc')!;
    assert.equal(source.configurations, 8);
  });

  test('gcnc predict prints the table; an unknown accuracy or measure is refused with what is allowed', async () => {
    const { outputOf } = await import('../cli/in-process.ts');
    const folders = [results.sweep.folder, other.sweep.folder];
    const json = JSON.parse(await outputOf(['predict', ...folders, '--json']));
    assert.deepEqual([json.configurations, json.sweeps, json.problems], [8, folders, []]);
    const elsewhere = makeSweep(root, 'three', {
      ...{ learningRates: [0.01], seeds: [0, 1] },
      config: () => ({ data: { name: 'cifar-100', split: 'fc100' } }),
    });
    const pooled = (await outputOf(['predict', ...folders, elsewhere])).replaceAll(/\s+/g, ' ');
    assert.match(
      pooled,
      /! runs on 2 data sets \(glyphs, cifar-100 \(fc100\)\): a correlation over them may/,
    );
    const otherwise = makeSweep(root, 'four', {
      ...{
        learningRates: [0.1, 0.2],
        seeds: [0, 1],
        states: { 3: { state: 'failed', reason: 'loss is NaN' } },
      },
      config: () => ({ fewshot: { normalize: true } }),
      change: (records) => JSON.parse(JSON.stringify(records).replaceAll('"normalized"', '"pixel"')),
    });
    const differing = (await outputOf(['predict', ...folders, otherwise])).replaceAll(/\s+/g, ' ');
    for (const said of [
      /! geometric complexity in different input units \(normalized, pixel\): do not compare it/,
      /! runs differ in fewshot\.normalize: accuracies of one name are not of one evaluation/,
      /! four: learningRate=0\.2-seed=1-\S+: failed, loss is NaN/,
    ])
      assert.match(differing, said);
    assert.match(await outputOf(['predict', otherwise]), /^! learningRate=0\.2-seed=1-\S+: failed, loss/m);
    const few = await outputOf([
      'predict',
      ...folders,
      '--measure',
      'cdnv',
      '--accuracy',
      'fewshot_target_5way_5shot_logistic',
    ]);
    assert.match(few, /5-way 5-shot accuracy, logistic/);
    assert.ok(!/GC/.test(few.split('Of the measures')[0]!));
    // What ranks best is said of all measures, not of those that are shown.
    const whole = pooledPredictors([results, other], 'fewshot_target_5way_5shot_logistic');
    const said = few.slice(few.indexOf('Of the measures')).replaceAll(/\s+/g, ' ');
    assert.equal(said.trim(), predictorSentences(whole).join(' '));
    await assert.rejects(
      outputOf(['predict', ...folders, '--accuracy', 'none']),
      /--accuracy none: .*allowed are fewshot_target/,
    );
    await assert.rejects(
      outputOf(['predict', ...folders, '--measure', 'zzz']),
      /--measure zzz: no measure is called so/,
    );
  });
});
