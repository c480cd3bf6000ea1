import { setImmediate } from 'node:timers/promises';
import { readVariable } from '../../backend/kernels/momentum.ts';
import { multiply } from '../../backend/kernels/pointwise.ts';
import { softmaxCrossEntropy } from '../../backend/kernels/softmax-cross-entropy.ts';
import { dispose, float, fromArray, readFloats, type Tensor } from '../../backend/tensor.ts';
import { noAugmentation } from '../../config/augmentation-schema.ts';
import { fillBatch } from '../../data/augmentation/fill-batch.ts';
import { type ImageSet, type Normalization, pixelsPerImage } from '../../data/image-set.ts';
import { inferenceBatches } from '../../measures/inference-batches.ts';
import { backward } from '../../models/backward.ts';
import { classifierName } from '../../models/classifier.ts';
import { inferencePass } from '../../models/device-weights.ts';
import { forward, forwardWithTape } from '../../models/forward.ts';
import { fuseActivations } from '../../models/fuse-activations.ts';
import type { Network } from '../../models/network.ts';
import { type StateDict, weightSpecs } from '../../models/weights.ts';
import { permutation, randomStream } from '../../random/random.ts';
import { GradientSum } from '../../training/gradient-sum.ts';
import { createParameters, disposeParameters, type Parameters } from '../../training/parameters.ts';
import { updateParameters } from '../../training/sgd.ts';

export interface FineTuneOptions {
  /** Steps of plain SGD: no momentum, no decay. */
  readonly steps: number;
  /** Learning rate of the new classifier, and of everything before it. */
  readonly headRate: number;
  readonly bodyRate: number;
  /** All supports in every step where they are no more than this; else successive parts of seeded orders. */
  readonly batchSize: number;
  readonly seed: number;
}

/** Which images of a set are learned, by which labels, and which are asked. */
export interface FineTuneTask {
  readonly set: ImageSet;
  readonly normalization: Normalization;
  readonly support: Int32Array;
  /** 0 to ways - 1, one per support. */
  readonly labels: Int32Array;
  readonly query: Int32Array;
}

const plainSgd = { momentum: 0, nesterov: false, l2: 0, weightDecay: 0, decayBiasAndNorm: true } as const;

/**
 * Trains a network with a new classifier on the supports, mean cross-entropy, batch norm by its running statistics, images as they are;
 * then its logits for the queries, [queries, ways], row-major. The start's weights stay as they are.
 */
export const fineTune = async (
  start: { readonly network: Network; readonly weights: StateDict },
  { set, normalization, support, labels, query }: FineTuneTask,
  { steps, headRate, bodyRate, batchSize, seed }: FineTuneOptions,
): Promise<Float32Array> => {
  const network = fuseActivations(start.network);
  const parameters = createParameters(weightSpecs(start.network), start.weights);
  const head = classifierName(start.network);
  const isHead = (name: string): boolean => name === `${head}.weight` || name === `${head}.bias`;
  const groups = [
    { rate: headRate, trained: parameters.trained.filter(({ spec }) => isHead(spec.name)) },
    { rate: bodyRate, trained: parameters.trained.filter(({ spec }) => !isHead(spec.name)) },
  ];
  const plain = { normalization, augmentation: noAugmentation, seed: 0, epoch: 0 };
  const pixels = new Float32Array(Math.min(batchSize, support.length) * pixelsPerImage(set));
  try {
    for (let step = 0; step < steps; step++) {
      const chosen = batchOf(step, support.length, batchSize, seed);
      const examples = Int32Array.from(chosen, (at) => support[at]!);
      fillBatch(pixels, set, examples, plain);
      const image = fromArray(pixels, [chosen.length, ...network.imageShape]);
      const classes = fromArray(
        Int32Array.from(chosen, (at) => labels[at]!),
        [chosen.length],
      );
      const gradients = gradientsOf(network, parameters, image, classes, chosen.length);
      for (const { rate, trained } of groups) updateParameters(trained, gradients, plainSgd, rate);
      dispose(image, classes);
      await setImmediate();
    }
    return await logitsOf(network, parameters, set, normalization, query);
  } finally {
    disposeParameters(parameters);
  }
};

/** Positions among the supports that a step learns: a part that would be smaller than the others is left out. */
const batchOf = (step: number, count: number, batchSize: number, seed: number): Int32Array => {
  if (count <= batchSize) return Int32Array.from({ length: count }, (_, at) => at);
  const perPass = Math.floor(count / batchSize);
  const order = permutation(count, randomStream(seed, Math.floor(step / perPass)));
  const from = (step % perPass) * batchSize;
  return order.subarray(from, from + batchSize);
};

const held = ({ trained, statistics }: Parameters) => {
  const weights = new Map(trained.map(({ spec, weights: master }) => [spec.name, readVariable(master)]));
  const pass = inferencePass((name) => weights.get(name) ?? statistics.get(name)!);
  return { pass, release: () => dispose(...weights.values()) };
};

const gradientsOf = (
  network: Network,
  parameters: Parameters,
  image: Tensor,
  labels: Tensor,
  count: number,
): GradientSum => {
  const { pass, release } = held(parameters);
  const { outputs, tape } = forwardWithTape(network, image, pass, ['logits']);
  const { losses, gradient } = softmaxCrossEntropy(outputs[0]!, labels, 0);
  const meanGradient = multiply(gradient, float(1 / count));
  dispose(gradient, losses, outputs[0]!);
  const gradients = new GradientSum();
  const options = { trains: () => true, setGradient: gradients.add, wantsImage: false };
  backward(tape, 'logits', meanGradient, pass, options);
  release();
  return gradients;
};

const logitsOf = async (
  network: Network,
  parameters: Parameters,
  set: ImageSet,
  normalization: Normalization,
  query: Int32Array,
): Promise<Float32Array> => {
  const { pass, release } = held(parameters);
  const found: Float32Array[] = [];
  try {
    for await (const { image } of inferenceBatches(network, set, normalization, query, 'queries')) {
      const [logits] = forward(network, image, pass, ['logits']);
      found.push(readFloats(logits!).slice());
      dispose(logits!);
    }
  } finally {
    release();
  }
  return Float32Array.from(found.flatMap((part) => [...part]));
};
