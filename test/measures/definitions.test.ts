import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cdnv, cdnvMatrix } from '../../src/measures/cdnv.ts';
import { classStatistics } from '../../src/measures/class-statistics.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import { neuralCollapse } from '../../src/measures/neural-collapse.ts';
import { gaussianClasses, normals, relativeError } from './samples.ts';

const sample = fc
  .record({
    classes: fc.integer({ min: 3, max: 6 }),
    dimension: fc.integer({ min: 2, max: 9 }),
    perClass: fc.integer({ min: 2, max: 8 }),
    seed: fc.nat(),
  })
  .map(({ classes, dimension, perClass, seed }) => {
    const means = Array.from({ length: classes }, (_, c) => [...normals(dimension, seed + 7919 * c)]);
    return gaussianClasses(
      means,
      means.map(() => 0.5),
      perClass,
      seed,
    );
  });

const complexity = ({ classNames }: Embeddings): number[] => classNames.map((_, c) => 1 + c);
const keys = ['cdnv', 'geometricCollapse', 'nc1', 'nc2Equinorm', 'nc2EquiangularStd', 'nc2MaxAngle'] as const;

function assertSame(one: Embeddings, other: Embeddings, complexityFactor = 1): void {
  const a = neuralCollapse(one, { complexityPerClass: complexity(one) });
  const b = neuralCollapse(other, {
    complexityPerClass: complexity(other).map((value) => value * complexityFactor),
  });
  for (const key of keys)
    assert.ok(relativeError(a[key]!, b[key]!) < 1e-6, `${key}: ${a[key]} and ${b[key]}`);
}

const mapped = (embeddings: Embeddings, map: (row: Float64Array) => number[]): Embeddings => {
  const { values, dimension, labels } = embeddings;
  const rows = [...labels.keys()].map((i) =>
    map(Float64Array.from(values.subarray(i * dimension, (i + 1) * dimension))),
  );
  return { ...embeddings, values: Float64Array.from(rows.flat()) };
};

test('features times a leave all measures, geometric complexity growing with a^2', () => {
  fc.assert(
    fc.property(sample, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (embeddings, a) =>
      assertSame(
        embeddings,
        mapped(embeddings, (row) => [...row].map((v) => a * v)),
        a * a,
      ),
    ),
    { numRuns: 50 },
  );
});

test('shifts leave all measures', () => {
  fc.assert(
    fc.property(sample, fc.double({ min: -100, max: 100, noNaN: true }), (embeddings, shift) =>
      assertSame(
        embeddings,
        mapped(embeddings, (row) => [...row].map((v, k) => v + shift * (k + 1))),
      ),
    ),
    { numRuns: 50 },
  );
});

test('reflections and rotations leave all measures', () => {
  fc.assert(
    fc.property(sample, fc.nat(), (embeddings, seed) => {
      // Two Householder reflections make a rotation.
      const axes = [normals(embeddings.dimension, seed), normals(embeddings.dimension, seed + 1)];
      const reflected = mapped(embeddings, (row) => {
        for (const axis of axes) {
          const product = row.reduce((sum, v, k) => sum + v * axis[k]!, 0);
          const square = axis.reduce((sum, v) => sum + v * v, 0);
          row.forEach((v, k) => {
            row[k] = v - (2 * product * axis[k]!) / square;
          });
        }
        return [...row];
      });
      assertSame(embeddings, reflected);
    }),
    { numRuns: 50 },
  );
});

test('the order of the examples and the names of the classes change nothing', () => {
  fc.assert(
    fc.property(sample, (embeddings) => {
      const { values, labels, dimension } = embeddings;
      const order = [...labels.keys()].reverse();
      const reversed = {
        ...embeddings,
        labels: Int32Array.from(order, (i) => labels[i]!),
        values: Float64Array.from(
          order.flatMap((i) => [...values.subarray(i * dimension, (i + 1) * dimension)]),
        ),
      };
      assertSame(embeddings, reversed);
    }),
    { numRuns: 30 },
  );
});

test('Gaussian classes have the CDNV of the closed form d (s1^2 + s2^2) / (2 ||m1 - m2||^2)', () => {
  const statistics = classStatistics(
    gaussianClasses(
      [
        [0, 0, 0],
        [3, 4, 0],
      ],
      [1, 2],
      40_000,
      3,
    ),
  );
  const wanted = (3 * (1 + 4)) / (2 * 25);
  // The variance of a class of n examples is within sqrt(2 / (n d)) of its own: 0.4 %.
  assert.ok(relativeError(cdnv(statistics) as number, wanted) < 0.012);
});

test('one-sided CDNV: each pair has its own class, the mean is the same', () => {
  const statistics = classStatistics(gaussianClasses([[0], [2], [5]], [1, 2, 3], 20, 4));
  const one = cdnvMatrix(statistics, { sides: 'one' }) as Float64Array;
  const two = cdnvMatrix(statistics) as Float64Array;
  assert.notEqual(one[1], one[3]);
  assert.ok(relativeError((one[1]! + one[3]!) / 2, two[1]!) < 1e-12);
  const difference = relativeError(cdnv(statistics, { sides: 'one' }) as number, cdnv(statistics) as number);
  assert.ok(difference < 1e-12);
});

test('five images per class see 0.57 of a CDNV of 1; the corrected one sees 1', () => {
  // Many dimensions, so that a single draw is close to the expectation.
  const dimension = 20_000;
  const far = Math.sqrt(1 / 2);
  const means = [0, 1].map((c) =>
    Array.from({ length: dimension }, () => (c === 0 ? far : -far) / Math.sqrt(2)),
  );
  const statistics = classStatistics(gaussianClasses(means, [1, 1], 5, 5));
  assert.ok(Math.abs((cdnv(statistics) as number) - 0.8 / 1.4) < 0.01);
  assert.ok(Math.abs((cdnv(statistics, { biasCorrected: true }) as number) - 1) < 0.03);
});

test('a regular simplex of classes is a simplex: NC2 and the structure error are 0', () => {
  const means = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  const values = Float64Array.from(means.flat());
  const record = neuralCollapse(gaussianClasses(means, [0, 0, 0, 0], 3, 6), {
    classifier: { values },
  });
  for (const key of ['nc2Equinorm', 'nc2EquiangularStd', 'nc2MaxAngle', 'simplexEtfError'] as const)
    assert.ok(record[key]! < 1e-15, key);
  assert.equal(record.nc4Disagreement, 0);
});
