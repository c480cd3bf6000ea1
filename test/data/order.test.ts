import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochOrder } from '../../src/data/order.ts';
import { hashWords, randomStream } from '../../src/random/random.ts';

test('an epoch visits every example once', () => {
  for (const count of [0, 1, 2, 1000]) {
    const seen = Int32Array.from(epochOrder(count, 3, 5)).sort();
    assert.deepEqual(
      [...seen],
      Array.from({ length: count }, (_, i) => i),
    );
  }
});

test('the order is a function of seed and epoch, and each of them matters', () => {
  assert.deepEqual(epochOrder(50, 1, 2), epochOrder(50, 1, 2));
  const orders = [epochOrder(50, 1, 2), epochOrder(50, 1, 3), epochOrder(50, 2, 2), epochOrder(50, 2, 1)];
  assert.equal(new Set(orders.map((order) => order.join())).size, 4);
});

test('the order is the same on every machine', () => {
  assert.deepEqual([...epochOrder(10, 0, 0)], [1, 5, 0, 9, 2, 6, 8, 3, 7, 4]);
});

test('every example is equally likely at every place: chi-square over 8 x 8 cells', () => {
  const epochs = 8000;
  const counts = new Float64Array(64);
  for (let epoch = 0; epoch < epochs; epoch++)
    epochOrder(8, 11, epoch).forEach((example, place) => {
      counts[place * 8 + example]! += 1;
    });
  const expected = epochs / 8;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 49 degrees of freedom: the 0.0001 and 0.9999 quantiles.
  assert.ok(chiSquare > 19.7 && chiSquare < 96.9, `chi-square ${chiSquare}`);
});

test('neighbouring seeds give unrelated numbers: bits of the hash flip half the time', () => {
  const pairs = 4000;
  let flipped = 0;
  for (let word = 0; word < pairs; word++) {
    let difference = hashWords(1, word) ^ hashWords(1, word + 1);
    for (; difference !== 0; difference &= difference - 1) flipped += 1;
  }
  // 32 bits each, half of them: five standard deviations of a fair coin.
  assert.ok(Math.abs(flipped - pairs * 16) < 5 * Math.sqrt(pairs * 8), `${flipped / pairs} of 32 bits`);
});

test('uniform numbers have the mean and variance of a uniform law', () => {
  const random = randomStream(4, 2);
  const n = 100_000;
  const values = Array.from({ length: n }, () => random.uniform());
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  assert.ok(Math.abs(mean - 0.5) < 5 * Math.sqrt(1 / 12 / n), `mean ${mean}`);
  // The variance of (u - 1/2)^2 is 1/80 - 1/144 = 1/180.
  assert.ok(Math.abs(variance - 1 / 12) < 5 * Math.sqrt(1 / 180 / n), `variance ${variance}`);
  assert.ok(values.every((value) => value >= 0 && value < 1));
});
