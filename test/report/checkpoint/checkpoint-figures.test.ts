import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkpointFigures } from '../../../src/report/checkpoint/checkpoint-figures.ts';

const classes = 24;
/** Each class in its turn, as drawn images and many files have them; the points say which example they are. */
const planeOf = (count: number) => {
  const figures = checkpointFigures(
    [],
    {
      points: Float64Array.from({ length: 2 * count }, (_, at) => Math.floor(at / 2) / 7),
      shares: [0.5, 0.25],
      variances: Float64Array.of(1),
    },
    {
      ...{ name: 'turns', height: 1, width: 1, channels: 1, images: new Uint8Array(count) },
      labels: Int32Array.from({ length: count }, (_, example) => example % classes),
      classNames: Array.from({ length: classes }, (_, label) => `class-${label}`),
    },
  );
  const plane = figures.find(({ id }) => id === 'plane')!;
  const counts = new Map<unknown, number>();
  for (const { class: name } of plane.rows) counts.set(name, (counts.get(name) ?? 0) + 1);
  return { ...plane, counts: [...counts.values()] };
};

describe('the embeddings in two dimensions', () => {
  test('have every class, as often as the others, where not all examples are drawn', () => {
    const { rows, counts, caption } = planeOf(2400);
    assert.equal(rows.length, 1500);
    assert.equal(counts.length, classes);
    assert.deepEqual([Math.min(...counts), Math.max(...counts)], [62, 63]);
    assert.match(caption, / 1500 of them, as equally from all classes as can be\.$/);
    for (const { example, class: name, first } of rows) {
      assert.equal(name, `class-${(example as number) % classes}`);
      assert.equal(first, (example as number) / 7);
    }
  });

  test('are all of the examples where these are few', () => {
    const { rows, caption } = planeOf(100);
    assert.deepEqual(
      rows.map(({ example }) => example),
      [...Array(100).keys()],
    );
    assert.match(caption, / All 100 examples\.$/);
  });
});
