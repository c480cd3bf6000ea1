import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { principalPlane } from '../../src/measures/principal-plane.ts';

interface Case {
  readonly examples: number;
  readonly dimension: number;
  readonly points: readonly number[];
  readonly shares: readonly [number, number];
  readonly variances: readonly number[];
}
const cases: Readonly<Record<string, Case>> = JSON.parse(
  readFileSync(new URL('./fixtures/principal-plane.json', import.meta.url), 'utf8'),
);

/** The formula of fixtures/principal-plane.py. */
const embeddingsOf = (examples: number, dimension: number, scale = 1) => ({
  values: Float32Array.from({ length: examples * dimension }, (_, at) => {
    const [i, j] = [Math.floor(at / dimension), at % dimension];
    const wave = Math.sin(0.7 * i + 1.3 * j + 0.05 * i * j);
    return scale * Math.fround(wave + (3 * i * Math.cos(0.9 * j)) / examples + 5);
  }),
  dimension,
  labels: Int32Array.from({ length: examples }, (_, i) => i % 2),
  classNames: ['a', 'b'],
});

/** NumPy's and V8's sines may differ in the last bit of float64, which float32 keeps at most once. */
const tolerance = 1e-6;
const close = (actual: number, wanted: number, size: number, what: string): void =>
  assert.ok(Math.abs(actual - wanted) <= tolerance * size, `${what}: ${actual}, not ${wanted}`);

describe('principalPlane', () => {
  for (const [name, { examples, dimension, points, shares, variances }] of Object.entries(cases))
    it(`is scikit-learn's PCA with its signs: ${name}`, () => {
      const found = principalPlane(embeddingsOf(examples, dimension));
      const size = Math.max(...points.map(Math.abs));
      assert.equal(found.points.length, points.length);
      for (const [at, wanted] of points.entries()) close(found.points[at]!, wanted, size, `point ${at}`);
      for (const k of [0, 1]) close(found.shares[k]!, shares[k]!, shares[k]!, `share ${k}`);
      for (const [k, wanted] of variances.entries())
        close(found.variances[k]!, wanted, wanted, `variance ${k}`);
    });

  it('scales with the embeddings: points as they do, shares not at all', () => {
    const [small, large] = [
      principalPlane(embeddingsOf(60, 7)),
      principalPlane(embeddingsOf(60, 7, 2 ** 40)),
    ];
    assert.deepEqual(small.shares, large.shares);
    for (const [at, value] of small.points.entries()) assert.equal(large.points[at], value * 2 ** 40);
  });

  it('is zero where all embeddings are the same', () => {
    const same = { ...embeddingsOf(4, 3), values: new Float32Array(12).fill(2) };
    const { points, shares, variances } = principalPlane(same);
    assert.deepEqual([...points], Array(8).fill(0));
    assert.deepEqual([shares, variances.length], [[0, 0], 0]);
  });
});
