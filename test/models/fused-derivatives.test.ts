import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { liveTensorCount } from '../../src/backend/tensor.ts';
import { buildNetwork } from '../../src/models/build.ts';
import { fuseActivations } from '../../src/models/fuse-activations.ts';
import type { Network } from '../../src/models/network.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { derivatives, type Values } from './derivatives.ts';
import { formulaWeights } from './formula.ts';
import { networkOf } from './networks.ts';

const norm = (values: Float32Array): number => Math.hypot(...values);

/**
 * The same sums, rounded elsewhere: to 1e-5 of their length. Gradients that batch norm makes 0, such as those of the bias before it, are
 * rounding errors of the other gradients: to 1e-5 of a hundredth of the longest.
 */
const assertSame = (found: Values, expected: Values, tolerance: number): void => {
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort());
  const longest = Math.max(...[...expected.values()].map(norm));
  for (const [name, values] of expected) {
    const others = found.get(name)!;
    assert.equal(others.length, values.length, name);
    const gap = norm(values.map((value, at) => value - others[at]!));
    const allowed = tolerance * Math.max(norm(values), longest / 100);
    assert.ok(gap <= allowed, `${name}: ${gap}, of ${norm(values)}`);
  }
};

const check = (network: Network, examples: number, last: string, tolerance = 1e-5): void => {
  const before = liveTensorCount();
  const state = formulaWeights(weightSpecs(network));
  const fused = fuseActivations(network);
  assert.ok(fused.nodes.length <= network.nodes.length);
  const expected = derivatives(network, state, examples, last);
  assertSame(derivatives(fused, state, examples, last), expected, tolerance);
  assert.equal(liveTensorCount(), before);
};

describe('a fused network has the outputs, gradients and tangents of the one it was made of', () => {
  for (const name of [
    'resnet18',
    'resnet18-imagenet',
    'resnet50',
    'vgg13',
    'vgg13_bn',
    'vgg13_bn-hidden',
    'resnet12',
    'conv4',
    'wrn28-10',
  ])
    it(name, () => {
      const network = networkOf(name, 32);
      check(network, 3, 'logits');
    });
});

interface Step {
  readonly stride: number;
  readonly bias: boolean;
  readonly norm: boolean;
  /** Which of the earlier feature maps of the same shape is added, if any is. */
  readonly add: number | null;
  readonly swapped: boolean;
  readonly relu: boolean;
  readonly slope: number;
  readonly again: boolean;
  readonly pool: boolean;
  readonly named: boolean;
}
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    stride: fc.constantFrom(1, 1, 2),
    bias: fc.boolean(),
    norm: fc.boolean(),
    add: fc.option(fc.nat(5)),
    swapped: fc.boolean(),
    relu: fc.boolean(),
    slope: fc.constantFrom(0, 0.1),
    again: fc.boolean(),
    pool: fc.boolean(),
    named: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

/** Convolutions in a row, each with some of: batch norm, a sum with any earlier map, one ReLU or two, max-pooling. */
const networkOfSteps = (all: readonly Step[]): Network => {
  const { append, shapeOf, network } = buildNetwork([8, 8, 5]);
  const outputs: Record<string, number> = {};
  const maps = [-1];
  let node = -1;
  for (const [index, step] of all.entries()) {
    const geometry = { kernel: 3, stride: shapeOf(node)[0]! > 2 ? step.stride : 1, padding: 1 };
    const shape = { inChannels: 5, outChannels: 5, geometry, bias: step.bias };
    node = append({ kind: 'convolution', name: `c${index}`, ...shape }, node);
    maps.push(node);
    if (step.norm) node = append({ kind: 'batchNorm', name: `n${index}`, channels: 5 }, node);
    const addable = maps.filter((map) => shapeOf(map).join() === shapeOf(node).join());
    if (step.add !== null && addable.length > 0) {
      const other = addable[step.add % addable.length]!;
      node = append({ kind: 'add' }, ...(step.swapped ? [other, node] : [node, other]));
    }
    if (step.relu) node = append({ kind: 'relu', slope: step.slope }, node);
    if (step.relu && step.again) node = append({ kind: 'relu', slope: step.slope }, node);
    if (step.named) outputs[`step${index}`] = node;
    maps.push(node);
    if (step.pool && shapeOf(node)[0]! > 2)
      node = append({ kind: 'maxPool', geometry: { size: 2, stride: 2, padding: 0 } }, node);
  }
  node = append({ kind: 'globalAveragePool' }, node);
  outputs.logits = append({ kind: 'linear', name: 'fc', inFeatures: 5, outFeatures: 4 }, node);
  return network(outputs);
};

it('so has any network of convolutions with norms, sums, ReLUs and pooling', () => {
  fc.assert(
    fc.property(steps, (all) => check(networkOfSteps(all), 6, 'logits')),
    { seed: 20, numRuns: 150 },
  );
});

it('a convolution whose input is its shortcut, after a ReLU that nothing else reads', () => {
  const plain = { stride: 1, bias: true, norm: false, swapped: false, relu: true, slope: 0, again: false };
  const first = { ...plain, add: null, pool: false, named: false };
  // Maps of the same shape: the image, two of the first step, then the second convolution's input.
  check(networkOfSteps([first, { ...first, add: 2 }]), 2, 'logits');
});
