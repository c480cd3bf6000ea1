/**
 * One device's share of the check, in a process of its own: side.ts trace FILE | replay FILE | networks WIDTH | steps N | refusal. Prints one JSON
 * value. GCNC_DEVICE says which device; what stands in for a GPU is the CPU with TensorFlow's kernels.
 */

import type { Precision } from '../../src/backend/precision.ts';
import { fromArray, liveTensorCount, run } from '../../src/backend/tensor.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import {
  exact,
  hutchinsonInputs,
  hutchinsonOutputs,
} from '../../src/measures/geometric-complexity/estimators.ts';
import { fuseActivations } from '../../src/models/fuse-activations.ts';
import { inferenceModel } from '../../src/models/inference-model.ts';
import { initialWeights } from '../../src/models/initialise.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { type StateDict, weightSpecs } from '../../src/models/weights.ts';
import { reasonOf } from '../../src/pipeline/run-in-folder.ts';
import { createParameters, disposeParameters, downloadWeights } from '../../src/training/parameters.ts';
import { trainStep } from '../../src/training/train-step.ts';
import { readTrace, replayOp, traceOps, writeTrace } from './op-trace.ts';

export interface NetworkResult {
  readonly name: string;
  readonly kind: 'embedding' | 'loss' | 'gradient' | 'trained' | 'complexity' | 'training';
  readonly precision: Precision;
  readonly values: readonly number[];
}

const [side, classes, batch] = [32, 8, 16];
const pixels = Float32Array.from({ length: batch * side * side * 3 }, (_, i) =>
  Math.sin(i * 0.37 + (i % 11)),
);
const labels = Int32Array.from({ length: batch }, (_, i) => (i * 5) % classes);

const setting = (name: 'resnet18' | 'vgg13', width: number, training: object = {}) => {
  const config = runConfigSchema.parse({ model: { name, width }, training: { momentum: 0, ...training } });
  return { config, network: makeNetwork(config.model, [side, side, 3], classes) };
};

/** Steps of SGD on one batch from the seed's weights: the losses and the weights after them. */
const steps = (
  name: 'resnet18' | 'vgg13',
  width: number,
  precision: Precision,
  count: number,
  training = {},
  examples = batch,
) => {
  const images = pixels.subarray(0, examples * side * side * 3);
  const { config, network } = setting(name, width, training);
  const before = initialWeights(network, 0);
  const parameters = createParameters(weightSpecs(network), before);
  const options = { training: config.training, precision, learningRate: 0.01, batchStatistics: true };
  const losses = Array.from(
    { length: count },
    (_, step) =>
      trainStep(
        fuseActivations(network),
        parameters,
        { images, labels: labels.subarray(0, examples) },
        {
          ...options,
          trains: () => true,
          seed: 0,
          step,
        },
      ).loss,
  );
  const after = downloadWeights(parameters);
  disposeParameters(parameters);
  return { losses, before, after };
};

const flat = (state: StateDict): number[] => [...state.values()].flatMap(({ values }) => [...values]);

/** Embeddings and squared Jacobian norms of a few images. */
const measured = (name: 'resnet18' | 'vgg13', width: number, precision: Precision, few = 4) => {
  const { network } = setting(name, width);
  const model = inferenceModel(network, initialWeights(network, 0), precision);
  const image = fromArray(pixels.subarray(0, few * side * side * 3), [few, side, side, 3]);
  const asked = {
    model,
    layer: 'embedding',
    image,
    examples: [0, 1, 2, 3].slice(0, few),
    seed: 1,
    factors: [1, 1, 1],
  };
  const rows = [
    exact(asked),
    hutchinsonOutputs(2, 'rademacher')(asked),
    hutchinsonInputs(2, 'rademacher')(asked),
  ];
  model.dispose();
  return rows;
};

const networks = (width: number): NetworkResult[] =>
  (['resnet18', 'vgg13'] as const).flatMap((name) =>
    (['float32', 'bfloat16'] as const).flatMap((precision) => {
      const one = steps(name, width, precision, 1);
      const five = steps(name, width, precision, 5, { momentum: 0.9, l2: 1e-3 });
      const before = flat(one.before);
      const moved = flat(one.after).map((value, i) => value - before[i]!);
      const found = (kind: NetworkResult['kind'], values: readonly number[]): NetworkResult => ({
        ...{ name, kind, precision, values },
      });
      return [
        found('loss', one.losses),
        found('gradient', moved),
        found('trained', flat(five.after)),
        found('training', steps(name, width, precision, 30, { momentum: 0.9 }).losses),
        found(
          'complexity',
          measured(name, width, precision).flatMap((row) => numbersIn(row)),
        ),
      ];
    }),
  );

/** All numbers in what an estimator returned, in order. */
const numbersIn = (found: unknown): number[] =>
  typeof found === 'number'
    ? [found]
    : typeof found === 'object' && found !== null
      ? Object.values(found).flatMap(numbersIn)
      : [];

const [task, argument] = process.argv.slice(2);
const tasks: Readonly<Record<string, () => unknown>> = {
  trace: () => {
    const calls = (['resnet18', 'vgg13'] as const).flatMap((name) =>
      (['float32', 'bfloat16'] as const).flatMap((precision) =>
        traceOps(() => {
          steps(name, 4, precision, 1, { l2: 1e-3, gcPenalty: 1e-3 }, 2);
          measured(name, 4, precision, 2);
        }),
      ),
    );
    const unique = [...new Map(calls.map((call) => [keyOf(call), call])).values()];
    writeTrace(argument!, unique);
    return unique.length;
  },
  replay: () => readTrace(argument!).map(replayOp),
  networks: () => networks(Number(argument)),
  // Tensors and bytes of this process after a fifth of the steps and after all.
  steps: () => {
    const { config, network } = setting('resnet18', 4);
    const parameters = createParameters(weightSpecs(network), initialWeights(network, 0));
    const count = Number(argument);
    const seen: { tensors: number; bytes: number }[] = [];
    for (let step = 1; step <= count; step++) {
      trainStep(
        network,
        parameters,
        { images: pixels, labels },
        {
          ...{ training: config.training, precision: 'float32', learningRate: 1e-3, batchStatistics: true },
          ...{ trains: () => true, seed: 0, step },
        },
      );
      if (step === Math.ceil(count / 5) || step === count)
        seen.push({ tensors: liveTensorCount(), bytes: process.memoryUsage().rss });
    }
    return seen;
  },
  // More memory than any machine has.
  refusal: () => {
    try {
      run(
        'BroadcastTo',
        [fromArray(Float32Array.of(1), []), fromArray(Int32Array.of(2 ** 21, 2 ** 21), [2])],
        {
          T: { type: 'float32' },
          Tidx: { type: 'int32' },
        },
      );
      return 'taken';
    } catch (error) {
      return reasonOf(error);
    }
  },
};

const keyOf = ({
  op,
  attributes,
  inputs,
}: {
  op: string;
  attributes: unknown;
  inputs: readonly object[];
}): string => JSON.stringify([op, attributes, inputs.map((input) => ({ ...input, values: null }))]);

process.stdout.write(`${JSON.stringify(tasks[task!]!())}\n`);
