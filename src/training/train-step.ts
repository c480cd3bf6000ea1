import { readVariable } from '../backend/kernels/momentum.ts';
import { multiply } from '../backend/kernels/pointwise.ts';
import { softmaxCrossEntropy } from '../backend/kernels/softmax-cross-entropy.ts';
import { concatenated } from '../backend/kernels/sum-of-squares.ts';
import type { Precision } from '../backend/precision.ts';
import { cast, dispose, float, fromArray, readFloats, type Tensor } from '../backend/tensor.ts';
import { backward } from '../models/backward.ts';
import { computeType } from '../models/device-weights.ts';
import { forwardWithTape } from '../models/forward.ts';
import type { Pass } from '../models/layers/operation.ts';
import type { Network } from '../models/network.ts';
import { halfSumOfParameterSquares } from './finite-parameters.ts';
import { addPenaltyGradient } from './gc-penalty.ts';
import { GradientSum } from './gradient-sum.ts';
import type { Parameters } from './parameters.ts';
import { updateParameters } from './sgd.ts';
import type { StepOptions } from './step-options.ts';

export interface Batch {
  /** [n, h, w, c], normalised, row-major. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

export interface StepResult {
  /** Mean cross-entropy over the batch before the update, without L2 and penalty. */
  readonly loss: number;
  readonly correct: number;
  /** Squared norm of that loss's gradient with respect to all trained weights, before the update: without L2 and penalty, as the loss. */
  readonly gradientSquaredNorm: number;
  /** Half the sum of squares of all weights and running statistics after the update: finite where all of them are. */
  readonly halfSumOfSquares: number;
}

/** A step that the device is at work on; `read` waits for it. To be called once. */
export interface QueuedStep {
  readonly read: () => StepResult;
}

/** One step of gradient descent on one batch: forward, loss, backward, update. */
export const trainStep = (
  network: Network,
  parameters: Parameters,
  batch: Batch,
  options: StepOptions,
): StepResult => queueStep(network, parameters, batch, options).read();

/** The same, with nothing read before `read` is called, and then all in one: a GPU meanwhile works on, and the host may too. */
export const queueStep = (
  network: Network,
  parameters: Parameters,
  { images, labels }: Batch,
  options: StepOptions,
): QueuedStep => {
  const { training, precision, batchStatistics, trains, seed, step } = options;
  const { pass, release } = trainingPass(parameters, precision, batchStatistics, [seed, step]);
  const pixels = fromArray(images, [labels.length, ...network.imageShape]);
  const image = cast(pixels, precision);
  const labelTensor = fromArray(labels, [labels.length]);
  const { outputs, tape } = forwardWithTape(network, image, pass, ['logits']);
  const logits = outputs[0]!;
  const { losses, gradient } = softmaxCrossEntropy(logits, labelTensor, training.labelSmoothing);
  const meanGradient = multiply(gradient, float(1 / labels.length));
  dispose(gradient, labelTensor);

  const gradients = new GradientSum();
  backward(tape, 'logits', meanGradient, pass, { trains, setGradient: gradients.add, wantsImage: false });
  const gradientNorm = gradients.halfSquaredNorm();
  if (training.gcPenalty > 0) addPenaltyGradient(network, image, pass, options, gradients.add);
  release();
  dispose(pixels, image);

  updateParameters(parameters.trained, gradients, training, options.learningRate);
  const squares = halfSumOfParameterSquares(parameters);
  const found = concatenated([losses, logits, gradientNorm, squares]);
  dispose(losses, logits, gradientNorm, squares);
  return {
    read: () => {
      const values = readFloats(found);
      const n = labels.length;
      const loss = mean(values.subarray(0, n));
      const correct = countCorrect(values.subarray(n, -2), labels);
      const gradientSquaredNorm = 2 * values.at(-2)!;
      const result = { loss, correct, gradientSquaredNorm, halfSumOfSquares: values.at(-1)! };
      dispose(found);
      return result;
    },
  };
};

/** Weights in the types that kernels take, for one step; `release` before the weights are changed. */
const trainingPass = (
  { trained, statistics }: Parameters,
  precision: Precision,
  training: boolean,
  seed: readonly [number, number],
): { readonly pass: Pass; readonly release: () => void } => {
  const held = new Map<string, Tensor>();
  for (const { spec, weights } of trained) {
    const master = readVariable(weights);
    held.set(spec.name, cast(master, computeType(spec, precision)));
    dispose(master);
  }
  const old: Tensor[] = [];
  const setStatistic = (name: string, value: Tensor): void => {
    old.push(statistics.get(name)!);
    statistics.set(name, value);
  };
  const weight = (name: string): Tensor => held.get(name) ?? statistics.get(name)!;
  return {
    pass: { weight, training, setStatistic, seed },
    release: () => dispose(...held.values(), ...old),
  };
};

const mean = (values: Float32Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

/** Examples whose largest logit is their label's; the first where several are largest. */
const countCorrect = (logits: Float32Array, labels: Int32Array): number => {
  const classes = logits.length / labels.length;
  let correct = 0;
  for (const [example, label] of labels.entries()) {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (logits[example * classes + c]! > logits[example * classes + best]!) best = c;
    if (best === label) correct++;
  }
  return correct;
};
