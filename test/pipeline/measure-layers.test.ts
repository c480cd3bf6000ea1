import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import type { ImageSet } from '../../src/data/image-set.ts';
import { classifierOf } from '../../src/models/classifier.ts';
import { inferenceModel } from '../../src/models/inference-model.ts';
import { initialWeights } from '../../src/models/initialise.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { measureLayers } from '../../src/pipeline/measure-layers.ts';
import { randomStream } from '../../src/random/random.ts';

const side = 8;
const perClass = 60;
const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

/** Random images of unlike contrast, so that examples have unlike Jacobians. */
const set = ((): ImageSet => {
  const random = randomStream(5);
  const labels = Int32Array.from({ length: 4 * perClass }, (_, i) => i % 4);
  const size = side * side * 3;
  const images = new Uint8Array(labels.length * size);
  for (let example = 0; example < labels.length; example++) {
    const contrast = random.uniform();
    for (let i = 0; i < size; i++) images[example * size + i] = contrast * random.below(256);
  }
  return { name: 'random', height: side, width: side, channels: 3, images, labels, classNames: [...'abcd'] };
})();

it('of collapseExamples per class, the exact geometric complexity is a sample: its intervals hold the value over the split', async () => {
  const { model } = runConfigSchema.parse({ model: { name: 'resnet10', width: 2 } });
  const network = makeNetwork(model, [side, side, 3], 4);
  const weights = initialWeights(network, 1);
  const inference = inferenceModel(network, weights, 'float32');
  const measured = async (options: object) => {
    const asked = { estimator: 'exact', examples: 10_000, directionalPairs: 3, ...options };
    const { measure } = runConfigSchema.parse({ measure: asked });
    const classifier = classifierOf(network, weights);
    const task = { set, normalization, model: inference, measure, classifier };
    const found = await measureLayers({ ...task, batchSize: undefined, alsoEmbedded: [] });
    return found.layers[0]!.measures;
  };
  try {
    const whole = await measured({});
    const exact = whole.geometricComplexity;
    assert.deepEqual([exact.standardError, exact.examples, exact.ofExamples], [0, 240, 240]);
    assert.equal(whole.neuralCollapse.geometricCollapseDirectionalEstimate!.standardError, 0);
    const draws = 30;
    let covered = 0;
    for (let seed = 0; seed < draws; seed++) {
      const { geometricComplexity, neuralCollapse } = await measured({ collapseExamples: 15, seed });
      const { ci95, examples, ofExamples } = geometricComplexity;
      assert.deepEqual([examples, ofExamples, neuralCollapse.examples], [60, 240, 60]);
      assert.ok(neuralCollapse.geometricCollapseDirectionalEstimate!.standardError! > 0);
      if (ci95![0] <= exact.value && exact.value <= ci95![1]) covered += 1;
    }
    assert.ok(covered >= 25, `${covered} of ${draws}`);
  } finally {
    inference.dispose();
  }
});
