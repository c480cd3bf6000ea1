import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geometricCollapse } from '../../../src/measures/cdnv.ts';
import { classStatistics } from '../../../src/measures/class-statistics.ts';
import { collapseEstimate } from '../../../src/measures/geometric-complexity/collapse-estimate.ts';
import type { ExampleComplexity } from '../../../src/measures/geometric-complexity/estimate.ts';
import { permutation, randomStream } from '../../../src/random/random.ts';
import { gaussianClasses, relativeError } from '../samples.ts';

/** Three classes of unlike distances, complexities and sizes. */
const sizes = [40, 60, 80];
const statistics = classStatistics(
  gaussianClasses(
    [
      [0, 0],
      [1, 0],
      [5, 2],
    ],
    [0.1, 0.1, 0.1],
    50,
    1,
  ),
);
const random = randomStream(3);
const split = sizes.flatMap((size, label) =>
  Array.from({ length: size }, () => ({ label, value: 1 + label + 3 * random.uniform() })),
);
const examples = split.map((each, example): ExampleComplexity => ({ ...each, example, probeVariance: 0 }));

/** So many of each class, without replacement. */
const drawn = (perClass: number, seed: number): ExampleComplexity[] =>
  sizes.flatMap((size, label) => {
    const own = examples.filter((each) => each.label === label);
    return Array.from(permutation(size, randomStream(seed, label)).subarray(0, perClass), (at) => own[at]!);
  });
const complexities = (found: readonly ExampleComplexity[]): number[] =>
  sizes.map((_, label) => {
    const own = found.filter((each) => each.label === label);
    return own.reduce((sum, { value }) => sum + value, 0) / own.length;
  });
const collapseOf = (found: readonly ExampleComplexity[]): number =>
  geometricCollapse(complexities(found), statistics) as number;

test('the root of the sum of w_c^2 SE_c^2, the weights taken from geometric collapse itself', () => {
  const found = drawn(12, 0);
  // Linear in the classes' complexities: the weight of a class is what one unit of its complexity adds.
  const weights = sizes.map(
    (_, c) =>
      geometricCollapse(
        sizes.map((__, each) => (each === c ? 1 : 0)),
        statistics,
      ) as number,
  );
  const variance = sizes.reduce((sum, size, c) => {
    const own = found.filter(({ label }) => label === c).map(({ value }) => value);
    const mean = own.reduce((total, value) => total + value, 0) / 12;
    const spread = own.reduce((total, value) => total + (value - mean) ** 2, 0) / 11;
    return sum + weights[c]! ** 2 * (1 - 12 / size) * (spread / 12);
  }, 0);
  const { standardError, ci95, examples: count } = collapseEstimate(found, sizes, statistics);
  assert.ok(relativeError(standardError!, Math.sqrt(variance)) < 1e-12);
  assert.ok(relativeError((ci95![0] + ci95![1]) / 2, collapseOf(found)) < 1e-12);
  assert.equal(count, 36);
});

test('over many draws: the spread of geometric collapse is the standard error, and the interval holds it', () => {
  const truth = collapseOf(examples);
  const repeats = 1000;
  let squares = 0;
  let errors = 0;
  let covered = 0;
  for (let seed = 0; seed < repeats; seed++) {
    const found = drawn(12, seed);
    const { standardError, ci95 } = collapseEstimate(found, sizes, statistics);
    squares += (collapseOf(found) - truth) ** 2 / repeats;
    errors += standardError! ** 2 / repeats;
    if (ci95![0] <= truth && truth <= ci95![1]) covered += 1;
  }
  assert.ok(Math.abs(squares / errors - 1) < 0.15, `${squares} and ${errors}`);
  assert.ok(covered >= 930 && covered <= 970, `covered ${covered} of ${repeats}`);
});

test('all examples, exactly measured: no error', () => {
  const { standardError, ci95 } = collapseEstimate(examples, sizes, statistics);
  assert.equal(standardError, 0);
  assert.equal(ci95![0], ci95![1]);
});
