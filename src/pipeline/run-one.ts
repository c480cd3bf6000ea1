import { appendFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { kernelsInUse, loadTensorFlow } from '../backend/load.ts';
import { resolvePrecision } from '../backend/precision.ts';
import { writeCheckpoint } from '../checkpoint/checkpoint.ts';
import type { RunConfig } from '../config/schema.ts';
import type { StudyData } from '../data/image-set.ts';
import { sourceOptions } from '../data/source-options.ts';
import { loadStudyData } from '../data/study.ts';
import { makeNetwork } from '../models/model.ts';
import type { Network } from '../models/network.ts';
import { type StateDict, weightSpecs } from '../models/weights.ts';
import { appendMetrics, markMetrics } from '../runs/metrics-file.ts';
import { type RunPaths, runPaths } from '../runs/paths.ts';
import { addProvenance } from '../runs/provenance.ts';
import { type Standing, stepsPerEpoch, train } from '../training/loop.ts';
import {
  createParameters,
  disposeParameters,
  downloadMomenta,
  downloadWeights,
  type Parameters,
} from '../training/parameters.ts';
import { measureCheckpoint } from './measure-checkpoint.ts';
import type { Progress, RunOne, RunOptions } from './run-one-contract.ts';
import { removeStopCheckpoints, startingPoint, stopCheckpoints } from './starting-point.ts';

/** One run as its stages see it. */
interface Run {
  readonly paths: RunPaths;
  readonly config: RunConfig;
  readonly data: StudyData;
  readonly network: Network;
  readonly parameters: Parameters;
  readonly options: RunOptions;
}

/**
 * The whole pipeline of one run: data, network, training with checkpoints, measures and few-shot accuracy at checkpoints,
 * all in the run's folder. See `RunOne` for what it promises.
 */
export const runOne: RunOne = async (folder, config, options) => {
  const paths = runPaths(folder);
  const data = await loadStudyData(config.data, sourceOptions(options.environment));
  const tensorFlow = loadTensorFlow();
  addProvenance(folder, {
    tensorflow: tensorFlow.TF_Version,
    kernels: kernelsInUse().kernels,
    dataChecksum: data.checksum,
    device: tensorFlow.isUsingGpuDevice() ? 'gpu' : 'cpu',
  });
  const { height, width, channels, classNames } = data.sourceTrain;
  const network = makeNetwork(config.model, [height, width, channels], classNames.length);
  const start = startingPoint(paths, config, network, data);
  const parameters = createParameters(weightSpecs(network), start.weights, start.momenta);
  const run: Run = { paths, config, data, network, parameters, options };
  try {
    const { checkpoint, standing } = start;
    const stops = stopCheckpoints(paths, standing.step);
    if (checkpoint?.state.scheduled) {
      removeStopCheckpoints(paths, stops);
      await measure(run, standing, checkpoint.weights, checkpoint.state.final);
    }
    if (checkpoint?.state.final) return 'done';
    if (config.training.epochs === 0) {
      const weights = await save(run, standing, { scheduled: true, final: true });
      await measure(run, standing, weights, true);
      return 'done';
    }
    return await trainFrom(run, standing, stops);
  } finally {
    disposeParameters(parameters);
  }
};

const trainFrom = async (run: Run, from: Standing, stops: readonly number[]): Promise<'done' | 'stopped'> => {
  const { paths, config, data, network, parameters, options } = run;
  const task = {
    network,
    parameters,
    set: data.sourceTrain,
    normalization: data.normalization,
    config,
    precision: resolvePrecision(config.training.precision),
  };
  const speed = new Speedometer(config.training.batchSize);
  const left = [...stops];
  for (const { kind, standing, loss, trained, learningRate, final } of train(task, from)) {
    const { epoch, step } = standing;
    if (trained !== null) {
      const { loss: trainLoss, accuracy: trainAccuracy } = trained;
      appendMetrics(paths.metrics, { kind: 'epoch', epoch, step, trainLoss, trainAccuracy, learningRate });
      log(paths, { kind: 'epoch', epoch, step, imagesPerSecond: speed.rate() });
    }
    if (trained !== null || speed.isDue())
      report(run, kind, standing, trained?.loss ?? loss, trained?.accuracy ?? null, speed.rate());
    speed.count();
    if (isScheduled(config, kind, standing, final)) {
      const weights = await save(run, standing, { scheduled: true, final });
      removeStopCheckpoints(
        paths,
        left.splice(0).filter((each) => each !== step),
      );
      await measure(run, standing, weights, final);
      speed.restart();
    }
    await setImmediate();
    if (!final && options.stopRequested()) {
      if (!isScheduled(config, kind, standing, final))
        await save(run, standing, { scheduled: false, final: false });
      return 'stopped';
    }
  }
  return 'done';
};

const isScheduled = (
  { training: { checkpointEvery } }: RunConfig,
  kind: 'step' | 'epoch',
  { epoch, step }: Standing,
  final: boolean,
): boolean => {
  if (final) return true;
  if (checkpointEvery.steps !== undefined) return step % checkpointEvery.steps === 0;
  return kind === 'epoch' && epoch % (checkpointEvery.epochs ?? 1) === 0;
};

/** Writes a checkpoint and returns its weights. */
const save = async (
  { paths, config, data, network, parameters }: Run,
  { epoch, step, running }: Standing,
  { scheduled, final }: { readonly scheduled: boolean; readonly final: boolean },
): Promise<StateDict> => {
  const { height, width, channels, classNames } = data.sourceTrain;
  const state = {
    epoch,
    step,
    running,
    scheduled,
    final,
    metrics: markMetrics(paths.metrics),
    imageShape: [height, width, channels] as [number, number, number],
    normalization: { mean: [...data.normalization.mean], std: [...data.normalization.std] },
    classNames: [...classNames],
    dataChecksum: data.checksum,
  };
  const weights = downloadWeights(parameters);
  await writeCheckpoint(
    paths.checkpoint(step).folder,
    { config, state, network, weights },
    downloadMomenta(parameters),
  );
  return weights;
};

const measure = async (run: Run, standing: Standing, weights: StateDict, final: boolean): Promise<void> => {
  const { paths, config, data, network } = run;
  if (!final && config.measure.every === 'end') return;
  const { epoch, step } = standing;
  report(run, 'measure', standing, null, null, null);
  const started = Date.now();
  const found = await measureCheckpoint(network, weights, config, data);
  appendMetrics(paths.metrics, { kind: 'checkpoint', epoch, step, final, ...found });
  log(paths, { kind: 'measure', epoch, step, seconds: (Date.now() - started) / 1000 });
};

const report = (
  { config, data, options }: Run,
  kind: Progress['kind'],
  { epoch, step }: Standing,
  loss: number | null,
  accuracy: number | null,
  imagesPerSecond: number | null,
): void => {
  const { epochs, batchSize } = config.training;
  const steps = epochs * stepsPerEpoch(data.sourceTrain.labels.length, batchSize);
  options.onProgress({ kind, epoch, epochs, step, steps, loss, accuracy, imagesPerSecond });
};

/** Times and rates, which would make metrics.jsonl differ from run to run. */
const log = (paths: RunPaths, record: Readonly<Record<string, unknown>>): void =>
  appendFileSync(paths.log, `${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);

/** Images a second since the last measuring, and when a watcher should hear of it: once a second. */
class Speedometer {
  readonly #batchSize: number;
  #since = performance.now();
  #steps = 0;
  #told = performance.now();

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  count(): void {
    this.#steps += 1;
  }

  rate(): number | null {
    const seconds = (performance.now() - this.#since) / 1000;
    return this.#steps === 0 ? null : (this.#steps * this.#batchSize) / seconds;
  }

  isDue(): boolean {
    const due = performance.now() - this.#told >= 1000;
    if (due) this.#told = performance.now();
    return due;
  }

  restart(): void {
    this.#since = performance.now();
    this.#steps = 0;
  }
}
