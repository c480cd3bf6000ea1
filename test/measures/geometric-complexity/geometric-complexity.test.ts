import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runConfigSchema } from '../../../src/config/schema.ts';
import type { ImageSet } from '../../../src/data/image-set.ts';
import { estimateMean } from '../../../src/measures/geometric-complexity/estimate.ts';
import { balancedOrder } from '../../../src/measures/geometric-complexity/example-draw.ts';
import {
  type ComplexityOptions,
  geometricComplexity,
} from '../../../src/measures/geometric-complexity/geometric-complexity.ts';
import { inferenceModel } from '../../../src/models/inference-model.ts';
import { weightSpecs } from '../../../src/models/weights.ts';
import { complexityOptions } from '../../../src/pipeline/measure-layers.ts';
import { randomStream } from '../../../src/random/random.ts';
import { formulaWeights } from '../../models/formula.ts';
import { networkOf } from '../../models/networks.ts';

const side = 8;
const normalization = { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.5] };

/** Random images whose contrast, and so whose Jacobian, differs from one to the next; classes of different sizes. */
const set = (examples: number): ImageSet => {
  const random = randomStream(7);
  const size = side * side * 3;
  const images = new Uint8Array(examples * size);
  for (let example = 0; example < examples; example++) {
    const contrast = random.uniform();
    for (let i = 0; i < size; i++) images[example * size + i] = 128 + contrast * (random.below(255) - 127);
  }
  const labels = Int32Array.from({ length: examples }, (_, i) => (i % 4 === 0 ? 0 : i % 2 ? 1 : 2));
  return {
    name: 'random',
    height: side,
    width: side,
    channels: 3,
    images,
    labels,
    classNames: ['a', 'b', 'c'],
  };
};

const network = networkOf('resnet18', side);
const weights = formulaWeights(weightSpecs(network));
const options: ComplexityOptions = {
  ...complexityOptions(runConfigSchema.parse({}).measure),
  examples: Number.POSITIVE_INFINITY,
};

const measured = async (images: ImageSet, changed: Partial<ComplexityOptions>) => {
  const model = inferenceModel(network, weights, 'float32');
  try {
    return await geometricComplexity(model, images, normalization, { ...options, ...changed });
  } finally {
    model.dispose();
  }
};

describe('geometric complexity of a set', () => {
  const images = set(640);
  let truth: number;

  it('exact over all examples is the value itself: no standard error', async () => {
    const { record, perClass, perExample } = await measured(images, { estimator: 'exact' });
    truth = record.value;
    const mean = perExample.reduce((sum, { value }) => sum + value, 0) / 640;
    assert.ok(Math.abs(mean - truth) < 1e-9 * truth);
    assert.equal(record.standardError, 0);
    assert.deepEqual(
      [record.examples, record.ofExamples, record.probes, record.dimension],
      [640, 640, 64, 64],
    );
    for (const [c, value] of perClass.entries()) {
      const own = perExample.filter(({ label }) => label === c);
      assert.ok(
        Math.abs(value! - own.reduce((sum, each) => sum + each.value, 0) / own.length) < 1e-9 * truth,
      );
    }
  });

  for (const [name, changed] of [
    ['one Hutchinson probe on 96 examples', { examples: 96 }],
    ["one probe in the images' space on 96 examples", { examples: 96, probeSpace: 'input' }],
    ['two Gaussian probes on 96 examples', { examples: 96, probes: 2, distribution: 'gaussian' }],
    ['8 rows of 64 on 96 examples', { examples: 96, estimator: 'outputs', probes: 8 }],
  ] as const)
    it(`${name}: over 200 draws the mean is right, and the 95 % interval holds the value 92 to 98 % of the time`, async () => {
      let sum = 0;
      let squares = 0;
      let covered = 0;
      const repeats = 200;
      for (let seed = 0; seed < repeats; seed++) {
        const { value, ci95 } = (await measured(images, { ...changed, seed })).record;
        sum += value;
        squares += (value - truth) ** 2;
        if (ci95![0] <= truth && truth <= ci95![1]) covered += 1;
      }
      const error = Math.sqrt(squares / repeats / repeats);
      assert.ok(Math.abs(sum / repeats - truth) < 3 * error, `mean ${sum / repeats}, not ${truth}`);
      const share = covered / repeats;
      assert.ok(share >= 0.92 && share <= 0.98, `covered ${share}`);
    });

  it('the interval of 96 exact values, too', async () => {
    const { perExample } = await measured(images, { estimator: 'exact' });
    const sizes = [160, 320, 160];
    let covered = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const drawn = new Set(balancedOrder(images, seed).subarray(0, 96));
      const { ci95 } = estimateMean(
        perExample.filter(({ example }) => drawn.has(example)),
        sizes,
      );
      if (ci95![0] <= truth && truth <= ci95![1]) covered += 1;
    }
    assert.ok(covered >= 930 && covered <= 970, `covered ${covered} of 1000`);
  });

  it('draws until the relative error asked for, and says how many it took', async () => {
    const { record } = await measured(images, { relativeError: 0.2 });
    const half = record.ci95![1] - record.value;
    assert.ok(
      half <= 0.2 * record.value && record.examples >= 64 && record.examples < 640,
      `${half}, ${record.examples}`,
    );
  });

  it('says what was reached where the examples run out before the relative error asked for', async () => {
    const { record } = await measured(images, { relativeError: 1e-9, examples: 96 });
    assert.equal(record.examples, 96);
    const { asked, reached } = record.relativeError!;
    assert.equal(asked, 1e-9);
    assert.equal(reached, (record.ci95![1] - record.value) / record.value);
    assert.ok(reached > asked);
    assert.equal((await measured(images, { examples: 8 })).record.relativeError, undefined);
  });

  it('features times 2 have 4 times the complexity', async () => {
    const vgg = networkOf('vgg13_bn', 32);
    const once = formulaWeights(weightSpecs(vgg));
    const last = [...once.keys()]
      .filter((name) => name.endsWith('running_mean'))
      .at(-1)!
      .replace('.running_mean', '');
    const twice = new Map(once);
    for (const part of ['weight', 'bias']) {
      const held = once.get(`${last}.${part}`)!;
      twice.set(`${last}.${part}`, { ...held, values: held.values.map((value) => 2 * value) });
    }
    const large = { ...set(4), height: 32, width: 32, images: set(64).images };
    const values = [];
    for (const state of [once, twice]) {
      const model = inferenceModel(vgg, state, 'float32');
      values.push((await geometricComplexity(model, large, normalization, options)).record.value);
      model.dispose();
    }
    assert.ok(Math.abs(values[1]! / values[0]! - 4) < 1e-5);
  });

  it('in pixels from 0 to 1, equal stds s give 1 / s^2 times as much', async () => {
    const model = inferenceModel(network, weights, 'float32');
    const even = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
    const each = (inputSpace: 'normalized' | 'pixel') =>
      geometricComplexity(model, images, even, { ...options, examples: 32, inputSpace });
    const [normalized, pixel] = [await each('normalized'), await each('pixel')];
    model.dispose();
    assert.ok(Math.abs(pixel.record.value / normalized.record.value - 16) < 1e-6);
    assert.equal(pixel.record.inputSpace, 'pixel');
  });

  it('an example has the same value whatever batch it is in', async () => {
    const value = (found: Awaited<ReturnType<typeof measured>>, example: number) =>
      found.perExample.find((each) => each.example === example)!.value;
    const [many, few] = [await measured(images, {}), await measured(images, { examples: 3 })];
    for (const { example, value: alone } of few.perExample)
      assert.ok(Math.abs(value(many, example) - alone) < 1e-5 * alone);
  });

  it('refuses a layer that the network lacks', async () => {
    await assert.rejects(
      measured(images, { layer: 'layer9' }),
      /layer layer9 is not one of this network's: .*embedding, logits/,
    );
  });
});
