import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classStatistics } from '../../src/measures/class-statistics.ts';
import { type ExampleComplexity, estimateMean } from '../../src/measures/geometric-complexity/estimate.ts';
import { poincareFloor } from '../../src/measures/poincare-floor.ts';
import { randomStream } from '../../src/random/random.ts';
import { gaussianClasses, relativeError } from './samples.ts';

const exact = (perClass: readonly number[], perClassExamples: number) => ({
  record: { value: 0, ci95: null, ofExamples: perClass.length * perClassExamples },
  perClass,
  perExample: perClass.flatMap((value, label) =>
    Array.from({ length: perClassExamples }, (_, example) => ({ example, label, value, probeVariance: 0 })),
  ),
});

test('exact geometric complexity: the largest Var_c / GC_c, here the constant of a Gaussian and the identity', () => {
  const statistics = classStatistics(
    gaussianClasses(
      [
        [0, 0],
        [9, 0],
      ],
      [1.5, 1],
      20_000,
      5,
    ),
  );
  assert.ok(relativeError(poincareFloor(exact([2, 2], 20_000), statistics) as number, 2.25) < 0.03);
});

test('exact geometric complexity of a part of the split is an estimate: the largest quotient is not taken', () => {
  const statistics = classStatistics(gaussianClasses([[0], [9]], [1.5, 1], 2000, 5));
  const whole = exact([2, 2], 2000);
  const part = { ...whole, record: { value: 2, ci95: [1.9, 2.1] as const, ofExamples: 8000 } };
  assert.ok(relativeError(poincareFloor(whole, statistics) as number, 2.25 / 2) < 0.06);
  const mean = (statistics.variances[0]! + statistics.variances[1]!) / 2;
  assert.ok(relativeError(poincareFloor(part, statistics) as number, mean / (2 * Math.exp(0.05))) < 1e-9);
});

test('estimates from few examples and one probe: at most 5 % of floors are above the constant', () => {
  const [classes, size, drawn] = [10, 500, 8];
  const statistics = classStatistics(
    gaussianClasses(
      Array.from({ length: classes }, (_, c) => [c, 0, 0]),
      Array.from({ length: classes }, () => 1),
      size,
      7,
    ),
  );
  // Every class has the same quotient, 1: no class stands out, and the plain maximum is at its worst.
  const truth = statistics.variances;
  const random = randomStream(11);
  const gamma = (): number => {
    let sum = 0;
    for (let i = 0; i < 4; i++) sum -= Math.log(1 - random.uniform()) / 4;
    return sum;
  };
  let above = 0;
  let plainAbove = 0;
  let total = 0;
  const trials = 1000;
  for (let trial = 0; trial < trials; trial++) {
    const perExample: ExampleComplexity[] = [];
    for (let label = 0; label < classes; label++)
      for (let i = 0; i < drawn; i++)
        perExample.push({ example: i, label, value: truth[label]! * gamma(), probeVariance: null });
    const { value, ci95, perClass } = estimateMean(perExample, Array(classes).fill(size));
    const floor = poincareFloor(
      { record: { value, ci95, ofExamples: classes * size }, perClass, perExample },
      statistics,
    ) as number;
    total += floor;
    if (floor > 1) above++;
    if (Math.max(...perClass.map((each, c) => truth[c]! / each!)) > 1) plainAbove++;
  }
  assert.ok(above <= 0.05 * trials, `${above} of ${trials}`);
  assert.ok(plainAbove > 0.99 * trials, `the plain maximum: ${plainAbove} of ${trials}`);
  assert.ok(total / trials > 0.8, `the floor says something: ${total / trials} of 1`);
});

test('a constant embedding has floor 0; complexity 0 with spread has none', () => {
  const point = classStatistics(gaussianClasses([[0], [1]], [0, 0], 3, 6));
  assert.equal(poincareFloor(exact([0, 0], 3), point), 0);
  const spread = classStatistics(gaussianClasses([[0], [1]], [1, 1], 3, 6));
  assert.match(JSON.stringify(poincareFloor(exact([0, 1], 3), spread)), /class-0 has geometric complexity 0/);
  const unknown = { ...exact([1, 1], 3), perClass: [1, null] };
  assert.match(JSON.stringify(poincareFloor(unknown, spread)), /class-1 is unknown/);
  const one = exact([1, 1], 1).perExample.map((each) => ({ ...each, probeVariance: null }));
  assert.match(
    JSON.stringify(poincareFloor({ ...exact([1, 1], 1), perExample: one }, spread)),
    /error of geometric complexity is unknown/,
  );
});
