import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dispose, fromArray, liveTensorCount, readFloats } from '../../src/backend/tensor.ts';
import { exact } from '../../src/measures/geometric-complexity/estimators.ts';
import { backward } from '../../src/models/backward.ts';
import { forGradientsOf, forwardWithTape, releaseTape, type Tape } from '../../src/models/forward.ts';
import { type InferenceModel, inferenceModel } from '../../src/models/inference-model.ts';
import { outputSize, upTo } from '../../src/models/network.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { tensorOf } from '../backend/made.ts';
import { relativeError } from '../backend/plain-convolution.ts';
import { formulaImages, formulaWeights, uniform } from './formula.ts';
import { networkOf } from './networks.ts';

const side = 32;
const modelOf = (name: string, layer: string, precision: 'float32' | 'bfloat16'): InferenceModel => {
  const network = networkOf(name, side);
  const model = inferenceModel(network, formulaWeights(weightSpecs(network)), precision);
  return { ...model, network: upTo(model.network, layer) };
};

const imageOf = (count: number, first = 0) => {
  const size = side * side * 3;
  const images = formulaImages(first + count, [side, side, 3]).slice(first * size);
  return fromArray(images, [count, side, side, 3]);
};

/** The images' gradients of vectors in the output's space, [k n, size], of a tape that is kept. */
const gradientsOf = (
  tape: Tape,
  layer: string,
  model: InferenceModel,
  vectors: Float32Array,
): Float32Array => {
  const { dtype, shape } = tape.forms.at(-1)!;
  const size = outputSize(model.network, layer);
  const gradient = tensorOf(vectors, [vectors.length / size, ...shape.slice(1)], dtype);
  const made = backward(tape, layer, gradient, model.pass, {
    trains: () => false,
    setGradient: () => assert.fail('no weight has a gradient'),
    wantsImage: true,
    keepTape: true,
  })!;
  const values = readFloats(made).slice();
  dispose(made);
  return values;
};

describe('gradients of several outputs at once, over one tape, are those one after another', () => {
  for (const [name, layer] of [
    ['resnet18', 'embedding'],
    ['resnet18', 'layer3'],
    ['resnet18-imagenet', 'embedding'],
    ['resnet50', 'embedding'],
    ['vgg13', 'embedding'],
    ['vgg13', 'stage2'],
    ['vgg13_bn', 'logits'],
    ['vgg13-hidden', 'embedding'],
    ['resnet12', 'embedding'],
    ['resnet12', 'layer2'],
    ['conv4', 'embedding'],
    ['wrn28-10', 'embedding'],
    ['wrn28-10', 'block2'],
  ] as const)
    for (const precision of ['float32', 'bfloat16'] as const)
      it(`${name}, ${layer}, products in ${precision}`, () => {
        const before = liveTensorCount();
        const [examples, times] = [2, 3];
        const model = modelOf(name, layer, precision);
        const image = imageOf(examples);
        const { outputs, tape: primal } = forwardWithTape(model.network, image, model.primal.pass, [layer]);
        const tape = forGradientsOf(primal, precision);
        const each = examples * outputSize(model.network, layer);
        const vectors = uniform('vectors', times * each);
        const together = gradientsOf(tape, layer, model, vectors);
        const length = together.length / times;
        for (let k = 0; k < times; k++) {
          const alone = gradientsOf(tape, layer, model, vectors.slice(k * each, (k + 1) * each));
          assert.equal(alone.length, length);
          assert.ok(alone.some((value) => value !== 0));
          const error = relativeError(together.subarray(k * length, (k + 1) * length), alone);
          // Kernels may cut larger batches into other parts, whose sums they round elsewhere; WRN's sum of blocks is not normalised.
          const tolerance = precision === 'float32' ? 1e-6 : name === 'wrn28-10' ? 3e-2 : 1e-2;
          assert.ok(error <= tolerance, `${k}: ${error}`);
        }
        dispose(image, ...outputs);
        releaseTape(tape);
        model.dispose();
        assert.equal(liveTensorCount(), before);
      });
});

describe("an image's exact complexity does not depend on its batch, nor on how many rows fit at once", () => {
  for (const name of ['resnet18', 'vgg13_bn'])
    it(name, () => {
      const layer = 'embedding';
      const model = modelOf(name, layer, 'float32');
      const complexities = (first: number, count: number): number[] => {
        const image = imageOf(count, first);
        const examples = Array.from({ length: count }, (_, i) => first + i);
        const found = exact({ model, layer, image, examples, seed: 0, factors: [1, 1, 1] });
        dispose(image);
        return found.map(({ value }) => value);
      };
      // 64 rows: of one image all at once, of 3 images 21 at a time and one left over, of 40 images one by one.
      const alone = [0, 1, 2].map((first) => complexities(first, 1)[0]!);
      assert.equal(new Set(alone).size, 3);
      for (const count of [3, 40])
        for (const [i, value] of complexities(0, count).slice(0, 3).entries())
          assert.ok(Math.abs(value / alone[i]! - 1) <= 1e-6, `${i} of ${count}: ${value}, not ${alone[i]}`);
      model.dispose();
    });
});
