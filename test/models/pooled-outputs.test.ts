import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageSet } from '../../src/data/image-set.ts';
import { embedLayers } from '../../src/measures/embed-layers.ts';
import { embedSet } from '../../src/measures/embed-set.ts';
import { inferenceModel } from '../../src/models/inference-model.ts';
import { outputSize } from '../../src/models/network.ts';
import { pooledModel, poolingOf, withPooledOutputs } from '../../src/models/pooled-outputs.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights, uniform } from './formula.ts';
import { networkOf } from './networks.ts';

const names = {
  resnet10: 16,
  resnet50: 16,
  vgg13: 32,
  vgg13_bn: 32,
  resnet12: 32,
  conv4: 32,
  'wrn28-10': 16,
};
const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

describe('pooled outputs', () => {
  for (const [name, side] of Object.entries(names))
    it(`${name}: each feature map's mean over its positions, each vector as it is`, async () => {
      const network = networkOf(name, side);
      const layers = Object.keys(network.outputs);
      const count = 3;
      const set: ImageSet = {
        ...{ name: 'images', height: side, width: side, channels: 3, classNames: ['a'] },
        images: Uint8Array.from(uniform('pooled', count * side * side * 3), (value) => 128 + 100 * value),
        labels: new Int32Array(count),
      };
      const model = inferenceModel(network, formulaWeights(weightSpecs(network)), 'float32');
      const plain = await embedSet(model.primal, set, normalization, layers);
      const pooled = await embedLayers(model.primal, set, normalization, layers);
      for (const [at, layer] of layers.entries()) {
        const shape = network.shapes[network.outputs[layer]!]!;
        const channels = shape.at(-1)!;
        const positions = outputSize(network, layer) / channels;
        assert.equal(poolingOf(network, layer), shape.length === 3 ? 'average' : 'none');
        const wanted = new Float64Array(count * channels);
        plain[at]!.forEach((value, i) => {
          wanted[Math.floor(i / (positions * channels)) * channels + (i % channels)]! += value / positions;
        });
        const found = pooled.get(layer)!;
        assert.equal(found.length, wanted.length, layer);
        const size = Math.sqrt(wanted.reduce((sum, value) => sum + value * value, 0) / wanted.length);
        const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
        assert.ok(worst <= 2e-5 * size, `${layer}: ${worst} of ${size}`);
        // One layer by itself needs no node behind it.
        const { network: alone } = pooledModel(model, [layer]);
        assert.equal(alone.outputs[layer], model.network.outputs[layer]! + Number(shape.length === 3), layer);
      }
      model.dispose();
    });

  it('a network whose outputs are vectors stays what it is', () => {
    const network = networkOf('resnet10', 16);
    assert.equal(withPooledOutputs(network, ['embedding', 'logits']), network);
  });
});
