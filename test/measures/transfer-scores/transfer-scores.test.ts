import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { readNpz } from '../../../src/formats/npz.ts';
import { classStatistics } from '../../../src/measures/class-statistics.ts';
import type { Embeddings } from '../../../src/measures/embeddings.ts';
import { isDefined, type Measured, type Undefined } from '../../../src/measures/measured.ts';
import type { SourceLogits } from '../../../src/measures/transfer-scores/from-source-predictions.ts';
import { transferRows } from '../../../src/measures/transfer-scores/rows.ts';
import { onceEach } from '../../../src/once.ts';
import { gaussianClasses, normals, relativeError } from '../samples.ts';

type TransferScore = (typeof transferRows)[number]['key'];

/** Every row's score, also where `neuralCollapse` would compute none for the size of the embeddings. */
function transferScores(
  embeddings: Embeddings,
  logits: SourceLogits | null,
): Record<TransferScore, Measured> {
  const inputs = {
    embeddings,
    statistics: classStatistics(embeddings),
    transfer: { logits },
    once: onceEach(),
  };
  const scores = {} as Record<TransferScore, Measured>;
  for (const { key, compute } of transferRows) {
    const score = compute(inputs);
    assert.ok(
      !isDefined(score) || Number.isFinite(score),
      `${key} is ${score}: its own file leaves a case out`,
    );
    scores[key] = score;
  }
  return scores;
}

const here = new URL('./fixtures/', import.meta.url).pathname;
const published = JSON.parse(readFileSync(`${here}transfer-scores.json`, 'utf8')) as Record<
  string,
  Record<TransferScore, number>
>;
const arrays = readNpz(`${here}transfer-scores.npz`, {});

const namesOf = (labels: Int32Array): string[] =>
  Array.from({ length: Math.max(...labels) + 1 }, (_, c) => `class-${c}`);

for (const [name, wanted] of Object.entries(published))
  test(`${name}: every score is what published code computes, or null where that underflows`, () => {
    const stored = arrays.get(`${name}.embeddings`)!;
    const labels = Int32Array.from(arrays.get(`${name}.labels`)!.values as Int32Array);
    const logits = arrays.get(`${name}.logits`)!;
    const found = transferScores(
      {
        values: stored.values as Float64Array,
        dimension: stored.shape[1]!,
        labels,
        classNames: namesOf(labels),
      },
      { values: logits.values as Float32Array, classes: logits.shape[1]! },
    );
    for (const key of Object.keys(wanted) as TransferScore[]) {
      const value = found[key];
      if (wanted[key] === 0) {
        assert.match((value as Undefined).undefinedBecause, /below the range of float64/);
        continue;
      }
      assert.ok(isDefined(value), `${key}: ${JSON.stringify(value)}`);
      assert.ok(relativeError(value, wanted[key]) < 1e-6, `${key}: ${value}, published ${wanted[key]}`);
    }
  });

const sample = fc
  .record({
    classes: fc.integer({ min: 2, max: 5 }),
    dimension: fc.integer({ min: 2, max: 20 }),
    seed: fc.nat(),
  })
  .map(({ classes, dimension, seed }) =>
    gaussianClasses(
      Array.from({ length: classes }, (_, c) => [...normals(dimension, seed + 101 * c)]),
      Array.from({ length: classes }, (_, c) => 0.5 + 0.1 * c),
      6,
      seed,
    ),
  );

const mapped = (embeddings: Embeddings, map: (value: number, dimension: number) => number): Embeddings => ({
  ...embeddings,
  values: Float64Array.from(embeddings.values, (value, i) => map(value, i % embeddings.dimension)),
});

/** Reflection along a random direction, which is as good as a rotation. */
function reflected(embeddings: Embeddings, seed: number): Embeddings {
  const { values, dimension } = embeddings;
  const normal = normals(dimension, seed);
  const square = normal.reduce((sum, value) => sum + value * value, 0);
  const out = Float64Array.from(values);
  for (let at = 0; at < out.length; at += dimension) {
    let product = 0;
    for (let k = 0; k < dimension; k++) product += values[at + k]! * normal[k]!;
    for (let k = 0; k < dimension; k++) out[at + k]! -= (2 * product * normal[k]!) / square;
  }
  return { ...embeddings, values: out };
}

function assertSame(one: Embeddings, other: Embeddings, keys: readonly TransferScore[]): void {
  const a = transferScores(one, null);
  const b = transferScores(other, null);
  for (const key of keys)
    assert.ok(
      Math.abs((a[key] as number) - (b[key] as number)) < 1e-7 * Math.max(1, Math.abs(a[key] as number)),
      `${key}: ${a[key]} and ${b[key]}`,
    );
}

test('rotation leaves every score', () => {
  fc.assert(
    fc.property(sample, fc.nat(), (embeddings, seed) =>
      assertSame(embeddings, reflected(embeddings, seed), [
        'logMe',
        'hScore',
        'hScoreRegularized',
        'transRate',
        'gaussianBhattacharyya',
      ]),
    ),
    { numRuns: 40 },
  );
});

test('a shift leaves every score but LogME', () => {
  fc.assert(
    fc.property(sample, fc.double({ min: -10, max: 10, noNaN: true }), (embeddings, shift) =>
      assertSame(
        embeddings,
        mapped(embeddings, (value, k) => value + shift * (k + 1)),
        ['hScore', 'hScoreRegularized', 'transRate', 'gaussianBhattacharyya'],
      ),
    ),
    { numRuns: 40 },
  );
});

test('scale, to 1e-150 and 1e150, leaves H-score, its regularised form and GBC', () => {
  fc.assert(
    fc.property(sample, fc.constantFrom(1e-150, 1e-9, 3, 1e9, 1e150), (embeddings, factor) =>
      assertSame(
        embeddings,
        mapped(embeddings, (value) => factor * value),
        ['hScore', 'hScoreRegularized', 'gaussianBhattacharyya'],
      ),
    ),
    { numRuns: 40 },
  );
});

test('closed cases: collapsed classes score classes - 1; a prediction that says all, or nothing', () => {
  const { labels, classNames } = gaussianClasses([[0], [0], [0]], [1, 1, 1], 4, 1);
  const oneHot = Float64Array.from(
    labels.length * 3 === 0 ? [] : [...labels].flatMap((l) => [0, 1, 2].map((c) => (c === l ? 1 : 0))),
  );
  const collapsed: Embeddings = { values: oneHot, dimension: 3, labels, classNames };
  const sure = { values: oneHot.map((value) => 1000 * value), classes: 3 };
  const perfect = transferScores(collapsed, sure);
  assert.ok(Math.abs((perfect.hScore as number) - 2) < 1e-12);
  assert.equal(perfect.leep, 0);
  assert.equal(perfect.nce, 0);
  const nothing = transferScores(collapsed, { values: new Float64Array(labels.length * 2), classes: 2 });
  assert.ok(Math.abs((nothing.leep as number) + Math.log(3)) < 1e-12);
  assert.ok(Math.abs((nothing.nce as number) + Math.log(3)) < 1e-12);
});

test('two equal classes: GBC is -2, H-score 0', () => {
  const half = normals(30, 3);
  const values = Float64Array.from([...half, ...half]);
  const labels = Int32Array.from({ length: 20 }, (_, i) => Math.floor(i / 10));
  const scores = transferScores({ values, dimension: 3, labels, classNames: ['a', 'b'] }, null);
  assert.ok(Math.abs((scores.gaussianBhattacharyya as number) + 2) < 1e-12);
  assert.ok(Math.abs(scores.hScore as number) < 1e-12);
  assert.ok(Math.abs(scores.transRate as number) < 1e-9);
});

test('null, with the reason: constant features, one class, a class without variance, no logits, underflow', () => {
  const reasonOf = (embeddings: Embeddings, key: TransferScore): string =>
    (transferScores(embeddings, null)[key] as { undefinedBecause: string }).undefinedBecause;
  const labels = Int32Array.of(0, 0, 1, 1);
  const of = (values: number[], classNames = ['a', 'b'], those = labels): Embeddings => ({
    values: Float64Array.from(values),
    dimension: 1,
    labels: those,
    classNames,
  });
  assert.equal(reasonOf(of([7.1, 7.1, 7.1, 7.1]), 'hScore'), 'all embeddings are the same');
  assert.equal(reasonOf(of([0, 0, 0, 0]), 'logMe'), 'all embeddings are zero');
  assert.match(reasonOf(of([1, 2, 3, 4], ['a'], new Int32Array(4)), 'transRate'), /1 class/);
  assert.equal(reasonOf(of([1, 1, 3, 4]), 'gaussianBhattacharyya'), 'class a has no variance');
  assert.match(reasonOf(of([0, 1, 1e6, 1e6 + 1]), 'gaussianBhattacharyya'), /below the range/);
  assert.match(reasonOf(of([0, 1, 2, 3]), 'leep'), /logits/);
  const headless = transferScores(of([0, 1, 2, 3]), { values: new Float32Array(4), classes: 1 });
  assert.match(JSON.stringify([headless.leep, headless.nce]), /no classifier.*no classifier/);
  assert.match(reasonOf(of([1e-200, 2e-200, 3e-200, 5e-200]), 'logMe'), /range of float64/);
});
