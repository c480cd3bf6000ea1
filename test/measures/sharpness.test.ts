import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { liveTensorCount } from '../../src/backend/tensor.ts';
import type { ImageSet } from '../../src/data/image-set.ts';
import { takeExamples } from '../../src/data/selection.ts';
import { ascentStep } from '../../src/measures/ascent-step.ts';
import { balancedOrder } from '../../src/measures/geometric-complexity/example-draw.ts';
import { type SharpnessOptions, sharpness } from '../../src/measures/sharpness.ts';
import type { Network } from '../../src/models/network.ts';
import { type StateDict, weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights, uniform } from '../models/formula.ts';
import { classes, networkOf } from '../models/networks.ts';

interface Reference {
  readonly side: number;
  readonly loss: number;
  readonly steps: readonly {
    readonly kind: 'adaptive' | 'plain';
    readonly rho: number;
    readonly slope: number;
    readonly value: number;
    readonly standardError: number;
  }[];
}
const references: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL('./fixtures/sharpness.json', import.meta.url), 'utf8'),
);

const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
const setOf = (side: number, examples = 14): ImageSet => ({
  name: 'formula',
  height: side,
  width: side,
  channels: 3,
  images: Uint8Array.from(uniform('pixels', examples * side * side * 3), (value) =>
    Math.floor((value + 1) * 128),
  ),
  labels: Int32Array.from({ length: examples }, (_, index) => index % classes),
  classNames: Array.from({ length: classes }, (_, index) => `class ${index}`),
});

const relative = { kind: 'adaptive', rho: 0.5 } as const;
const plainly = { kind: 'plain', rho: 0.05 } as const;

const measured = async (
  network: Network,
  weights: StateDict,
  set: ImageSet,
  options: Partial<SharpnessOptions> = {},
) => {
  const all = { steps: [relative], examples: Number.POSITIVE_INFINITY, seed: 0 };
  const found = await sharpness(network, weights, set, normalization, { ...all, ...options });
  return found[0]!;
};

const close = (actual: number | null, expected: number, tolerance: number): void =>
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${actual} is not ${expected}`,
  );

describe('sharpness agrees with PyTorch in float64', () => {
  for (const [name, { side, loss, steps }] of Object.entries(references)) {
    const network = networkOf(name, side);
    const weights = formulaWeights(weightSpecs(network));
    for (const { kind, rho, slope, value, standardError } of steps)
      it(`${name}, ${kind}, rho ${rho}`, async () => {
        const found = await measured(network, weights, setOf(side), { steps: [{ kind, rho }] });
        close(found.loss, loss, 1e-5);
        close(found.slope, slope, 1e-4);
        // Small steps: the rise is a difference of float32 losses, each good to about 1e-6 of itself.
        close(found.value, value, 1e-4 + (1e-5 * loss) / value);
        close(found.standardError, standardError, 1e-3 + (1e-5 * loss) / standardError);
        assert.deepEqual([found.kind, found.rho, found.examples, found.ofExamples], [kind, rho, 14, 14]);
      });
  }
});

describe('the ascent step', () => {
  const specs = [
    { name: 'w', shape: [2], role: 'bias' },
    { name: 'mean', shape: [1], role: 'runningMean' },
  ] as const;
  const weights: StateDict = new Map([
    ['w', { shape: [2], values: Float32Array.of(3, -4) }],
    ['mean', { shape: [1], values: Float32Array.of(7) }],
  ]);
  const along = (first: number, second: number) => new Map([['w', Float64Array.of(first, second)]]);

  it('is rho g / |g| where it is plain', () => {
    const { slope, weights: after } = ascentStep(specs, weights, along(3, 4), { kind: 'plain', rho: 5 })!;
    assert.equal(slope, 5);
    assert.deepEqual([...after.get('w')!.values], [6, 0]);
    assert.deepEqual([...after.get('mean')!.values], [7]);
  });

  it('is rho w^2 g / ||w| g| where it is adaptive: (9, 16) / 5 for rho 1 and g = (1, 1)', () => {
    const { slope, weights: after } = ascentStep(specs, weights, along(1, 1), { kind: 'adaptive', rho: 1 })!;
    assert.equal(slope, 5);
    assert.deepEqual([...after.get('w')!.values], [Math.fround(3 + 9 / 5), Math.fround(-4 + 16 / 5)]);
  });

  it('is none where the gradient is 0 or not finite', () => {
    for (const gradient of [along(0, 0), along(Number.NaN, 1)])
      assert.equal(ascentStep(specs, weights, gradient, { kind: 'plain', rho: 1 }), null);
  });
});

describe('sharpness', () => {
  const { side } = references.vgg13!;
  const network = networkOf('vgg13', side);
  const weights = formulaWeights(weightSpecs(network));
  const set = setOf(side);

  it('that is adaptive does not change where a layer is made larger and the next one smaller; plain does', async () => {
    const scaled = (name: string, factor: number) => {
      const { shape, values } = weights.get(name)!;
      return [name, { shape, values: values.map((value) => value * factor) }] as const;
    };
    const rescaled = new Map([
      ...weights,
      scaled('features.0.weight', 4),
      scaled('features.0.bias', 4),
      scaled('features.2.weight', 1 / 4),
    ]);
    const [adaptive, plain] = [
      await measured(network, weights, set),
      await measured(network, weights, set, { steps: [plainly] }),
    ];
    close((await measured(network, rescaled, set)).value, adaptive.value!, 1e-5);
    const changed = (await measured(network, rescaled, set, { steps: [plainly] })).value!;
    assert.ok(Math.abs(changed / plain.value! - 1) > 0.1, `${changed} is ${plain.value}`);
  });
  it('of a short step is rho times the slope', async () => {
    const { value, slope } = await measured(network, weights, set, { steps: [{ ...relative, rho: 1e-3 }] });
    close(value! / 1e-3, slope!, 1e-2);
  });

  it('of two steps is that of each', async () => {
    const options = { steps: [relative, plainly], examples: 14, seed: 0 };
    const both = await sharpness(network, weights, set, normalization, options);
    assert.deepEqual(both, [
      await measured(network, weights, set),
      await measured(network, weights, set, { steps: [plainly] }),
    ]);
  });

  it('of some examples is that of the balanced draw with its seed alone', async () => {
    const some = await measured(network, weights, set, { examples: classes, seed: 5 });
    const drawn = takeExamples(set, balancedOrder(set, 5).subarray(0, classes));
    const alone = await measured(network, weights, drawn);
    assert.deepEqual([some.examples, some.ofExamples, some.seed], [classes, 14, 5]);
    assert.deepEqual([...drawn.labels].sort(), [0, 1, 2, 3, 4, 5, 6]);
    close(some.value, alone.value!, 1e-6);
  });

  it('leaves the weights and no tensor behind', async () => {
    const [tensors, first] = [liveTensorCount(), weights.get('features.0.weight')!.values.slice()];
    await measured(network, weights, set);
    assert.equal(liveTensorCount(), tensors);
    assert.deepEqual(weights.get('features.0.weight')!.values, first);
  });

  it('is null, with the reason, where the loss does not depend on the weights', async () => {
    const dead = new Map(
      [...weights].map(([name, { shape, values }]) => [name, { shape, values: values.map(() => 0) }]),
    );
    const found = await measured(network, dead, set);
    assert.equal(found.value, null);
    assert.match(found.undefinedBecause!, /gradient/);
    close(found.loss, Math.log(classes), 1e-6);
  });
});
