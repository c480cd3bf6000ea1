/**
 * Ops, bytes and host round trips of one training step on the path that a GPU takes: counted on the CPU with TensorFlow's kernels.
 *
 *     GCNC_KERNELS=tensorflow node --import tsx bench/gpu/count-steps.ts > bench/gpu/steps.json
 */
import { runConfigSchema } from '../../src/config/schema.ts';
import { computeType } from '../../src/models/device-weights.ts';
import { fuseActivations } from '../../src/models/fuse-activations.ts';
import { initialWeights } from '../../src/models/initialise.ts';
import { makeNetwork } from '../../src/models/models.ts';
import type { Network } from '../../src/models/network.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { createParameters, disposeParameters } from '../../src/training/parameters.ts';
import { trainStep } from '../../src/training/train-step.ts';
import { startCounter } from './counter.ts';

const [side, batch, classes] = [32, 64, 64];

export interface CountedStep {
  readonly model: string;
  readonly precision: string;
  readonly layers: number;
  readonly trainedWeights: number;
  readonly ops: number;
  /** What the layers and weights ask for at least: see `neededOps`. */
  readonly neededOps: number;
  readonly opsByName: Readonly<Record<string, number>>;
  readonly uploads: number;
  readonly uploadedBytes: number;
  readonly downloads: number;
  readonly downloadedBytes: number;
}

/**
 * Ops of a step that does no more than it must: each layer forward and backward (a convolution's and a linear layer's two gradients,
 * a shortcut's sum), the loss in deterministic steps, the gradient's norm as one look at all gradients joined, and for each weight a read, the decay's product
 * and sum, and the update; in bfloat16 a cast of the images, of each weight that is used in it, and of its gradient.
 */
const neededOps = ({ nodes }: Network, weights: number, narrow: number): number => {
  const ofLayer = {
    convolution: 3,
    batchNorm: 2,
    relu: 2,
    add: 2,
    maxPool: 2,
    globalAveragePool: 3,
    flatten: 2,
    linear: 5,
    dropout: 2,
    dropBlock: 2,
  };
  const ofLoss = 8;
  const ofNorm = 2;
  // The image wants no gradient.
  return (
    nodes.reduce((sum, { layer }) => sum + ofLayer[layer.kind], ofLoss + ofNorm - 1) +
    4 * weights +
    (narrow > 0 ? 1 + 2 * narrow : 0)
  );
};

/** Counts the third step: the constants of the first are there. */
export const countStep = (name: 'resnet18' | 'vgg13', precision: 'float32' | 'bfloat16'): CountedStep => {
  const { model, training } = runConfigSchema.parse({
    model: { name, width: 16 },
    training: { l2: 5e-4, learningRate: 1e-3 },
  });
  const whole = makeNetwork(model, [side, side, 3], classes);
  const network = fuseActivations(whole);
  const parameters = createParameters(weightSpecs(network), initialWeights(network, 0));
  const images = Float32Array.from({ length: batch * side * side * 3 }, (_, i) => Math.sin(i * 0.37));
  const labels = Int32Array.from({ length: batch }, (_, i) => i % classes);
  const options = { training, precision, learningRate: 1e-3, batchStatistics: true, trains: () => true };
  for (let step = 0; step < 2; step++)
    trainStep(network, parameters, { images, labels }, { ...options, seed: 0, step });
  counter.take();
  trainStep(network, parameters, { images, labels }, { ...options, seed: 0, step: 2 });
  const { ops, ...moved } = counter.take();
  const sorted = Object.fromEntries(Object.entries(ops).sort(([, a], [, b]) => b - a));
  const { length: trainedWeights } = parameters.trained;
  const narrow = parameters.trained.filter(({ spec }) => computeType(spec, precision) === 'bfloat16').length;
  disposeParameters(parameters);
  return {
    model: name,
    precision,
    layers: network.nodes.length,
    trainedWeights,
    neededOps: neededOps(whole, trainedWeights, narrow),
    ops: Object.values(ops).reduce((sum, count) => sum + count, 0),
    opsByName: sorted,
    ...moved,
  };
};

const counter = startCounter();
if (process.argv[1] === import.meta.filename)
  process.stdout.write(
    `${JSON.stringify(
      (['resnet18', 'vgg13'] as const).flatMap((model) =>
        (['float32', 'bfloat16'] as const).map((precision) => countStep(model, precision)),
      ),
      null,
      1,
    )}\n`,
  );
