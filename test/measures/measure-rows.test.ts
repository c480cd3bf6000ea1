import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readNpz } from '../../src/formats/npz.ts';
import { cdnv } from '../../src/measures/cdnv.ts';
import { classStatistics } from '../../src/measures/class-statistics.ts';
import { directionalMatrix } from '../../src/measures/directional.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import { cdnvInBatch } from '../../src/measures/in-batch.ts';
import { type MeasureKey, measureRows } from '../../src/measures/measure-rows.ts';
import { neuralCollapse } from '../../src/measures/neural-collapse.ts';
import { gaussianClasses, normals, relativeError } from './samples.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
/** Made by fixtures/embedding-measures.py with NumPy, of the sets in neural-collapse.npz. */
const references: Record<string, Record<MeasureKey, number>> = JSON.parse(
  readFileSync(fixture('embedding-measures.json'), 'utf8'),
);
const arrays = readNpz(fixture('neural-collapse.npz'));
const setOf = (name: string): Embeddings => {
  const labels = arrays.get(`${name}.labels`)!.values as Int32Array;
  return {
    values: arrays.get(`${name}.values`)!.values as Float64Array,
    dimension: arrays.get(`${name}.values`)!.shape[1]!,
    labels,
    classNames: Array.from({ length: Math.max(...labels) + 1 }, (_, c) => `class-${c}`),
  };
};

for (const [name, reference] of Object.entries(references))
  describe(`${name}: as NumPy in float64`, () => {
    const record = neuralCollapse(setOf(name));
    for (const [key, wanted] of Object.entries(reference) as [MeasureKey, number][])
      it(key, () => {
        const found = record[key];
        assert.ok(found !== null, record.undefinedBecause?.[key]);
        assert.ok(relativeError(found, wanted) < 1e-6, `${found}, not ${wanted}`);
      });
  });

describe('invariances are those that the rows say', () => {
  const means = [0, 1, 2, 3].map((c) => Array.from({ length: 6 }, (_, k) => Math.sin(3 * c + k)));
  const set = gaussianClasses(means, [0.3, 0.4, 0.5, 0.6], 40, 1);
  const { dimension } = set;
  const classifierOf = (embeddings: Embeddings) => ({
    values: Float64Array.from({ length: 4 * dimension }, (_, i) => Math.cos(i)),
    bias: new Float64Array(4),
    embeddings,
  });
  const logits = normals(5 * set.labels.length, 12);
  const measured = (embeddings: Embeddings) =>
    neuralCollapse(embeddings, {
      classifier: classifierOf(embeddings),
      complexityPerClass: [1, 2, 3, 4],
      directionalCollapse: { value: 1, standardError: 0, ci95: [1, 1], examples: 1, pairs: 1 },
      batchSize: 40,
      transfer: { logits: { values: logits, classes: 5 } },
    });
  const changed = (change: (row: readonly number[]) => number[]): Embeddings => ({
    ...set,
    values: Float64Array.from(
      set.labels.length === 0
        ? []
        : [...set.labels.keys()].flatMap((example) =>
            change([...set.values.subarray(example * dimension, (example + 1) * dimension)]),
          ),
    ),
  });
  const axes = orthonormal(dimension);
  const changes = {
    scale: changed((row) => row.map((value) => 3.7 * value)),
    rotation: changed((row) => axes.map((axis) => axis.reduce((sum, value, k) => sum + value * row[k]!, 0))),
    shift: changed((row) => row.map((value, k) => value + 0.8 + k)),
  };
  const before = measured(set);
  // What products with the Jacobian give is handed in here; it does not know the change.
  const handedIn: readonly MeasureKey[] = ['geometricCollapse', 'geometricCollapseDirectional'];
  for (const row of measureRows.filter(({ key }) => !handedIn.includes(key)))
    for (const what of ['scale', 'rotation', 'shift'] as const)
      it(`${row.key}: ${row.invariant[what] ? 'the same' : 'another value'} after a ${what}`, () => {
        const after = measured(changes[what]);
        const difference = relativeError(after[row.key]!, before[row.key]!);
        if (row.invariant[what]) assert.ok(difference < 1e-9, `${after[row.key]}, before ${before[row.key]}`);
        else if (row.key !== 'nc4Disagreement') assert.ok(difference > 1e-8, `${difference}`);
      });
});

it('embeddings whose squares overflow or vanish have no measure, and no wrong one', () => {
  const set = gaussianClasses(
    [
      [1, 0],
      [0, 1],
    ],
    [0.3, 0.3],
    20,
    8,
  );
  for (const factor of [1e-200, 1e-80, 1e80, 1e200]) {
    const record = neuralCollapse({
      ...set,
      values: Float64Array.from(set.values, (value) => factor * value),
    });
    for (const { key } of measureRows) {
      assert.equal(record[key], null, `${key} with ${factor}`);
      assert.match(record.undefinedBecause![key]!, /powers leave the range of float64/);
    }
  }
  assert.ok(
    neuralCollapse({ ...set, values: Float64Array.from(set.values, (value) => 1e-60 * value) }).cdnv! > 0,
  );
});

it('RankMe of 4 directions among 200: what is zero stays zero, though its square root is 1e-8 in rounding', () => {
  const [examples, dimension, directions] = [300, 200, 4];
  const normal = normals(dimension, 4);
  const square = normal.reduce((sum, value) => sum + value * value, 0);
  // Unit vectors, each 75 times, reflected: four equal singular values.
  const values = Float64Array.from({ length: examples * dimension }, (_, at) => {
    const [direction, k] = [Math.floor(at / dimension) % directions, at % dimension];
    return (k === direction ? 1 : 0) - (2 * normal[direction]! * normal[k]!) / square;
  });
  const labels = Int32Array.from({ length: examples }, (_, i) => i % 2);
  const { rankMe } = neuralCollapse({ values, dimension, labels, classNames: ['a', 'b'] });
  const entropy = (p: number): number => -p * Math.log(p);
  const wanted = Math.exp(4 * entropy(0.25 + 1e-7) + 196 * entropy(1e-7));
  assert.ok(relativeError(rankMe!, wanted) < 1e-9, `${rankMe}, not ${wanted}`);
});

/** Rows of an orthogonal matrix, by Gram and Schmidt. */
function orthonormal(size: number): number[][] {
  const noise = normals(size * size, 9);
  const axes: number[][] = [];
  for (let i = 0; i < size; i++) {
    let axis = [...noise.subarray(i * size, (i + 1) * size)];
    for (const earlier of axes) {
      const product = earlier.reduce((sum, value, k) => sum + value * axis[k]!, 0);
      axis = axis.map((value, k) => value - product * earlier[k]!);
    }
    const length = Math.hypot(...axis);
    axes.push(axis.map((value) => value / length));
  }
  return axes;
}

describe('directional CDNV', () => {
  it('is never above CDNV, nor its bound above that by CDNV', () => {
    for (const name of Object.keys(references)) {
      const record = neuralCollapse(setOf(name));
      assert.ok(record.cdnvDirectional! <= 2 * record.cdnv! * (1 + 1e-9), name);
      assert.ok(record.cantelliBound! <= Math.min(1, record.directionalBound!) * (1 + 1e-9), name);
    }
  });

  it('obeys the Poincare inequality along each direction, with equality for a linear map of isotropic Gaussian inputs', () => {
    // f = W x, x ~ N(m_i, s^2 I): rho = s^2, J = W, so u' Sigma_i u = rho ||W' u||^2.
    const [inputs, outputs, deviation, perClass] = [5, 3, 0.7, 4000];
    const w = normals(outputs * inputs, 5);
    const inputMeans = [0, 1, 2].map((c) =>
      Array.from({ length: inputs }, (_, k) => 2 * Math.cos(2 * c + k)),
    );
    const x = gaussianClasses(inputMeans, [deviation, deviation, deviation], perClass, 6);
    const values = new Float64Array(x.labels.length * outputs);
    for (let example = 0; example < x.labels.length; example++)
      for (let o = 0; o < outputs; o++)
        for (let k = 0; k < inputs; k++)
          values[example * outputs + o]! += w[o * inputs + k]! * x.values[example * inputs + k]!;
    const embeddings = { ...x, values, dimension: outputs };
    const statistics = classStatistics(embeddings);
    const matrix = directionalMatrix(embeddings, statistics) as Float64Array;
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        if (i === j) continue;
        const gap = Array.from(
          { length: outputs },
          (_, o) => statistics.means[j * outputs + o]! - statistics.means[i * outputs + o]!,
        );
        const square = gap.reduce((sum, value) => sum + value * value, 0);
        let product = 0;
        for (let k = 0; k < inputs; k++)
          product += gap.reduce((sum, value, o) => sum + value * w[o * inputs + k]!, 0) ** 2 / square;
        const quotient = matrix[i * 3 + j]! / ((deviation ** 2 * product) / square);
        // A variance from 4,000 examples: 2.2 % standard error.
        assert.ok(Math.abs(quotient - 1) < 0.1, `${quotient}`);
      }
  });
});

describe('CDNV inside batches', () => {
  it('is low by (1 - 1/n) / (1 + 2 V / n), n images per class in a batch', () => {
    // In many dimensions distances hardly vary, so that the mean of quotients is the quotient of means.
    const dimension = 400;
    const means = [0, 1, 2, 3].map((c) =>
      Array.from({ length: dimension }, (_, k) => (k % 4 === c ? 0.2 : 0)),
    );
    const set = gaussianClasses(means, [0.2, 0.2, 0.2, 0.2], 600, 3);
    const whole = cdnv(classStatistics(set)) as number;
    for (const n of [16, 64]) {
      const found = cdnvInBatch(set, 4 * n) as number;
      const expected = (whole * (1 - 1 / n)) / (1 + (2 * whole) / n);
      assert.ok(Math.abs(found / expected - 1) < 0.05, `${found}, not ${expected}, of ${whole}`);
    }
  });

  it('is undefined where no batch has two classes', () => {
    const set = gaussianClasses([[0], [1]], [0.1, 0.1], 5, 3);
    const reasonOf = (size: number) =>
      (cdnvInBatch(set, size) as { undefinedBecause: string }).undefinedBecause;
    assert.match(reasonOf(1), /no batch of 1/);
    assert.equal(reasonOf(11), '10 examples are fewer than one batch of 11');
  });
});

it('what is undefined is null with a reason', () => {
  const same: Embeddings = {
    values: new Float64Array(24).fill(2),
    dimension: 3,
    labels: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1),
    classNames: ['a', 'b'],
  };
  const record = neuralCollapse(same);
  for (const { key } of measureRows)
    if (record[key] === null) assert.ok(record.undefinedBecause![key]!.length > 5, key);
    else
      assert.ok(['meanFeatureNorm', 'leastMeanDistance', 'rankMe'].includes(key), `${key} is ${record[key]}`);
});
