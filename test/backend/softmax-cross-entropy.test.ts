import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crossEntropyInOneOp, crossEntropyInSteps } from '../../src/backend/kernels/softmax-cross-entropy.ts';
import { dispose, fromArray, liveTensorCount, readFloats } from '../../src/backend/tensor.ts';
import { uniform } from '../models/formula.ts';

const kinds = { 'one op': crossEntropyInOneOp, 'deterministic steps': crossEntropyInSteps };

/** Float32 has 24 bits, log probabilities are as large as the logits, and losses are sums of them. */
const assertNear = (found: Float32Array, expected: Float64Array, spread: number): void => {
  assert.equal(found.length, expected.length);
  for (const [i, value] of found.entries())
    assert.ok(
      Math.abs(value - expected[i]!) <= 3e-7 * (1 + spread) + 1e-6 * Math.abs(expected[i]!),
      `${i}: ${value}, not ${expected[i]}`,
    );
};

/** In float64, with the largest logit taken off. */
const plain = (logits: Float32Array, targets: Float32Array, classes: number) => {
  const examples = logits.length / classes;
  const losses = new Float64Array(examples);
  const gradient = new Float64Array(logits.length);
  for (let n = 0; n < examples; n++) {
    const row = [...logits.subarray(n * classes, (n + 1) * classes)];
    const largest = Math.max(...row);
    const logSum = largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    for (const [c, value] of row.entries()) {
      const target = targets[n * classes + c]!;
      losses[n]! -= target * (value - logSum);
      gradient[n * classes + c] = Math.exp(value - logSum) - target;
    }
  }
  return { losses, gradient };
};

for (const [how, crossEntropy] of Object.entries(kinds))
  describe(`softmax cross-entropy by ${how} against float64`, () => {
    for (const [examples, classes] of [
      [1, 2],
      [7, 10],
      [64, 64],
      [3, 1000],
    ] as const)
      for (const spread of [1, 60])
        it(`${examples} examples, ${classes} classes, logits within ${spread}, with label smoothing and without`, () => {
          const before = liveTensorCount();
          for (const smoothing of [0, 0.1]) {
            const logits = uniform('logits', examples * classes).map((value) => spread * value);
            const targets = new Float32Array(examples * classes).fill(smoothing / classes);
            for (let n = 0; n < examples; n++) targets[n * classes + ((n * 3) % classes)]! += 1 - smoothing;
            const given = [logits, targets].map((values) => fromArray(values, [examples, classes]));
            const found = crossEntropy(given[0]!, given[1]!);
            const expected = plain(logits, targets, classes);
            assert.deepEqual(found.losses.shape, [examples]);
            assertNear(readFloats(found.losses), expected.losses, spread);
            assertNear(readFloats(found.gradient), expected.gradient, spread);
            dispose(...given, found.losses, found.gradient);
          }
          assert.equal(liveTensorCount(), before);
        });
  });
