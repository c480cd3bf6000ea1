/**
 * The paper's figure 2: how far each estimator of geometric complexity is from the exact value as it is given more examples, more
 * of the Jacobian's entries, or more of its rows.
 *
 *     GCNC_DATA_DIR=<folder of cifar-100> node --import tsx experiments/2-estimators/study.ts RUN
 *
 * of a run that estimators.small.yaml asks for (npm run experiments makes it and calls this). Writes estimators.csv, .json and
 * .svg to results/ beside this file.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOfConfig } from '../../src/config/run-identity.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import type { ImageSet } from '../../src/data/image-set.ts';
import { takeExamples } from '../../src/data/selection.ts';
import { writeFileAtomic } from '../../src/files/atomic.ts';
import { balancedOrder } from '../../src/measures/geometric-complexity/example-draw.ts';
import {
  type ComplexityOptions,
  geometricComplexity,
} from '../../src/measures/geometric-complexity/geometric-complexity.ts';
import { inferenceModel } from '../../src/models/inference-model.ts';
import { openCheckpoint, openCheckpointSet } from '../../src/on-request/checkpoint-set.ts';
import { complexityOptions } from '../../src/pipeline/measure-layers.ts';
import { csvText } from '../../src/report/csv.ts';
import { drawStudy } from './draw.ts';
import { type EstimatorProvenance, type Point, resultFiles } from './points.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('give the folder of a run');
const checkpoint = openCheckpoint(folder);
const { set, normalization } = await openCheckpointSet(checkpoint, {}, process.env, 'sourceTest');
const model = inferenceModel(checkpoint.network, checkpoint.weights, 'float32');

const defaults: ComplexityOptions = {
  ...complexityOptions(runConfigSchema.parse({}).measure),
  examples: Number.POSITIVE_INFINITY,
};
const measured = (images: ImageSet, changed: Partial<ComplexityOptions>) =>
  geometricComplexity(model, images, normalization, { ...defaults, ...changed });
const part = (count: number): ImageSet => takeExamples(set, balancedOrder(set, 0).subarray(0, count).sort());

const points: Point[] = [];

/** Values of an estimator at one setting, over seeds, beside the exact value of the same set. */
const repeat = async (
  study: string,
  estimator: string,
  amount: number,
  repeats: number,
  exact: number,
  body: (seed: number) => Promise<number>,
): Promise<void> => {
  for (let seed = 1; seed <= repeats; seed++) {
    const value = await body(seed);
    const relativeError = Math.abs(value / exact - 1);
    points.push({ study, estimator, amount, repeat: seed, value, exact, relativeError });
  }
  process.stderr.write(`${study}, ${estimator}, ${amount}\n`);
};

const many = part(512);
const exactMany = await measured(many, { estimator: 'exact' });
const known = new Map(exactMany.perExample.map(({ example, value }) => [example, value]));
for (const examples of [16, 32, 64, 128, 256, 512]) {
  const truth = exactMany.record.value;
  await repeat('examples', 'exact rows', examples, 20, truth, async (seed) => {
    const drawn = balancedOrder(many, seed).subarray(0, examples);
    return drawn.reduce((sum, example) => sum + known.get(example)!, 0) / examples;
  });
  for (const probeSpace of ['output', 'input'] as const)
    await repeat('examples', `1 Hutchinson probe, ${probeSpace} space`, examples, 20, truth, async (seed) => {
      return (await measured(many, { examples, seed, probeSpace })).record.value;
    });
}

const few = part(32);
const exactFew = (await measured(few, { estimator: 'exact' })).record.value;
for (const share of [0.5, 0.1, 0.01, 0.001, 0.0001])
  await repeat('share of entries', 'masked entries', share, 5, exactFew, async (seed) => {
    return (await measured(few, { estimator: 'masked', share, seed })).record.value;
  });
for (const probes of [1, 2, 4, 8, 16, 32, 64]) {
  await repeat('rows or probes', 'sampled outputs', probes, 10, exactFew, async (seed) => {
    return (await measured(few, { estimator: 'outputs', probes, seed })).record.value;
  });
  for (const distribution of ['rademacher', 'gaussian'] as const)
    await repeat('rows or probes', `Hutchinson, ${distribution}`, probes, 10, exactFew, async (seed) => {
      return (await measured(few, { probes, distribution, seed })).record.value;
    });
}
model.dispose();

const results = join(import.meta.dirname, 'results');
const files = resultFiles(results);
mkdirSync(results, { recursive: true });
const { git } = JSON.parse(readFileSync(join(folder, 'env.json'), 'utf8')) as {
  git: { commit: string | null } | null;
};
const provenance: EstimatorProvenance = {
  config: '2-estimators/estimators.small.yaml',
  run: hashOfConfig(checkpoint.config),
  step: checkpoint.state.step,
  weights: createHash('sha256')
    .update(readFileSync(join(checkpoint.folder, 'weights.safetensors')))
    .digest('hex'),
  model: `${checkpoint.config.model.name}, width ${checkpoint.config.model.width}`,
  dimension: exactMany.record.dimension,
  time: new Date().toISOString(),
  commit: git?.commit ?? null,
};
writeFileAtomic(files.points, csvText(points.map((point) => ({ ...point }))));
writeFileAtomic(files.provenance, `${JSON.stringify(provenance, null, 2)}\n`);
await drawStudy(results);
process.stdout.write(`${files.points}\n`);
