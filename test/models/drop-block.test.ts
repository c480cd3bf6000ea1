import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dispose, fromArray, liveTensorCount, type Tensor } from '../../src/backend/tensor.ts';
import { inferenceWeights } from '../../src/models/device-weights.ts';
import { forward } from '../../src/models/forward.ts';
import { blockStartProbability, dropBlockOperation } from '../../src/models/layers/drop-block.ts';
import { type Pass, unfinished } from '../../src/models/layers/operation.ts';
import { makeNetwork, notTaken } from '../../src/models/models.ts';
import type { DropBlockLayer, Network } from '../../src/models/network.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { floats, made, type Precision } from '../backend/made.ts';
import { formulaImages, formulaWeights } from './formula.ts';

const layer: DropBlockLayer = { kind: 'dropBlock', rate: 0.1, size: 2, rampSteps: 100, index: 5 };
const passOf = (training: boolean, seed: readonly [number, number]): Pass => ({
  weight: () => assert.fail('it has no weights'),
  training,
  setStatistic: () => assert.fail('it has no statistics'),
  seed,
});

/** Values with none of 0, so that what is left out shows. */
const input = (precision: Precision): Tensor => made('input', [16, 4, 4, 32], precision);

const outputOf = (x: Tensor, pass: Pass, of = layer): Float32Array => {
  const { output, saved = [] } = dropBlockOperation.forward(of, [x], pass);
  assert.equal(output.dtype, x.dtype);
  const values = floats(output);
  dispose(output, ...saved);
  return values;
};

describe("the probability that a block starts is WangYueFt/rfs's", () => {
  /** models/resnet.py there, line by line; `batches` counts from 1. */
  const ofRfs = (dropRate: number, blockSize: number, featSize: number, batches: number): number => {
    const keepRate = Math.max(1 - (dropRate / (20 * 2000)) * batches, 1 - dropRate);
    return (((1 - keepRate) / blockSize ** 2) * featSize ** 2) / (featSize - blockSize + 1) ** 2;
  };
  for (const [size, side] of [
    [5, 10],
    [5, 5],
    [2, 4],
    [2, 2],
    [1, 3],
  ] as const)
    it(`blocks of ${size} on ${side}x${side}, in the first step, on the ramp and after it`, () => {
      for (const step of [0, 1, 999, 20_000, 39_999, 40_000, 100_000]) {
        const found = blockStartProbability({ ...layer, size, rampSteps: 40_000 }, [side, side], step);
        assert.ok(Math.abs(found / ofRfs(0.1, size, side, step + 1) - 1) < 1e-9, `step ${step}: ${found}`);
      }
    });

  it('of which about `rate` of the values is left out, overlaps aside', () => {
    const probability = blockStartProbability({ ...layer, size: 3 }, [20, 30], 1e6);
    // Expected number of blocks, times their area, over the values.
    assert.ok(Math.abs((probability * 18 * 28 * 9) / (20 * 30) - 0.1) < 1e-12);
  });
});

for (const precision of ['float32', 'bfloat16'] as const)
  describe(`DropBlock's layer in ${precision}`, () => {
    it('is not there outside training', () => {
      const x = input(precision);
      assert.deepEqual(outputOf(x, passOf(false, [0, 500])), floats(x));
      dispose(x);
    });

    it('keeps a value times the factor or leaves it out, and the gradient alike', () => {
      const before = liveTensorCount();
      const x = input(precision);
      const gradient = made('gradient', x.shape, precision);
      const pass = passOf(true, [1, 500]);
      const { output, saved = [] } = dropBlockOperation.forward(layer, [x], pass);
      const [dx] = dropBlockOperation.backward(
        layer,
        gradient,
        { inputs: [null], output: null, saved, inputShapes: [x.shape], inputTypes: [x.dtype] },
        {
          ...pass,
          isMasked: false,
          finishing: unfinished,
          wantsInput: true,
          wantsWeights: false,
          setGradient: () => assert.fail('it has no weights'),
        },
      );
      const [given, found, incoming, outgoing] = [x, output, gradient, dx!].map(floats) as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const dropped = found.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);
      assert.ok(dropped > 0.04 * found.length && dropped < 0.2 * found.length, `${dropped} left out`);
      const factor = found.length / (found.length - dropped);
      const tolerance = precision === 'float32' ? 1e-6 : 2 ** -8;
      for (const [i, value] of found.entries()) {
        const expected = value === 0 ? 0 : factor;
        assert.ok(Math.abs(value - expected * given[i]!) <= tolerance * Math.abs(given[i]! * factor));
        assert.ok(
          Math.abs(outgoing[i]! - expected * incoming[i]!) <= tolerance * Math.abs(incoming[i]! * factor),
        );
      }
      dispose(x, gradient, output, dx, ...saved);
      assert.equal(liveTensorCount(), before);
    });

    it('has as its mean over steps the input, times how often its place is kept over the mean of that', () => {
      const x = input(precision);
      const steps = 400;
      const sums = new Float64Array(16 * 4 * 4 * 32);
      for (let step = 0; step < steps; step++)
        for (const [i, value] of outputOf(x, passOf(true, [2, 1000 + step])).entries()) sums[i]! += value;
      // On 4 rows blocks of 2 reach the outer ones from one start and the inner ones from two.
      const startsOver = (at: number): number => (at === 0 || at === 3 ? 1 : 2);
      const probability = blockStartProbability(layer, [4, 4], 1000);
      const keptAt = (i: number): number => {
        const place = Math.floor(i / 32) % 16;
        return (1 - probability) ** (startsOver(Math.floor(place / 4)) * startsOver(place % 4));
      };
      const meanKept =
        Array.from({ length: 16 }, (_, place) => keptAt(32 * place)).reduce((a, b) => a + b) / 16;
      let difference = 0;
      let variance = 0;
      for (const [i, value] of floats(x).entries()) {
        const kept = keptAt(i);
        difference += (sums[i]! / steps - (value * kept) / meanKept) ** 2;
        variance += ((value / meanKept) ** 2 * kept * (1 - kept)) / steps;
      }
      // 8,192 squares of about a normal's: their sum is within a few percent of its expectation.
      assert.ok(Math.abs(difference / variance - 1) < 0.15, `${difference} for ${variance}`);
      dispose(x);
    });

    it('has another mask in another step, seed or layer, and the same in the same', () => {
      const x = input(precision);
      const first = outputOf(x, passOf(true, [1, 500]));
      assert.deepEqual(outputOf(x, passOf(true, [1, 500])), first);
      assert.notDeepEqual(outputOf(x, passOf(true, [1, 501])), first);
      assert.notDeepEqual(outputOf(x, passOf(true, [2, 500])), first);
      assert.notDeepEqual(outputOf(x, passOf(true, [1, 500]), { ...layer, index: 6 }), first);
      dispose(x);
    });
  });

describe('ResNet-12 with DropBlock', () => {
  const dropBlock = { rate: 0.1, size: 2, rampSteps: 40_000 };
  const resnet12 = { name: 'resnet12', width: 8, stem: 'cifar', batchNorm: true } as const;
  const networkWith = (model: object, side = 32) =>
    makeNetwork({ ...resnet12, ...model }, [side, side, 3], 7);
  const logitsOf = (network: Network, seed: readonly [number, number], training: boolean): Float32Array => {
    const weights = inferenceWeights(weightSpecs(network), formulaWeights(weightSpecs(network)), 'float32');
    const image = fromArray(formulaImages(6, [32, 32, 3]), [6, 32, 32, 3]);
    const pass: Pass = { ...weights.pass, training, seed, setStatistic: (_, value) => dispose(value) };
    const [logits] = forward(network, image, pass, ['logits']);
    const values = floats(logits!);
    dispose(logits, image);
    weights.dispose();
    return values;
  };

  it("has rfs's layers: dropout after the first two stages, blocks after the others", () => {
    const { nodes } = networkWith({ dropBlock });
    const layers = nodes.flatMap(({ layer }) =>
      layer.kind === 'dropout' || layer.kind === 'dropBlock' ? [layer] : [],
    );
    assert.deepEqual(
      layers.map(({ index: _, ...rest }) => rest),
      [
        { kind: 'dropout', share: 0.1 },
        { kind: 'dropout', share: 0.1 },
        { kind: 'dropBlock', ...dropBlock },
        { kind: 'dropBlock', ...dropBlock },
      ],
    );
    assert.equal(new Set(layers.map(({ index }) => index)).size, 4);
  });

  it('computes the same without training, and another function in each step of it', () => {
    const [plain, blocks] = [networkWith({}), networkWith({ dropBlock })];
    assert.deepEqual(logitsOf(blocks, [0, 7], false), logitsOf(plain, [0, 7], false));
    const first = logitsOf(blocks, [0, 20_000], true);
    assert.notDeepEqual(first, logitsOf(plain, [0, 20_000], true));
    assert.deepEqual(first, logitsOf(blocks, [0, 20_000], true));
    assert.notDeepEqual(first, logitsOf(blocks, [0, 20_001], true));
    assert.notDeepEqual(first, logitsOf(blocks, [1, 20_000], true));
  });

  it('is refused where a block is larger than the map', () => {
    assert.throws(
      () => networkWith({ dropBlock: { ...dropBlock, size: 5 } }),
      /feature maps of layer3 are 4x4; give at most 4/,
    );
    assert.doesNotThrow(() => networkWith({ dropBlock: { ...dropBlock, size: 5 } }, 84));
  });

  it('is refused for other networks', () => {
    const { message } = notTaken({ ...resnet12, name: 'conv4', dropBlock })!;
    assert.match(message, /^model.dropBlock is \{.*\}, and conv4 takes none; others are for resnet12$/);
  });
});
