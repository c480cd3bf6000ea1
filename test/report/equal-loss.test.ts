import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { CheckpointRecord } from '../../src/pipeline/records.ts';
import { aggregate } from '../../src/report/aggregate.ts';
import { resultsJson } from '../../src/report/export/results-json.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { summaryText } from '../../src/report/summary.ts';
import { writeReport } from '../../src/report/write-report.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-equal-loss-'));
after(() => rmSync(parent, { recursive: true }));

interface Fixture {
  readonly runs: { configuration: number; seed: number; loss: number[]; gc: number[]; cdnv: number[] }[];
  readonly level: number;
  readonly passing: number;
  readonly configurations: {
    configuration: number;
    quantity: 'gc' | 'cdnv';
    mean: number;
    interpolation: number;
    halfWidth: number;
  }[];
  readonly associations: Record<string, { value: number; ci95: [number, number]; p: number }>;
}
const { sweep: fixture } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../statistics/fixtures/equal_loss.json'), 'utf8'),
) as { sweep: Fixture };

/** A sweep with the fixture's losses, GC and CDNV at its checkpoints. */
const made = (change: (loss: number, run: number) => number = (loss) => loss): MadeSweep => ({
  learningRates: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06],
  seeds: [0, 1, 2],
  change: (records, run) => {
    const { loss, gc, cdnv } = fixture.runs[run]!;
    return records.map((record) => {
      if (record.kind === 'epoch') return record;
      const copy = JSON.parse(JSON.stringify(record)) as CheckpointRecord;
      const at = record.epoch - 1;
      Object.assign(copy.measures[0]!, { loss: change(loss[at]!, run) });
      Object.assign(copy.measures[0]!.geometricComplexity, { value: gc[at] });
      Object.assign(copy.measures[2]!.neuralCollapse, { cdnv: cdnv[at] });
      return copy;
    });
  },
});
const read = (name: string, sweep: MadeSweep) => aggregate(readSweep(makeSweep(parent, name, sweep)));

const close = (actual: number | null | undefined, expected: number): void =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) < 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );

describe('a sweep at equal training loss agrees with NumPy and SciPy', () => {
  const results = read('whole', made());
  const { equalLoss } = resultsJson(results);
  assert.ok(equalLoss.loss !== null);
  const found = equalLoss;

  test('the loss is the lowest that most runs pass', () => {
    close(found.loss, fixture.level);
    assert.equal(found.chosen, 'lowest');
    assert.equal(found.runs.length, fixture.passing);
  });

  for (const { configuration, quantity, mean, interpolation, halfWidth } of fixture.configurations)
    test(`configuration ${configuration}, ${quantity}: mean, half-width and what of it is interpolation`, () => {
      const value =
        found.configurations[configuration]!.values[{ gc: 'sourceGc', cdnv: 'targetCdnv' }[quantity]]!;
      close(value.mean, mean);
      close(value.interpolation, interpolation);
      close(value.halfWidth, halfWidth);
      assert.equal(value.n, 3);
    });

  for (const [pair, expected] of Object.entries(fixture.associations))
    test(`${pair}: rho, interval and permutation p value with interpolation errors at their worst`, () => {
      const to = pair === 'gc to cdnv' ? 'targetCdnv' : 'sourceGc';
      const trend = found.trends.find(
        ({ toId, fromId }) => toId === to && fromId !== 'sourceGeometricCollapse',
      )!;
      close(trend.overMeans!.value, expected.value);
      close(trend.overMeans!.p, expected.p);
      for (const [side, end] of expected.ci95.entries()) close(trend.overMeans!.ci95![side], end);
    });

  test('the chain of both moments is corrected by Holm’s method: three links', () => {
    for (const { chain, trends } of [resultsJson(results), found]) {
      assert.equal(chain.correction, 'holm');
      const p = chain.links.map((link) => link.p!);
      const sorted = [...p].sort((a, b) => a - b);
      const corrected = p.map((value) =>
        Math.max(...sorted.map((other, at) => (other <= value ? Math.min(1, other * (3 - at)) : 0))),
      );
      chain.links.forEach(({ pHolm, fromId, toId, p: own }, at) => {
        close(pHolm, corrected[at]!);
        const trend = trends.find((each) => each.fromId === fromId && each.toId === toId)!;
        close(own, trend.overMeans!.p!);
      });
    }
  });

  test('the time of the passage lies between its checkpoints', () => {
    for (const [index, { name, epoch, step }] of found.runs.entries()) {
      const losses = fixture.runs[index]!.loss;
      const after = losses.findIndex((loss) => loss <= fixture.level);
      const share = (losses[after - 1]! - fixture.level) / (losses[after - 1]! - losses[after]!);
      close(epoch, after + share);
      close(step, 100 * epoch);
      assert.match(name, /^learningRate=/);
    }
  });

  test('page and terminal say the loss, the rule, the values and the verdict', async () => {
    const text = summaryText(results, { terminal: false, coloured: false });
    assert.match(text, /Equal source training loss, 0\.575 nat \(the lowest that most runs pass\)/);
    assert.match(text, /learningRate -> source GC +−0\.94 \[−1\.00, −0\.38\], p 0\.017 +6 +consistent/);
    assert.match(text, /The chain, equal loss: /);
    for (const line of text.split('\n')) assert.ok([...line].length < 100, line);
    const page = readFileSync(await writeReport(results.sweep.folder), 'utf8').replaceAll(/<[^>]*>/g, '');
    assert.match(page, /inference mode\) of 0\.575 nat, the lowest that the largest number of runs pass/);
    assert.match(page, /−0\.94 \[−1\.00, −0\.38\], p 0\.017/);
  });
});

describe('runs that do not pass the loss', () => {
  test('are left out and named with the reason', () => {
    // The first run stays high, the second starts low: most others still pass 0.575.
    const results = read(
      'left',
      made((loss, run) => (run === 0 ? loss + 5 : run === 1 ? loss / 1000 : loss)),
    );
    const { equalLoss } = resultsJson(results);
    assert.ok(equalLoss.loss !== null);
    assert.deepEqual(
      equalLoss.leftOut.map(({ because }) => because),
      ['stays above it', 'starts at or below it'],
    );
    assert.equal(equalLoss.configurations[0]!.values.sourceGc!.n, 1);
    const text = summaryText(results, { terminal: false, coloured: false });
    assert.match(text, /16 of 18 runs\s+pass it;\s+left\s+out:\s+1 that stay above it, 1 at or\s+below it/);
  });

  test('one seed has its interpolation error in terminal and page, where it has no interval', async () => {
    const [rates, four] = [made().learningRates, made().change!];
    const results = read('one-seed', {
      ...{ learningRates: rates, seeds: [0] },
      change: (records, run) => four(records, 3 * run),
    });
    const { equalLoss } = resultsJson(results);
    assert.ok(equalLoss.loss !== null);
    const values = equalLoss.configurations.map((each) => each.values.sourceGc!);
    assert.ok(values.every(({ halfWidth }) => halfWidth === null));
    assert.ok(values.some(({ interpolation }) => interpolation > 0));
    const text = summaryText(results, { terminal: false, coloured: false });
    assert.match(text, /\d \(interpolation ±\d/);
    for (const line of text.split('\n')) assert.ok([...line].length < 100, line);
    assert.match(readFileSync(await writeReport(results.sweep.folder), 'utf8'), /\d \(interpolation ±\d/);
  });

  test('a loss may be given; where none passes it, the report says so and shows no values', () => {
    const results = read('given', made());
    const given = resultsJson(results, 1).equalLoss;
    assert.deepEqual([given.loss, given.loss !== null && given.chosen], [1, 'given']);
    const text = summaryText(results, { terminal: false, coloured: false, atLoss: 1e-6 });
    assert.match(text, /Equal source training loss, 1\.00e-6 nat \(as given; 0 of 18 runs pass it/);
    assert.ok(!/The chain, equal loss/.test(text));
  });

  test('no loss that falls between checkpoints: null with the reason', async () => {
    const results = read(
      'flat',
      made(() => 2),
    );
    assert.deepEqual(resultsJson(results).equalLoss, {
      loss: null,
      because: 'no training loss falls between two checkpoints',
    });
    assert.match(
      summaryText(results, { terminal: false, coloured: false }),
      /Equal training loss: not compared, no run’s training loss is known at one/,
    );
    assert.match(readFileSync(await writeReport(results.sweep.folder), 'utf8'), /Not compared: no run/);
  });
});
