import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ImageSet } from '../../../src/data/image-set.ts';
import { classStatistics } from '../../../src/measures/class-statistics.ts';
import { embedSet } from '../../../src/measures/embed-set.ts';
import type { DirectionalCollapse } from '../../../src/measures/geometric-complexity/collapse-estimate.ts';
import { directionalCollapse } from '../../../src/measures/geometric-complexity/directional-complexity.ts';
import { inferenceModel } from '../../../src/models/inference-model.ts';
import { outputSize } from '../../../src/models/network.ts';
import { weightSpecs } from '../../../src/models/weights.ts';
import { randomStream } from '../../../src/random/random.ts';
import { formulaWeights } from '../../models/formula.ts';
import { networkOf } from '../../models/networks.ts';
import { linearModel } from './linear-model.ts';

const side = 8;
const classes = 5;
const normalization = { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.5] };

/** Random images of unlike contrast; classes of different sizes and brightness. */
const set = ((): ImageSet => {
  const random = randomStream(11);
  const labels = Int32Array.from({ length: 160 }, (_, i) => (i % 8 < 5 ? i % 8 : i % 2));
  const size = side * side * 3;
  const images = new Uint8Array(labels.length * size);
  labels.forEach((label, example) => {
    const contrast = 0.3 + 0.7 * random.uniform();
    for (let i = 0; i < size; i++)
      images[example * size + i] = 60 + 30 * label + contrast * (random.below(101) - 50);
  });
  return { name: 'random', height: side, width: side, channels: 3, images, labels, classNames: [...'abcde'] };
})();

it('covers the exact value by the intervals of sampled pairs and examples', async () => {
  const network = networkOf('resnet10', side);
  const model = inferenceModel(network, formulaWeights(weightSpecs(network)), 'float32');
  try {
    const [values] = await embedSet(model.primal, set, normalization, ['embedding']);
    const dimension = outputSize(network, 'embedding');
    const statistics = classStatistics({
      values: values!,
      dimension,
      labels: set.labels,
      classNames: set.classNames,
    });
    const measured = async (examples: number, pairs: number, seed: number): Promise<DirectionalCollapse> => {
      const options = { layer: 'embedding', inputSpace: 'normalized', examples, pairs, seed } as const;
      const found = await directionalCollapse(model, set, normalization, statistics, options);
      assert.ok('value' in found);
      return found;
    };
    const exact = await measured(set.labels.length, classes, 0);
    assert.deepEqual([exact.standardError, exact.pairs, exact.examples], [0, 4, 160]);
    const draws = 1000;
    let covered = 0;
    let total = 0;
    for (let seed = 1; seed <= draws; seed++) {
      const { value, ci95 } = await measured(60, 2, seed);
      total += value;
      if (ci95![0] <= exact.value && exact.value <= ci95![1]) covered += 1;
    }
    // 95 % of 1,000 draws, give or take three standard deviations; unbiased to the mean's own error.
    assert.ok(covered >= 0.93 * draws && covered <= 0.97 * draws, `${covered} of ${draws}`);
    assert.ok(Math.abs(total / draws / exact.value - 1) < 0.01, `${total / draws}, not ${exact.value}`);
  } finally {
    model.dispose();
  }
});

it('of a linear map to one number every term is the same: classes of unlike sizes with one example or two leave no error', async () => {
  const { model } = linearModel(3, 1);
  const labels = Int32Array.from({ length: 30 }, (_, i) => (i < 10 ? 0 : 1));
  const images = Uint8Array.from({ length: 30 * 48 }, (_, i) => (i < 10 * 48 ? 40 : 200) + (i % 7));
  const shape = { height: 4, width: 4, channels: 3 };
  const two: ImageSet = { name: 'two', ...shape, images, labels, classNames: ['few', 'many'] };
  try {
    const [values] = await embedSet(model, two, normalization, ['embedding']);
    const statistics = classStatistics({ values: values!, dimension: 1, labels, classNames: two.classNames });
    const options = { layer: 'embedding', inputSpace: 'normalized', pairs: 1, seed: 0 } as const;
    const measured = async (examples: number) => {
      const found = await directionalCollapse(model, two, normalization, statistics, {
        ...options,
        examples,
      });
      assert.ok('value' in found);
      return found;
    };
    const exact = await measured(30);
    for (const examples of [1, 2, 3, 4]) {
      const { value, standardError } = await measured(examples);
      assert.ok(Math.abs(value / exact.value - 1) < 1e-6, `${examples}: ${value}, not ${exact.value}`);
      const error = standardError === null ? null : Math.round(1e6 * (standardError / exact.value));
      assert.equal(error, examples === 1 ? null : 0);
    }
  } finally {
    model.dispose();
  }
});
