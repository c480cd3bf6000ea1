import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MeanReadout, meanRules } from '../../src/fewshot/mean-rules.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import { sampleEmbeddings } from './samples.ts';

const ways = 5;
const shots = 3;
const sample = sampleEmbeddings('means', {
  classes: ways,
  perClass: 200,
  dimension: 19,
  spread: 0.5,
  scale: 1,
});
const support = Int32Array.from(
  { length: ways * shots },
  (_, i) => Math.floor(i / shots) + ways * (i % shots),
);
const queries = Int32Array.from({ length: 900 }, (_, i) => i + 50);

const changed = (change: (value: number, at: number) => number): Embeddings => ({
  ...sample,
  values: sample.values.map(change) as Float64Array,
});
const decided = (embeddings: Embeddings, readout: MeanReadout): Uint16Array => {
  const rules = meanRules(embeddings, { ways, shots }, { origin: null, normalize: false });
  rules.setSupport(support);
  const out = new Uint16Array(queries.length);
  rules.decide(readout, queries, out, 0);
  return out;
};

/** By distances and cosines written out, in float64. */
function reference({ values, dimension }: Embeddings, readout: MeanReadout): Uint16Array {
  const rowOf = (example: number) => [...values.subarray(example * dimension, (example + 1) * dimension)];
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  const means = Array.from({ length: ways }, (_, c) => {
    const rows = [...support.subarray(c * shots, (c + 1) * shots)].map(rowOf);
    return rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]! / shots, 0));
  });
  const scoreOf = (query: readonly number[], mean: readonly number[]) => {
    const apart = query.map((value, k) => value - mean[k]!);
    return readout === 'cosine' ? dot(query, mean) / Math.sqrt(dot(mean, mean)) : -dot(apart, apart);
  };
  return Uint16Array.from(queries, (example) => {
    const scores = means.map((mean) => scoreOf(rowOf(example), mean));
    return scores.indexOf(Math.max(...scores));
  });
}

const cases: readonly (readonly [what: string, embeddings: Embeddings])[] = [
  ['plain features', sample],
  ['features far from the origin', changed((value) => 300 + value / 30)],
  ['features that float32 nearly loses', changed((value) => value * 1e-25)],
  ['features that float32 does lose', changed((value) => value * 1e-60)],
  ['features beyond float32', changed((value) => value * 1e60)],
  ['classes that differ by less than float32 tells', changed((value) => 1 + value * 1e-8)],
];

for (const [what, embeddings] of cases)
  for (const readout of ['nearest-mean', 'cosine'] as const)
    test(`${what}: ${readout} decides as in float64`, () => {
      const found = decided(embeddings, readout);
      const wanted = reference(embeddings, readout);
      const differing = found.filter((way, at) => way !== wanted[at]).length;
      // Offsets of 1 to 1e-8 leave float64 itself some 1e-8 of relative room: a near tie or two.
      const allowed = what.startsWith('classes') ? 9 : 0;
      assert.ok(differing <= allowed, `${differing} of ${found.length} differ`);
      assert.ok(new Set(found).size === ways, 'every way is decided for');
    });

test('equal means are a tie, which goes to the first way', () => {
  for (const readout of ['nearest-mean', 'cosine'] as const) {
    const equal = decided(
      changed(() => 0.3),
      readout,
    );
    assert.deepEqual(new Set(equal), new Set([0]));
    const zero = decided(
      changed(() => 0),
      readout,
    );
    assert.deepEqual(new Set(zero), new Set([0]));
  }
});
