import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { NumericArray } from '../../src/formats/npy.ts';
import { readNpz } from '../../src/formats/npz.ts';
import { InputError } from '../../src/input-error.ts';
import { cdnvMatrix } from '../../src/measures/cdnv.ts';
import { classStatistics } from '../../src/measures/class-statistics.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import { neuralCollapse } from '../../src/measures/neural-collapse.ts';
import { gaussianClasses, relativeError } from './samples.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
type Reference = Record<string, number> & { cdnvMatrix: (number | null)[] };
const references = JSON.parse(readFileSync(fixture('neural-collapse.json'), 'utf8')) as Record<
  string,
  Reference
>;
const arrays = readNpz(fixture('neural-collapse.npz'));
const array = <Values extends NumericArray>(name: string) => arrays.get(name)!.values as Values;

const embeddingsOf = (name: string): Embeddings => {
  const [, dimension] = arrays.get(`${name}.values`)!.shape;
  const labels = array<Int32Array>(`${name}.labels`);
  return {
    values: array<Float64Array>(`${name}.values`),
    dimension: dimension!,
    labels,
    classNames: Array.from({ length: Math.max(...labels) + 1 }, (_, c) => `class-${c}`),
  };
};

for (const [name, { cdnvMatrix: matrix, ...reference }] of Object.entries(references))
  test(`${name}: every measure agrees with NumPy in float64`, () => {
    const embeddings = embeddingsOf(name);
    const record = neuralCollapse(embeddings, {
      classifier: {
        values: array<Float32Array>(`${name}.weights`),
        bias: array<Float32Array>(`${name}.bias`),
      },
      complexityPerClass: [...array<Float64Array>(`${name}.complexity`)],
    });
    const found = record as unknown as Record<string, number | null>;
    for (const [key, wanted] of Object.entries(reference)) {
      // Deviations from a perfect simplex are 0 but for rounding, which is relative to 1.
      const rounding = key.startsWith('nc2') || key === 'simplexEtfError' ? 1e-13 : 0;
      const close =
        relativeError(found[key] ?? Number.NaN, wanted) < 1e-9 || Math.abs(found[key]! - wanted) < rounding;
      assert.ok(close, `${key}: ${found[key]}, NumPy ${wanted}`);
    }
    if (!('cdnvBiasCorrected' in reference)) assert.equal(record.cdnvBiasCorrected, null);
    const pairs = cdnvMatrix(classStatistics(embeddings)) as Float64Array;
    matrix.forEach((wanted, at) => {
      if (wanted === null) assert.ok(Number.isNaN(pairs[at]));
      else assert.ok(relativeError(pairs[at]!, wanted) < 1e-9);
    });
  });

test('all examples on their class mean: variances are exactly 0, not a rounding error', () => {
  const { values, ...rest } = gaussianClasses(
    [
      [1 / 3, 0.1],
      [0.7, 9],
    ],
    [0, 0],
    7,
    0,
  );
  const record = neuralCollapse({ values, ...rest });
  assert.equal(record.cdnv, 0);
  assert.equal(record.nc1, 0);
});

const defined = (record: object, key: string) => (record as Record<string, unknown>)[key] !== null;
const measures = ['cdnv', 'nc1', 'nc2Equinorm', 'nc2EquiangularStd', 'nc2MaxAngle', 'simplexEtfError'];

test('an empty class leaves nothing defined, and says which class', () => {
  const { classNames, ...rest } = gaussianClasses(
    [
      [0, 1],
      [1, 0],
    ],
    [1, 1],
    5,
    1,
  );
  const record = neuralCollapse({ ...rest, classNames: [...classNames, 'heron'] });
  for (const key of measures) {
    assert.equal(defined(record, key), false, key);
    assert.match(record.undefinedBecause![key]!, /class heron has 0 examples/);
  }
});

test('a class of one example has no variance: CDNV and NC1 are null, its mean still counts', () => {
  const record = neuralCollapse({
    values: Float64Array.of(0, 1, 0, 2, 3, 3),
    dimension: 2,
    labels: Int32Array.of(0, 0, 1),
    classNames: ['wren', 'heron'],
  });
  assert.equal(record.cdnv, null);
  assert.equal(record.nc1, null);
  assert.match(record.undefinedBecause!.cdnv!, /class heron has 1 examples/);
  assert.equal(record.nc2Equinorm, 0);
  assert.equal(record.balanced, false);
});

test('identical class means: CDNV and geometric collapse are null', () => {
  const record = neuralCollapse(
    {
      values: Float64Array.of(1, 3, 3, 1, 7, 8),
      dimension: 1,
      labels: Int32Array.of(0, 0, 1, 1, 2, 2),
      classNames: ['wren', 'heron', 'owl'],
    },
    { complexityPerClass: [1, 1, 1] },
  );
  assert.equal(record.cdnv, null);
  assert.equal(record.geometricCollapse, null);
  assert.equal(record.undefinedBecause!.cdnv, 'classes wren and heron have the same mean');
  assert.notEqual(record.nc1, null);
});

test('means that coincide but for the rounding of their sums count as identical', () => {
  const values = Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.3, 0.1, 0.4, 0.2);
  const labels = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1);
  const record = neuralCollapse({ values, dimension: 1, labels, classNames: ['wren', 'heron'] });
  for (const key of measures) assert.equal(defined(record, key), false, key);
});

test('one class is no collapse', () => {
  const record = neuralCollapse(gaussianClasses([[1, 2]], [1], 5, 2));
  for (const key of measures) assert.equal(defined(record, key), false, key);
});

test('a class whose mean is the mean of all has no angle', () => {
  const record = neuralCollapse(gaussianClasses([[-1], [0], [1]], [0, 0, 0], 3, 0));
  assert.equal(record.nc2MaxAngle, null);
  assert.match(record.undefinedBecause!.nc2MaxAngle!, /class-1/);
  assert.notEqual(record.nc2Equinorm, null);
});

test('without a classifier or geometric complexity their measures are null, with the reason', () => {
  const record = neuralCollapse(
    gaussianClasses(
      [
        [0, 1],
        [1, 0],
      ],
      [1, 1],
      5,
      1,
    ),
    {
      complexityPerClass: [1, null],
    },
  );
  assert.equal(record.nc3SelfDuality, null);
  assert.equal(record.nc4Disagreement, null);
  assert.match(record.undefinedBecause!.nc4Disagreement!, /no classifier/);
  assert.match(record.undefinedBecause!.geometricCollapse!, /class-1 is unknown/);
});

const wrong: Record<string, (sample: Embeddings) => unknown> = {
  'NaN at example 1, dimension 1': ({ values, ...rest }) =>
    neuralCollapse({ ...rest, values: values.map((v, i) => (i === 3 ? Number.NaN : v)) }),
  'Infinity at example 0': ({ values, ...rest }) =>
    neuralCollapse({ ...rest, values: values.map((v, i) => (i === 0 ? Infinity : v)) }),
  'label 2 at example 0': ({ labels, ...rest }) =>
    neuralCollapse({ ...rest, labels: labels.map((l, i) => (i === 0 ? 2 : l)) }),
  '20 values for 10 labels of dimension 3': (sample) => neuralCollapse({ ...sample, dimension: 3 }),
  '6 weights': (sample) => neuralCollapse(sample, { classifier: { values: new Float32Array(6) } }),
  'not finite': (sample) =>
    neuralCollapse(sample, { classifier: { values: Float32Array.of(1, 0, Number.NaN, 1) } }),
  'class-1 is -1': (sample) => neuralCollapse(sample, { complexityPerClass: [1, -1] }),
  'of 3 classes': (sample) => neuralCollapse(sample, { complexityPerClass: [1, 1, 1] }),
};
for (const [message, call] of Object.entries(wrong))
  test(`refused in one line: ${message}`, () => {
    const sample = gaussianClasses(
      [
        [0, 1],
        [1, 0],
      ],
      [1, 1],
      5,
      1,
    );
    assert.throws(
      () => call(sample),
      (error) =>
        error instanceof InputError && error.message.includes(message) && !error.message.includes('\n'),
    );
  });
