import { softmaxCrossEntropy } from '../backend/kernels/softmax-cross-entropy.ts';
import { dispose, fromArray, readFloats, type Tensor } from '../backend/tensor.ts';
import { exampleCount, type ImageSet, type Normalization } from '../data/image-set.ts';
import { backward } from '../models/backward.ts';
import { downloadWeight, inferenceWeights } from '../models/device-weights.ts';
import { forward, forwardWithTape } from '../models/forward.ts';
import type { Pass } from '../models/layers/operation.ts';
import type { Network } from '../models/network.ts';
import { type StateDict, weightSpecs } from '../models/weights.ts';
import { meanWithInterval } from '../statistics/student-interval.ts';
import { ascentStep, type Gradient, type SharpnessKind } from './ascent-step.ts';
import { crossEntropies } from './cross-entropy.ts';
import { balancedOrder } from './geometric-complexity/example-draw.ts';
import { inferenceBatches } from './inference-batches.ts';
import type { SharpnessRecord } from './record.ts';

export interface SharpnessOptions {
  /** Kinds of steps with their lengths: relative to the weights for `adaptive`, in their units for `plain`. */
  readonly steps: readonly { readonly kind: SharpnessKind; readonly rho: number }[];
  /** How many of the set, balanced over classes, drawn with the seed: the same ones that geometric complexity draws. */
  readonly examples: number;
  readonly seed: number;
}

interface Task {
  readonly network: Network;
  readonly set: ImageSet;
  readonly normalization: Normalization;
  readonly order: Int32Array;
}

/**
 * How much the mean loss over some examples rises one ascent step away from the weights (see `ascentStep`), for each step asked
 * for: all trained weights move, batch norm by its running statistics, no augmentation, no label smoothing, L2 or penalty, in
 * float32. Costs a training pass over the examples, and a third of one more for each step.
 */
export const sharpness = async (
  network: Network,
  weights: StateDict,
  set: ImageSet,
  normalization: Normalization,
  { steps, examples, seed }: SharpnessOptions,
): Promise<readonly SharpnessRecord[]> => {
  const order = balancedOrder(set, seed).subarray(0, examples);
  const task = { network, set, normalization, order };
  const { losses, gradient } = await lossesAndGradient(task, weights);
  const ofExamples = exampleCount(set);
  const loss = meanWithInterval(losses).value;
  const records: SharpnessRecord[] = [];
  for (const { kind, rho } of steps) {
    const step = ascentStep(weightSpecs(network), weights, gradient, { kind, rho });
    const rise =
      step === null
        ? undefinedBecause('the gradient is 0 or not finite')
        : riseOf(losses, await lossesOf(task, step.weights));
    const slope = step?.slope ?? 0;
    records.push({
      kind,
      rho,
      examples: order.length,
      ofExamples,
      seed,
      precision: 'float32',
      loss,
      ...rise,
      slope,
    });
  }
  return records;
};

const riseOf = (before: Float64Array, after: Float64Array) =>
  after.every(Number.isFinite)
    ? meanWithInterval(after.map((loss, i) => loss - before[i]!))
    : undefinedBecause('the loss after the step is not finite');

const undefinedBecause = (reason: string) =>
  ({ value: null, standardError: null, ci95: null, undefinedBecause: reason }) as const;

const lossesAndGradient = async (
  task: Task,
  weights: StateDict,
): Promise<{ readonly losses: Float64Array; readonly gradient: Gradient }> => {
  const { network, order } = task;
  const specs = new Map(weightSpecs(network).map((spec) => [spec.name, spec]));
  const gradient = new Map<string, Float64Array>();
  const addGradient = (name: string, tensor: Tensor): void => {
    const part = downloadWeight(specs.get(name)!, tensor);
    const sum = gradient.get(name) ?? new Float64Array(part.length);
    for (const [i, value] of part.entries()) sum[i]! += value / order.length;
    gradient.set(name, sum);
    dispose(tensor);
  };
  const losses = await eachBatch(task, weights, (image, labels, pass) => {
    const { outputs, tape } = forwardWithTape(network, image, pass, ['logits']);
    const [logits] = outputs;
    const labelTensor = fromArray(labels, [labels.length]);
    const { losses: unused, gradient: ofLogits } = softmaxCrossEntropy(logits!, labelTensor);
    const values = readFloats(logits!).slice();
    dispose(logits, labelTensor, unused);
    backward(tape, 'logits', ofLogits, pass, {
      trains: () => true,
      setGradient: addGradient,
      wantsImage: false,
    });
    return values;
  });
  return { losses, gradient };
};

const lossesOf = (task: Task, weights: StateDict): Promise<Float64Array> =>
  eachBatch(task, weights, (image, _, pass) => {
    const [logits] = forward(task.network, image, pass, ['logits']);
    const values = readFloats(logits!).slice();
    dispose(logits);
    return values;
  });

/** Each example's loss, from the logits that `logitsOf` computes of its batch. */
const eachBatch = async (
  { network, set, normalization, order }: Task,
  weights: StateDict,
  logitsOf: (image: Tensor, labels: Int32Array, pass: Pass) => Float32Array,
): Promise<Float64Array> => {
  const device = inferenceWeights(weightSpecs(network), weights, 'float32');
  const losses = new Float64Array(order.length);
  let done = 0;
  try {
    for await (const { image, examples } of inferenceBatches(
      network,
      set,
      normalization,
      order,
      'sharpness',
    )) {
      const labels = Int32Array.from(examples, (example) => set.labels[example]!);
      losses.set(crossEntropies(logitsOf(image, labels, device.pass), labels), done);
      done += examples.length;
    }
  } finally {
    device.dispose();
  }
  return losses;
};
