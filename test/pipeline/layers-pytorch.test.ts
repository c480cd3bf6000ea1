import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { liveTensorCount } from '../../src/backend/tensor.ts';
import { type RunConfig, runConfigSchema } from '../../src/config/schema.ts';
import type { ImageSet, StudyData } from '../../src/data/image-set.ts';
import { evaluateEpisodes } from '../../src/fewshot/evaluate.ts';
import { readNpz, writeNpz } from '../../src/formats/npz.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import { measureRows } from '../../src/measures/measure-rows.ts';
import { neuralCollapse } from '../../src/measures/neural-collapse.ts';
import { classifierOf } from '../../src/models/classifier.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { measureCheckpoint } from '../../src/pipeline/measure-checkpoint.ts';
import { namedTargets } from '../../src/pipeline/target-sets.ts';
import { watchWork } from '../../src/work-channel.ts';
import { formulaWeights, uniform } from '../models/formula.ts';
import { classes, modelOf, networkOf } from '../models/networks.ts';
import { root } from './small-run.ts';

/** Made by fixtures/layers.py with PyTorch in float64. */
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
interface Reference {
  readonly geometricComplexity: number;
  readonly perClass: readonly number[];
  readonly unpooled: number;
  readonly directional: number;
}
const numbers: Readonly<Record<string, Reference>> = JSON.parse(readFileSync(fixture('layers.json'), 'utf8'));
const arrays = readNpz(fixture('layers.npz'));

const setOf = (name: string, ways: number, count: number, side = 8, channels = 3): ImageSet => {
  const size = side * side * channels;
  const values = uniform(name, count * size);
  return {
    ...{ name, height: side, width: side, channels },
    images: Uint8Array.from(
      values,
      (value, i) => Math.floor((value + 1) * 64) + 16 * (Math.floor(i / size) % ways),
    ),
    labels: Int32Array.from({ length: count }, (_, i) => i % ways),
    classNames: Array.from({ length: ways }, (_, c) => `${name.replace(/Train|Test/, '')}-${c}`),
  };
};
const study: StudyData = {
  name: 'formula',
  split: 'formula',
  normalization: { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.5] },
  sourceTrain: setOf('sourceTrain', classes, 28),
  sourceTest: setOf('sourceTest', classes, 21),
  validation: null,
  target: setOf('target', 3, 18),
  checksum: '',
};

/** As PyTorch made them: [examples, dimension] of a set at a layer. */
const embeddingsOf = (set: ImageSet, name: string, layer: string): Embeddings => {
  const { values, shape } = arrays.get(`${name}.${layer}`)!;
  return {
    values: values as Float64Array,
    dimension: shape[1]!,
    labels: set.labels,
    classNames: set.classNames,
  };
};
const close = (found: number | null, wanted: number, tolerance: number, what: string) =>
  assert.ok(
    found !== null && Math.abs(found - wanted) <= tolerance * Math.abs(wanted),
    `${what}: ${found}, not ${wanted}`,
  );

describe('every measure at each layer and target is as PyTorch has it in float64', () => {
  const layers = ['layer2', 'layer3', 'embedding'];
  const network = networkOf('resnet10', 8);
  const weights = formulaWeights(weightSpecs(network));
  const sets: Record<string, ImageSet> = {
    sourceTrain: study.sourceTrain,
    sourceTest: study.sourceTest,
    target: study.target!,
  };
  const batchSize = 14;
  let greyName: string;
  let config: RunConfig;
  let found: Awaited<ReturnType<typeof measureCheckpoint>>;
  const episodes = { ways: 3, shots: [2], queries: 3, episodes: 10, seed: 0 } as const;
  const readouts = ['nearest-mean', 'ridge'] as const;
  let tensors: readonly [number, number];
  /** Images of each pass that made embeddings. */
  const passes: number[] = [];

  before(async () => {
    greyName = `${root}/grey-6.npz`;
    const grey = setOf('grey', 4, 24, 6, 1);
    writeNpz(greyName, {
      images: { shape: [24, 6, 6, 1], values: grey.images },
      labels: { shape: [24], values: grey.labels },
      class_names: { shape: [4], values: grey.classNames },
    });
    sets[greyName] = grey;
    const targets = ['target', greyName];
    config = runConfigSchema.parse({
      model: modelOf('resnet10'),
      training: { batchSize },
      measure: { estimator: 'exact', directionalPairs: 100, layers, targets, unpooledComplexity: true },
      fewshot: { ...episodes, readouts, layers, targets },
    });
    const named = await namedTargets(config, study, [8, 8, 3], { dataFolder: root });
    const held = liveTensorCount();
    const stop = watchWork(({ what, done, of }) => {
      if (what === 'embedding' && done === of) passes.push(of);
    });
    found = await measureCheckpoint(network, weights, config, study, named);
    stop();
    tensors = [held, liveTensorCount()];
  });

  it('no tensor is left behind', () => assert.equal(tensors[1], tensors[0]));

  it('one forward pass per set gives the embeddings of all layers, measures and readouts', () =>
    assert.deepEqual(passes, [28, 21, 18, 24]));

  const recordAt = (set: string, layer: string) => {
    const own = layer === 'embedding' ? found.measures.find(({ split }) => split === set) : undefined;
    return own ?? found.elsewhere!.measures.find((each) => each.set === set && each.layer === layer)!;
  };
  for (const name of ['sourceTrain', 'sourceTest', 'target', 'grey'])
    for (const layer of layers)
      it(`${name}, ${layer}`, () => {
        const set = name === 'grey' ? greyName : name;
        const isSource = name.startsWith('source');
        const reference = numbers[`${name}.${layer}`]!;
        const record = recordAt(set, layer);
        assert.equal(record.geometricComplexity.layer, layer);
        close(record.geometricComplexity.value, reference.geometricComplexity, 1e-4, 'GC');
        if ('layer' in record && layer !== 'embedding') {
          assert.equal(record.pooling, 'average');
          close(record.geometricComplexityUnpooled!.value, reference.unpooled, 1e-4, 'unpooled GC');
        }
        const logits = arrays.get(`${name}.logits`)!;
        const wanted = neuralCollapse(embeddingsOf(sets[set]!, name, layer), {
          classifier: isSource && layer === 'embedding' ? classifierOf(network, weights) : undefined,
          complexityPerClass: reference.perClass,
          directionalCollapse: {
            ...{ value: reference.directional, standardError: 0, ci95: [0, 0], examples: 1, pairs: 1 },
          },
          batchSize: name === 'sourceTrain' ? batchSize : undefined,
          transfer: isSource
            ? undefined
            : { logits: { values: logits.values as Float64Array, classes: logits.shape[1]! } },
        });
        for (const { key } of measureRows)
          if (wanted[key] === null) assert.equal(record.neuralCollapse[key], null, key);
          else close(record.neuralCollapse[key], wanted[key], 1e-4, key);
      });

  for (const name of ['target', 'grey'])
    for (const layer of layers)
      it(`few-shot accuracies on ${name}, ${layer}: those of PyTorch's embeddings`, () => {
        const set = name === 'grey' ? greyName : name;
        const own = set === 'target' && layer === 'embedding' ? found.fewshot : undefined;
        const record =
          own ?? found.elsewhere!.fewshot.find((each) => each.set === set && each.layer === layer)!;
        const { results } = evaluateEpisodes(embeddingsOf(sets[set]!, name, layer), {
          ...episodes,
          readouts,
        });
        assert.deepEqual(
          record.results.map(({ readout, accuracy }) => [readout, accuracy]),
          results.map(({ readout, accuracy }) => [readout, accuracy]),
        );
      });
});
