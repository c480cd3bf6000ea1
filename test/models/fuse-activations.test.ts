import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { type Builder, buildNetwork } from '../../src/models/build.ts';
import { foldBatchNorm } from '../../src/models/fold-batch-norm.ts';
import { fuseActivations } from '../../src/models/fuse-activations.ts';
import { makeNetwork } from '../../src/models/models.ts';
import type { Layer, Network, Node } from '../../src/models/network.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights } from './formula.ts';

const config = (model: object) => runConfigSchema.parse({ model: { width: 4, ...model } }).model;
const networkOf = (model: object, side = 32): Network => makeNetwork(config(model), [side, side, 3], 7);

/** A layer as `batchNorm bn1 + shortcut, relu`. */
const written = (layer: Layer): string => {
  const name = 'name' in layer ? ` ${layer.name}` : '';
  if (!('finish' in layer) || !layer.finish) return `${layer.kind}${name}`;
  const { shortcut, relu } = layer.finish;
  return `${layer.kind}${name}${shortcut ? ' + shortcut' : ''}${relu ? ', relu' : ''}`;
};

/** How many layers there are of each kind with each finish. */
const census = ({ nodes }: Network): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { layer } of nodes) {
    const { name: _, ...unnamed } = { name: '', ...layer };
    const key = written(unnamed as Layer);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
};

describe('what merges', () => {
  it('ResNet-18: each sum and ReLU into the batch norm before them, the downsampling one on its own', () => {
    const fused = fuseActivations(networkOf({ name: 'resnet18' }));
    assert.deepEqual(census(fused), {
      convolution: 20,
      'batchNorm, relu': 9,
      'batchNorm + shortcut, relu': 8,
      batchNorm: 3,
      globalAveragePool: 1,
      linear: 1,
    });
    const block = fused.nodes.findIndex(({ layer }) => 'name' in layer && layer.name === 'layer2.0.conv1');
    assert.deepEqual(
      fused.nodes
        .slice(block, block + 6)
        .map(({ layer, inputs }) => [written(layer), ...inputs.map((i) => i - block)]),
      [
        ['convolution layer2.0.conv1', -1],
        ['batchNorm layer2.0.bn1, relu', 0],
        ['convolution layer2.0.conv2', 1],
        ['convolution layer2.0.downsample.0', -1],
        ['batchNorm layer2.0.downsample.1', 3],
        ['batchNorm layer2.0.bn2 + shortcut, relu', 2, 4],
      ],
    );
  });

  it('ResNet-50', () => {
    assert.deepEqual(census(fuseActivations(networkOf({ name: 'resnet50', stem: 'imagenet' }))), {
      convolution: 53,
      'batchNorm, relu': 33,
      maxPool: 1,
      'batchNorm + shortcut, relu': 16,
      batchNorm: 4,
      globalAveragePool: 1,
      linear: 1,
    });
  });

  it('with batch norm folded, into the convolutions', () => {
    const network = networkOf({ name: 'resnet18' });
    const folded = foldBatchNorm(network, formulaWeights(weightSpecs(network)));
    assert.deepEqual(census(fuseActivations(folded.network)), {
      'convolution, relu': 9,
      'convolution + shortcut, relu': 8,
      convolution: 3,
      globalAveragePool: 1,
      linear: 1,
    });
  });

  it('VGG-13: ReLUs into batch norms, or into convolutions where there are none', () => {
    const rest = { maxPool: 5, flatten: 1, linear: 1 };
    assert.deepEqual(census(fuseActivations(networkOf({ name: 'vgg13', batchNorm: false }))), {
      'convolution, relu': 10,
      ...rest,
    });
    assert.deepEqual(census(fuseActivations(networkOf({ name: 'vgg13', batchNorm: true }))), {
      convolution: 10,
      'batchNorm, relu': 10,
      ...rest,
    });
  });

  it("the ReLUs between VGG's linear layers stay", () => {
    const network = networkOf({ name: 'vgg16', batchNorm: false, stem: 'imagenet' }, 224);
    const { relu, linear, dropout } = census(fuseActivations(network));
    assert.deepEqual({ relu, linear, dropout }, { relu: 2, linear: 3, dropout: 2 });
  });
});

describe('named outputs', () => {
  for (const name of ['resnet18', 'resnet50', 'vgg13'])
    it(`${name} keeps them, in place and shape`, () => {
      const network = networkOf({ name });
      const fused = fuseActivations(network);
      assert.deepEqual(Object.keys(fused.outputs), Object.keys(network.outputs));
      assert.equal(fused.nodes.length, fused.shapes.length);
      for (const [output, node] of Object.entries(network.outputs)) {
        const moved = fused.outputs[output]!;
        assert.deepEqual(fused.shapes[moved], network.shapes[node]);
        const { layer } = fused.nodes[moved]!;
        const ends = 'finish' in layer && layer.finish?.relu ? 'relu' : layer.kind;
        assert.equal(ends, network.nodes[node]!.layer.kind, output);
      }
    });

  /** An image, then a 3x3 convolution, batch norm, the sum of that and the convolution's input, a ReLU. */
  const chain = (outputs: (nodes: readonly number[]) => Record<string, number>): readonly Node[] => {
    const { append, network }: Builder = buildNetwork([4, 4, 3]);
    const geometry = { kernel: 3, stride: 1, padding: 1 };
    const shape = { inChannels: 3, outChannels: 3, geometry, bias: false };
    const nodes = [append({ kind: 'convolution', name: 'c', ...shape }, -1)];
    nodes.push(append({ kind: 'batchNorm', name: 'n', channels: 3 }, nodes[0]!));
    nodes.push(append({ kind: 'add' }, nodes[1]!, -1));
    nodes.push(append({ kind: 'relu' }, nodes[2]!));
    return fuseActivations(network(outputs(nodes))).nodes;
  };
  const writtenChain = (outputs: (nodes: readonly number[]) => Record<string, number>) =>
    chain(outputs).map(({ layer, inputs }) => `${inputs} > ${written(layer)}`);

  it('at the end of a chain it is whole', () => {
    assert.deepEqual(
      writtenChain(([, , , last]) => ({ last: last! })),
      ['-1 > convolution c', '0,-1 > batchNorm n + shortcut, relu'],
    );
  });

  it('in the middle of one it stays visible', () => {
    assert.deepEqual(
      writtenChain(([, , sum, last]) => ({ sum: sum!, last: last! })),
      ['-1 > convolution c', '0,-1 > batchNorm n + shortcut', '1 > relu'],
    );
    assert.deepEqual(
      writtenChain(([, norm, , last]) => ({ norm: norm!, last: last! })),
      ['-1 > convolution c', '0 > batchNorm n', '1,-1 > add', '2 > relu'],
    );
  });
});
