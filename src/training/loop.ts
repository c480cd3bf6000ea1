import type { RunConfig } from '../config/schema.ts';
import { fillBatch } from '../data/augment.ts';
import { type ImageSet, type Normalization, pixelsPerImage } from '../data/image-set.ts';
import { epochOrder } from '../data/order.ts';
import type { Precision } from '../models/device-weights.ts';
import { fuseActivations } from '../models/fuse-activations.ts';
import type { Layer, Network } from '../models/network.ts';
import { notFiniteParameter } from './finite-parameters.ts';
import type { Parameters } from './parameters.ts';
import { learningRateAt } from './schedule.ts';
import { trainStep } from './train-step.ts';

/** Where training stands: whole epochs, steps, and sums over the epoch that is under way. */
export interface Standing {
  readonly epoch: number;
  readonly step: number;
  readonly running: { readonly loss: number; readonly correct: number; readonly examples: number };
}

export const atStart: Standing = { epoch: 0, step: 0, running: { loss: 0, correct: 0, examples: 0 } };

export interface TrainingEvent {
  /** `epoch` where the step ended one; `trained` then holds the epoch's means, over its batches as they were trained on. */
  readonly kind: 'step' | 'epoch';
  readonly standing: Standing;
  readonly loss: number;
  readonly learningRate: number;
  readonly trained: { readonly loss: number; readonly accuracy: number } | null;
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

/** Steps of an epoch; the last batch is smaller where the examples do not divide evenly. */
export const stepsPerEpoch = (examples: number, batchSize: number): number => Math.ceil(examples / batchSize);

/**
 * Trains from a standing to the end, one event a step. Order and augmentation are functions of (seed, epoch, index) alone, so
 * that whoever goes on from a checkpoint sees the batches that were left. Throws Error with
 * the first step where the loss is not finite, or after which a weight or a running statistic is not.
 */
export function* train(task: TrainingTask, from: Standing): Generator<TrainingEvent, void, void> {
  const { parameters, set, normalization, config, precision } = task;
  const network = fuseActivations(task.network);
  const { seed, data, training, model } = config;
  const examples = set.labels.length;
  const perEpoch = stepsPerEpoch(examples, training.batchSize);
  const steps = perEpoch * training.epochs;
  const images = new Float32Array(training.batchSize * pixelsPerImage(set));
  let { epoch, step, running } = from;
  while (epoch < training.epochs) {
    const order = epochOrder(examples, seed, epoch);
    for (let at = (step - epoch * perEpoch) * training.batchSize; at < examples; at += training.batchSize) {
      const indices = order.subarray(at, at + training.batchSize);
      const batch = images.subarray(0, indices.length * pixelsPerImage(set));
      fillBatch(batch, set, indices, { normalization, augmentation: data.augmentation, seed, epoch });
      const learningRate = learningRateAt(step, steps, perEpoch, training);
      const labels = Int32Array.from(indices, (index) => set.labels[index]!);
      const { loss, correct } = trainStep(
        network,
        parameters,
        { images: batch, labels },
        {
          training,
          precision,
          learningRate,
          batchStatistics: !model.freeze,
          trains: model.freeze ? isClassifier(network) : () => true,
          seed,
          step,
        },
      );
      const where = `at step ${step + 1} (epoch ${epoch + 1}, learning rate ${learningRate})`;
      if (!Number.isFinite(loss)) throw new Error(`loss is ${loss} ${where}`);
      const wrong = notFiniteParameter(parameters);
      if (wrong !== null) throw new Error(`${wrong} ${where}; the loss was ${loss}`);
      step += 1;
      running = {
        loss: running.loss + loss * indices.length,
        correct: running.correct + correct,
        examples: running.examples + indices.length,
      };
      if (at + training.batchSize < examples)
        yield {
          kind: 'step',
          standing: { epoch, step, running },
          loss,
          learningRate,
          trained: null,
          final: false,
        };
      else {
        const trained = {
          loss: running.loss / running.examples,
          accuracy: running.correct / running.examples,
        };
        epoch += 1;
        running = atStart.running;
        const reached = training.stopAtLoss !== undefined && trained.loss <= training.stopAtLoss;
        const final = reached || epoch === training.epochs;
        yield { kind: 'epoch', standing: { epoch, step, running }, loss, learningRate, trained, final };
        if (final) return;
      }
    }
  }
}

/** The layers after the embedding. */
const isClassifier = (network: Network): ((layer: Layer) => boolean) => {
  const classifier = new Set(network.nodes.slice(network.outputs.embedding! + 1).map(({ layer }) => layer));
  return (layer) => classifier.has(layer);
};
