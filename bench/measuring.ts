/**
 * One measuring of ResNet-18, width 64, on 64 classes of 600 images: what it takes with the measures of commit 1125b0e, with all that
 * there are, and with all at three layers.
 *
 *     node --import tsx bench/measuring.ts [--rounds N] [--images N] [--per-class N] [--json]
 *
 * All in one process and in turns, in processor seconds, so that a busy moment meets every side. The forward pass is timed on `images` and scaled to the whole set, to
 * which it is proportional; what is computed of the embeddings is timed at full size. Products with the Jacobian that only some of the
 * sides ask for are a line of their own.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runConfigSchema } from '../src/config/schema.ts';
import type { ImageSet } from '../src/data/image-set.ts';
import { classStatistics } from '../src/measures/class-statistics.ts';
import { embedLayers } from '../src/measures/embed-layers.ts';
import type { Embeddings } from '../src/measures/embeddings.ts';
import { directionalCollapse } from '../src/measures/geometric-complexity/directional-complexity.ts';
import { geometricComplexity } from '../src/measures/geometric-complexity/geometric-complexity.ts';
import type { MeasureInputs } from '../src/measures/measure.ts';
import { type MeasureKey, measureRows } from '../src/measures/measure-rows.ts';
import { classifierOf } from '../src/models/classifier.ts';
import { inferenceModel } from '../src/models/inference-model.ts';
import { initialWeights } from '../src/models/initialise.ts';
import { makeNetwork } from '../src/models/models.ts';
import { pooledModel } from '../src/models/pooled-outputs.ts';
import { onceEach } from '../src/once.ts';
import { complexityOptions } from '../src/pipeline/measure-layers.ts';
import { randomStream } from '../src/random/random.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '640' },
    'per-class': { type: 'string', default: '600' },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, images, perClass] = [flags.rounds, flags.images, flags['per-class']].map(Number) as [
  number,
  number,
  number,
];
const [classes, side] = [64, 32];
const layers = ['layer2', 'layer3', 'embedding'];
const classNames = Array.from({ length: classes }, (_, c) => `class-${c}`);
const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

/** What 1125b0e measured. */
const formerKeys: readonly MeasureKey[] = [
  ...(['cdnv', 'cdnvBiasCorrected', 'geometricCollapse', 'nc1', 'nc2Equinorm', 'nc2EquiangularStd'] as const),
  ...(['nc2MaxAngle', 'simplexEtfError', 'nc3SelfDuality', 'nc4Disagreement'] as const),
];
const allKeys = measureRows.map(({ key }) => key);

const random = randomStream(1);
const set: ImageSet = {
  ...{ name: 'random', height: side, width: side, channels: 3, classNames },
  images: Uint8Array.from({ length: images * side * side * 3 }, () => random.below(256)),
  labels: Int32Array.from({ length: images }, (_, i) => i % classes),
};
const { model: named, measure } = runConfigSchema.parse({ model: { name: 'resnet18', width: 64 } });
const network = makeNetwork(named, [side, side, 3], classes);
const weights = initialWeights(network, 0);
const model = inferenceModel(network, weights, 'float32');

/** The whole set's embeddings: class means apart, noise around them; values as they are do not decide the time. */
const embeddingsOf = (dimension: number): Embeddings => {
  const labels = Int32Array.from({ length: classes * perClass }, (_, i) => i % classes);
  const means = Float32Array.from({ length: classes * dimension }, () => random.uniform());
  const values = Float32Array.from(
    { length: labels.length * dimension },
    (_, at) =>
      means[(Math.floor(at / dimension) % classes) * dimension + (at % dimension)]! + random.uniform(),
  );
  return { values, dimension, labels, classNames };
};
const whole = new Map([128, 256, 512].map((dimension) => [dimension, embeddingsOf(dimension)]));
const logits = { values: embeddingsOf(classes).values, classes };

const none = { undefinedBecause: 'not here' };

/** Computes rows at one layer: a source's classes have a classifier, a target's have transfer scores. */
const computeRows = (keys: readonly MeasureKey[], dimension: number, isTarget = false): void => {
  const embeddings = whole.get(dimension)!;
  const inputs: MeasureInputs = {
    embeddings,
    statistics: classStatistics(embeddings),
    classifier: dimension === 512 && !isTarget ? classifierOf(network, weights) : none,
    complexityPerClass: classNames.map(() => 1),
    directionalCollapse: { value: 1, standardError: null, ci95: null, examples: 1, pairs: 1 },
    batchSize: 128,
    transfer: isTarget ? { logits } : none,
    once: onceEach(),
  };
  for (const { key, compute } of measureRows) if (keys.includes(key)) compute(inputs);
};

const complexity = complexityOptions(measure);
const productsAt = async (names: readonly string[]): Promise<void> => {
  for (const layer of names)
    await geometricComplexity(pooledModel(model, [layer]), set, normalization, { ...complexity, layer });
};
const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  forward: () => embedLayers(model.primal, set, normalization, ['embedding']),
  forwardLayers: () => embedLayers(model.primal, set, normalization, layers),
  products: () => productsAt(['embedding']),
  formerRows: async () => computeRows(formerKeys, 512),
  allRows: async () => computeRows(allKeys, 512),
  layerRows: async () => {
    for (const dimension of [128, 256, 512]) computeRows(allKeys, dimension);
  },
  formerRowsOfTarget: async () => computeRows(formerKeys, 512, true),
  allRowsOfTarget: async () => computeRows(allKeys, 512, true),
  layerProducts: () => productsAt(['layer2', 'layer3']),
  directionalProducts: async () => {
    const { values } = embeddingsOfImages;
    const statistics = classStatistics({ values, dimension: 512, labels: set.labels, classNames });
    await directionalCollapse(model, set, normalization, statistics, { ...complexity, pairs: 2 });
  },
};
function forwards() {
  return Object.entries(parts).filter(([name]) => name.startsWith('forward'));
}
const embeddingsOfImages = {
  values: (await embedLayers(model.primal, set, normalization, ['embedding'])).get('embedding')!,
};

const times = new Map(Object.keys(parts).map((name) => [name, [] as number[]]));
// Forward passes are short and most of the time: three for each of the others.
const turns = [...Object.entries(parts), ...forwards(), ...forwards()];
for (let round = 0; round < rounds; round++)
  for (const [name, run] of turns) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    times.get(name)!.push((user + system) / 1e6);
  }
model.dispose();

/** Processor seconds, the least of the rounds: whatever else the machine does only adds. */
const least = (name: string): number => Math.min(...times.get(name)!);
const scale = (classes * perClass) / images;
const cores = availableParallelism();
/** Seconds of a machine that does nothing else: TensorFlow takes all cores, what is computed of embeddings takes one. */
const secondsOf = (forward: string, rows: string): number =>
  (least(forward) * scale + least('products')) / cores + least(rows);

const [former, all, atLayers] = [
  secondsOf('forward', 'formerRows'),
  secondsOf('forward', 'allRows'),
  secondsOf('forwardLayers', 'layerRows'),
];
const [formerOfTarget, allOfTarget] = [
  secondsOf('forward', 'formerRowsOfTarget'),
  secondsOf('forward', 'allRowsOfTarget'),
];
const [directional, ofLayers] = [least('directionalProducts') / cores, least('layerProducts') / cores];
const result = {
  cores,
  seconds: { former, all, atLayers, allOfTarget },
  ratio: { all: all / former, atLayers: atLayers / former, ofTarget: allOfTarget / formerOfTarget },
  askedFor: { directionalProducts: directional, layerProducts: ofLayers },
  withAllProducts: (atLayers + directional + ofLayers) / former,
  processorSeconds: Object.fromEntries(Object.keys(parts).map((name) => [name, least(name)])),
};
const line = (what: string, seconds: number, ratio: number): string =>
  `  ${what.padEnd(30)}${seconds.toFixed(1)} s, ratio ${ratio.toFixed(3)}\n`;
process.stdout.write(
  flags.json
    ? `${JSON.stringify(result)}\n`
    : `one measuring, ${classes * perClass} images, ${cores} cores: ${former.toFixed(1)} s with the measures of 1125b0e
${line('all measures', all, result.ratio.all)}${line('all measures, three layers', atLayers, result.ratio.atLayers)}${line('as a target, transfer scores', allOfTarget, result.ratio.ofTarget)}  asked for besides: directional products ${directional.toFixed(1)} s, products of two layers ${ofLayers.toFixed(1)} s; with both, ratio ${result.withAllProducts.toFixed(3)}
`,
);
