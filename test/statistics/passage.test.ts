import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { randomStream } from '../../src/random/random.ts';
import { betweenConfigurations } from '../../src/statistics/association.ts';
import { extremeRanks } from '../../src/statistics/extreme-ranks.ts';
import { commonLevel, type Passage, passageOf, valueAt } from '../../src/statistics/passage.ts';
import { ranks } from '../../src/statistics/rank-correlation.ts';

interface Case {
  readonly losses: number[];
  readonly values: number[];
  readonly level: number;
  readonly value: number;
  readonly error: number;
}
const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/equal_loss.json'), 'utf8')) as {
  cases: Case[];
};

const close = (actual: number | undefined, expected: number): void =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) < 1e-9 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );

const at = (losses: readonly (number | null)[], values: readonly (number | null)[], level: number) =>
  valueAt(passageOf(losses, level) as Passage, losses, values);

describe('values between checkpoints agree with NumPy', () => {
  for (const { losses, values, level, value, error } of cases)
    test(`${values} at ${level} of ${losses}`, () => {
      const found = at(losses, values, level)!;
      close(found.value, value);
      close(found.error, error);
    });

  test('the error is within a factor of 1.6 of what a smooth curve has there: GC as a power, an exponential and a bent one of the loss', () => {
    const losses = [3, 2.2, 1.6, 1.1, 0.8, 0.5];
    const curves = [
      (loss: number) => 40 / loss,
      (loss: number) => Math.exp(3 - loss),
      (loss: number) => 10 + 5 * Math.sin(loss),
    ];
    for (const curve of curves)
      for (let level = 0.55; level < 2.9; level += 0.05) {
        const { value, error } = at(losses, losses.map(curve), level)!;
        assert.ok(Math.abs(curve(level) - value) <= 1.6 * error + 1e-12, `${curve} at ${level}`);
      }
  });
});

describe('where a loss passes a level', () => {
  test('the first passage counts, though the loss rises again', () => {
    const found = passageOf([3, 1, 2, 0.5], 1.5) as Passage;
    assert.deepEqual([found.before, found.after, found.share], [0, 1, 0.75]);
  });

  test('why there is none', () => {
    assert.equal(passageOf([3, 2], 1), 'stays above it');
    assert.equal(passageOf([0.9, 0.5], 1), 'starts at or below it');
    assert.equal(passageOf([1, 0.5], 1), 'starts at or below it');
    assert.equal(passageOf([null, null], 1), 'unmeasured');
    assert.equal(passageOf([], 1), 'unmeasured');
  });

  test('a checkpoint without a loss is passed over, one without a value leaves it undefined', () => {
    close(at([3, null, 1], [1, null, 4], 2)?.value, 2);
    assert.equal(at([3, 2, 1], [1, null, 4], 2.5), null);
  });

  test('at a checkpoint nothing is interpolated', () => {
    assert.deepEqual(at([3, 1], [4, 8], 1), { value: 8, error: 0 });
  });
});

describe('the level of several series', () => {
  test('is the lowest that most of them pass', () => {
    assert.equal(
      commonLevel([
        [3, 1],
        [3, 0.5],
        [3, 2],
      ]),
      2,
    );
    // The last one starts below what the first two pass: two of three is the most.
    assert.equal(
      commonLevel([
        [3, 1],
        [3, 0.5],
        [0.7, 0.1],
      ]),
      0.5,
    );
  });

  test('is none where no loss falls between checkpoints', () => {
    assert.equal(commonLevel([[1], [1, 2], [null, null], []]), null);
  });
});

describe('correlations of interpolated values', () => {
  const x = [1, 2, 3, 4, 5, 6];
  const pairs = (yError: number) =>
    x.map((value, configuration) => ({ configuration, x: value, y: value, yError }));

  test('errors smaller than the gaps change nothing', () => {
    assert.deepEqual(betweenConfigurations(pairs(0.1)), betweenConfigurations(pairs(0)));
  });

  test('errors as large as the whole range leave no verdict', () => {
    const found = betweenConfigurations(pairs(10))!;
    assert.equal(found.value, 1);
    assert.ok(found.p! > 0.05 && found.ci95![0] < 0 && found.ci95![1] === 1);
    const some = betweenConfigurations(pairs(0.6))!;
    assert.ok(some.ci95![0] <= betweenConfigurations(pairs(0))!.ci95![0]);
  });

  test('no errors of both variables that are larger than their ranges leave a verdict, however many configurations', () => {
    for (const n of [5, 8, 16, 30]) {
      const both = Array.from({ length: n }, (_, at) => ({ configuration: at, x: at, y: at }));
      for (const [xError, yError] of [
        [0, 2 * n],
        [2 * n, 0],
        [2 * n, 2 * n],
      ] as const) {
        const found = betweenConfigurations(both.map((pair) => ({ ...pair, xError, yError })))!;
        assert.deepEqual([found.value, found.p, found.ci95], [1, 1, [-1, 1]], `${n}: ${xError}, ${yError}`);
      }
    }
  });

  test('errors that only exchange neighbours on one side of the middle count', () => {
    // 4 and 5 may be in either order, and nothing else: one swap of neighbours, rho 0.9, which 10 of 120 orders reach.
    const found = betweenConfigurations(
      [1, 2, 3, 4, 5].map((value, configuration) => ({
        ...{ configuration, x: value, y: value },
        yError: value > 3 ? 0.6 : 0,
      })),
    )!;
    close(found.p!, 10 / 120);
  });

  test('a swap in one variable that needs one in the other is found', () => {
    // Both 4 and 3, 6 and 5 of x, and 3 and 2, 5 and 4 of y may change places: rho 0.75, which leaves no verdict.
    const x = [0, 0.17, 0.3, 0.43, 0.62, 0.76, 0.9];
    const xErrors = [0.01, 0.02, 0.15, 0.01, 0.12, 0.06, 0.09];
    const y = [0, 0.14, 0.3, 0.45, 0.58, 0.75, 0.87];
    const yErrors = [0.1, 0.14, 0.11, 0.08, 0.08, 0.04, 0.06];
    const found = betweenConfigurations(
      x.map((value, at) => ({
        ...{ configuration: at, x: value, y: y[at]! },
        ...{ xError: xErrors[at]!, yError: yErrors[at]! },
      })),
    )!;
    const worst = betweenConfigurations(
      [1, 2, 4, 3, 6, 5, 7].map((rank, at) => ({
        ...{ configuration: at, x: rank, y: [1, 3, 2, 5, 4, 6, 7][at]! },
      })),
    )!;
    close(worst.value, 0.75);
    assert.ok(worst.p! > 0.05);
    assert.deepEqual([found.p, found.ci95![0]], [worst.p, worst.ci95![0]]);
  });

  test('with errors of both variables, ranks go as far as any two orders that the errors allow', () => {
    const random = randomStream(2);
    for (let round = 0; round < 25; round++) {
      const drawn = () => ({
        values: Array.from({ length: 5 }, () => random.uniform()),
        errors: Array.from({ length: 5 }, () => 0.3 * random.uniform()),
      });
      const [x, y] = [drawn(), drawn()];
      const [ofX, ofY] = [x, y].map((each) => allowedRanks(each));
      const sums = ofX!.flatMap((one) =>
        ofY!.map((other) => one.reduce((sum, rank, at) => sum + rank * other[at]!, 0)),
      );
      for (const direction of [1, -1] as const) {
        const [one, other] = extremeRanks(x, y, direction);
        close(
          direction * one.reduce((sum, rank, at) => sum + rank * other[at]!, 0),
          Math.max(...sums.map((sum) => direction * sum)),
        );
      }
    }
  });

  test('against the order and in its favour, ranks go as far as any order that the errors allow', () => {
    const random = randomStream(1);
    for (let round = 0; round < 40; round++) {
      const draw = (scale: number): number[] => Array.from({ length: 5 }, () => scale * random.uniform());
      const [wanted, values, errors] = [ranks(draw(1)), draw(1), draw(0.3)];
      const sums = ordersOf([0, 1, 2, 3, 4])
        .filter((order) =>
          order.every((one, at) =>
            order
              .slice(at + 1)
              .every((other) => values[one]! - errors[one]! < values[other]! + errors[other]!),
          ),
        )
        .map((order) => order.reduce((sum, at, rank) => sum + (rank + 1) * wanted[at]!, 0));
      for (const direction of [1, -1] as const) {
        const fixed = { values: wanted, errors: [0, 0, 0, 0, 0] };
        const [ofX, ofY] = extremeRanks(fixed, { values, errors }, direction);
        assert.deepEqual(ofX, wanted);
        close(
          direction * ofX.reduce((sum, rank, at) => sum + rank * ofY[at]!, 0),
          Math.max(...sums.map((sum) => direction * sum)),
        );
      }
    }
  });
});

/** The ranks of every order in which no value stands before one that is smaller for certain. */
const allowedRanks = ({ values, errors }: { values: number[]; errors: number[] }) =>
  ordersOf([...values.keys()])
    .filter((order) =>
      order.every((one, at) =>
        order.slice(at + 1).every((other) => values[one]! - errors[one]! < values[other]! + errors[other]!),
      ),
    )
    .map((order) => values.map((_, at) => order.indexOf(at) + 1));

const ordersOf = (some: readonly number[]): readonly (readonly number[])[] =>
  some.length === 0
    ? [[]]
    : some.flatMap((first) =>
        ordersOf(some.filter((each) => each !== first)).map((rest) => [first, ...rest]),
      );
