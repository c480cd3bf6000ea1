import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { liveTensorCount } from '../../src/backend/tensor.ts';
import type { ImageSet } from '../../src/data/image-set.ts';
import { drawEpisodes } from '../../src/fewshot/episodes.ts';
import { fineTuneCost, multiplicationsOf } from '../../src/fewshot/fine-tune/cost.ts';
import { fineTune } from '../../src/fewshot/fine-tune/fine-tune.ts';
import { fineTuneEpisodes, fineTuneOnAll } from '../../src/fewshot/fine-tune/fine-tune-evaluation.ts';
import { withNewClassifier } from '../../src/fewshot/fine-tune/new-classifier.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights, uniform } from '../models/formula.ts';
import { modelOf, networkOf } from '../models/networks.ts';

const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/fine-tune.json'), 'utf8'));
const { ways, shots, queries, headRate, bodyRate, mean, std } = fixture;
const side = 32;
const count = ways * (shots + queries);
const normalization = { mean, std };
const set: ImageSet = {
  ...{ name: 'formula', height: side, width: side, channels: 3 },
  images: Uint8Array.from(uniform('fine-tune', count * side * side * 3), (value) =>
    Math.floor((value + 1) * 128),
  ),
  labels: Int32Array.from({ length: count }, (_, i) => i % ways),
  classNames: ['a', 'b', 'c'],
};
const startOf = (name: string) => {
  const weights = formulaWeights(weightSpecs(networkOf(name, side)));
  return withNewClassifier(modelOf(name), [side, side, 3], weights, ways);
};
const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
const support = range(0, ways * shots);
const task = {
  ...{ set, normalization, support },
  labels: support.map((i) => Math.floor(i / shots)),
  query: range(ways * shots, count),
};
const options = { headRate, bodyRate, batchSize: 128, seed: 0 };

for (const name of Object.keys(fixture.cases))
  test(`${name}: the logits of an episode's queries are PyTorch's`, async () => {
    const { steps, logits: expected } = fixture.cases[name];
    const start = startOf(name);
    const found = await fineTune(start, task, { ...options, steps });
    assert.equal(found.length, expected.length);
    const scale = Math.hypot(...expected) / Math.sqrt(expected.length);
    found.forEach((value, at) => {
      assert.ok(
        Math.abs(value - expected[at]) < fixture.tolerance * scale,
        `${at}: ${value} against ${expected[at]}`,
      );
    });
    // The body learns too: the same steps of the classifier alone end elsewhere.
    const headOnly = await fineTune(start, task, { ...options, bodyRate: 0, steps });
    assert.ok(headOnly.some((value, at) => Math.abs(value - expected[at]) > 1e-2 * scale));
  });

test('no step leaves logits of zero, and the start and the tensors are as before', async () => {
  const start = startOf('resnet18');
  const before = Float32Array.from(start.weights.get('layer1.0.conv1.weight')!.values);
  const tensors = liveTensorCount();
  assert.ok((await fineTune(start, task, { ...options, steps: 0 })).every((value) => value === 0));
  await fineTune(start, task, { ...options, steps: 2, batchSize: 5 });
  assert.equal(liveTensorCount(), tensors);
  assert.deepEqual(start.weights.get('layer1.0.conv1.weight')!.values, before);
});

const source = {
  ...{ model: modelOf('resnet18'), imageShape: [side, side, 3], normalization },
  weights: formulaWeights(weightSpecs(networkOf('resnet18', side))),
};
/** Every image of a class is red, green or blue: what anything learns. */
const colours: ImageSet = {
  ...set,
  images: Uint8Array.from(set.images, (_, at) =>
    at % 3 === Math.floor(at / (side * side * 3)) % ways ? 255 : 0,
  ),
};

test('episodes are those of the list, and classes that differ are told apart', async () => {
  const list = drawEpisodes({ ways: 3, shots: 4, queries: 5, episodes: 40, seed: 1 }, [9, 9, 9]);
  const settings = { ...options, headRate: 0.5, bodyRate: 0, steps: 25 };
  const [one, four] = await fineTuneEpisodes({ ...source, set: colours }, list, [1, 4], 2, settings);
  assert.deepEqual([one!.n, one!.trainExamples, four!.trainExamples], [2, 3, 12]);
  for (const { accuracy, unconverged, accuracies } of [one!, four!])
    assert.deepEqual([accuracy, unconverged, [...accuracies]], [1, 0, [1, 1]]);
  const isTest = Uint8Array.from({ length: count }, (_, example) => (example >= 18 ? 1 : 0));
  const all = await fineTuneOnAll({ ...source, set: colours }, isTest, { ...settings, batchSize: 7 });
  assert.deepEqual([all.accuracy, all.n, all.trainExamples], [1, 9, 18]);
});

test('fits that end with numbers that are not finite are counted', async () => {
  const list = drawEpisodes({ ways: 3, shots: 4, queries: 5, episodes: 2, seed: 1 }, [9, 9, 9]);
  const [found] = await fineTuneEpisodes({ ...source, set }, list, [4], 2, {
    ...options,
    bodyRate: 1e30,
    steps: 9,
  });
  assert.equal(found!.unconverged, 2);
  assert.deepEqual([...found!.unconvergedEpisodes], [1, 1]);
});

test('the cost is counted beforehand', () => {
  // Filters of resnet18, width 8, at 32 pixels: 32^2 (3 + 4 * 8) 8 9, then three stages of (1/2 + 3) of a quarter of the places, and shortcuts.
  const convolutions =
    32 ** 2 * 9 * 8 * (3 + 4 * 8) +
    [16, 32, 64].reduce(
      (sum, c, stage) => sum + (16 / 2 ** stage) ** 2 * c * (9 * (c / 2 + 3 * c) + c / 2),
      0,
    );
  const { network } = startOf('resnet18');
  assert.equal(multiplicationsOf(network), convolutions + 64 * 3);
  const fits = [{ times: 20, supports: 25, queries: 75 }];
  assert.deepEqual(fineTuneCost(network, fits, { steps: 100, batchSize: 10 }), {
    trainedImages: 20_000,
    askedImages: 1500,
    multiplications: multiplicationsOf(network) * 61_500,
  });
});
