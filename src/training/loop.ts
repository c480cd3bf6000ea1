import type { Precision } from '../backend/precision.ts';
import type { RunConfig } from '../config/schema.ts';
import type { ImageSet, Normalization } from '../data/image-set.ts';
import { fuseActivations } from '../models/fuse-activations.ts';
import type { Layer, Network } from '../models/network.ts';
import { batches, stepsPerEpoch } from './batches.ts';
import { firstNotFiniteParameter } from './finite-parameters.ts';
import type { Parameters } from './parameters.ts';
import { learningRateAt } from './schedule.ts';
import { warnOfSingleValues } from './single-values.ts';
import { queueStep } from './train-step.ts';

/** Where training stands: whole epochs, steps, and sums over the epoch that is under way and over the path. */
export interface Standing {
  readonly epoch: number;
  readonly step: number;
  readonly running: {
    readonly loss: number;
    readonly correct: number;
    readonly examples: number;
    /** Sum over the epoch's steps; null where a version that did not look made some of them. */
    readonly gradientSquaredNorm: number | null;
  };
  /** Sum of the same over all steps so far. */
  readonly pathSquaredNorm: number | null;
}

export const atStart: Standing = {
  epoch: 0,
  step: 0,
  running: { loss: 0, correct: 0, examples: 0, gradientSquaredNorm: 0 },
  pathSquaredNorm: 0,
};

export interface TrainingEvent {
  /** `epoch` where the step ended one; `trained` then holds the epoch's means, over its batches as they were trained on. */
  readonly kind: 'step' | 'epoch';
  readonly standing: Standing;
  readonly loss: number;
  /** Images of the step: fewer in an epoch's last one. */
  readonly examples: number;
  readonly learningRate: number;
  readonly trained: {
    readonly loss: number;
    readonly accuracy: number;
    readonly gradientSquaredNorm: number | null;
  } | null;
  /** Whether training is over: the last epoch's end, or the loss asked for was reached. */
  readonly final: boolean;
}

export interface TrainingTask {
  readonly network: Network;
  readonly parameters: Parameters;
  readonly set: ImageSet;
  readonly normalization: Normalization;
  readonly config: RunConfig;
  readonly precision: Precision;
}

/**
 * Trains from a standing to the end, one event per step. The next batch is made while the device works at a step. Throws Error with the
 * first step where the loss is not finite, or after which a weight or a running statistic is not.
 */
export function* train(task: TrainingTask, from: Standing): Generator<TrainingEvent, void, void> {
  const { parameters, set, normalization, config, precision } = task;
  const network = fuseActivations(task.network);
  const { seed, training, model } = config;
  const perEpoch = stepsPerEpoch(set.labels.length, training.batchSize);
  const trains = model.freeze ? isClassifier(network) : () => true;
  const batchStatistics = !model.freeze;
  if (batchStatistics) warnOfSingleValues(task.network, set.labels.length, training.batchSize);
  const source = batches(set, normalization, config, from);
  let { running, pathSquaredNorm } = from;
  let next = source.next();
  while (!next.done) {
    const { epoch, step, endsEpoch, ...batch } = next.value;
    const learningRate = learningRateAt(step, perEpoch * training.epochs, perEpoch, training);
    const options = { training, precision, learningRate, batchStatistics, trains, seed, step };
    const queued = queueStep(network, parameters, batch, options);
    next = source.next();
    const { loss, correct, gradientSquaredNorm, halfSumOfSquares } = queued.read();
    const where = `at step ${step + 1} (epoch ${epoch + 1}, learning rate ${learningRate})`;
    if (!Number.isFinite(loss)) throw new Error(`loss is ${loss} ${where}`);
    const wrong = Number.isFinite(halfSumOfSquares) ? null : firstNotFiniteParameter(parameters);
    if (wrong !== null) throw new Error(`${wrong} ${where}; the loss was ${loss}`);
    const examples = batch.labels.length;
    running = {
      loss: running.loss + loss * examples,
      correct: running.correct + correct,
      examples: running.examples + examples,
      gradientSquaredNorm: plus(running.gradientSquaredNorm, gradientSquaredNorm),
    };
    pathSquaredNorm = plus(pathSquaredNorm, gradientSquaredNorm);
    const standing = { epoch, step: step + 1, running, pathSquaredNorm };
    if (!endsEpoch) {
      yield { kind: 'step', standing, loss, examples, learningRate, trained: null, final: false };
      continue;
    }
    const trained = {
      loss: running.loss / running.examples,
      accuracy: running.correct / running.examples,
      gradientSquaredNorm:
        running.gradientSquaredNorm === null ? null : running.gradientSquaredNorm / perEpoch,
    };
    running = atStart.running;
    const reached = training.stopAtLoss !== undefined && trained.loss <= training.stopAtLoss;
    const final = reached || epoch + 1 === training.epochs;
    const after = { epoch: epoch + 1, step: step + 1, running, pathSquaredNorm };
    yield { kind: 'epoch', standing: after, loss, examples, learningRate, trained, final };
    if (final) return;
  }
}

const plus = (sum: number | null, value: number): number | null => (sum === null ? null : sum + value);

/** The layers after the embedding. */
const isClassifier = (network: Network): ((layer: Layer) => boolean) => {
  const classifier = new Set(network.nodes.slice(network.outputs.embedding! + 1).map(({ layer }) => layer));
  return (layer) => classifier.has(layer);
};
