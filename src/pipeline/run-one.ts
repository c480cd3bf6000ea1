import { setImmediate } from 'node:timers/promises';
import { setTensorFloat32 } from '../backend/framework.ts';
import { kernelsInUse, loadTensorFlow } from '../backend/load.ts';
import { type Precision, resolvePrecision } from '../backend/precision.ts';
import type { EarlierClasses } from '../checkpoint/checkpoint.ts';
import type { RunConfig } from '../config/schema.ts';
import { dataCacheFolder, sourceOptions } from '../data/data-folder.ts';
import type { StudyData } from '../data/image-set.ts';
import { loadStudyData } from '../data/study.ts';
import { earlierClassesLines, type Targets } from '../data/targets.ts';
import { diagnostics } from '../diagnostics.ts';
import { makeNetwork } from '../models/models.ts';
import type { Network } from '../models/network.ts';
import { type StateDict, weightSpecs } from '../models/weights.ts';
import { appendMetrics } from '../runs/metrics-file.ts';
import { type RunPaths, runPaths } from '../runs/paths.ts';
import { addProvenance, keptPrecision } from '../runs/provenance.ts';
import { openRunLog, type RunLog } from '../runs/run-log.ts';
import { type Standing, train } from '../training/loop.ts';
import { createParameters, disposeParameters, type Parameters } from '../training/parameters.ts';
import { pathFlatness } from '../training/path-flatness.ts';
import { isScheduled } from './checkpoint-schedule.ts';
import { notFiniteIn } from './finite-record.ts';
import { requireContents } from './given-contents.ts';
import { measureCheckpoint } from './measure-checkpoint.ts';
import type { RunOne, RunOptions } from './run-one-contract.ts';
import { saveCheckpoint } from './save-checkpoint.ts';
import { startSpeedometer } from './speedometer.ts';
import { removeStopCheckpoints, startingPoint, stopCheckpoints } from './starting-point.ts';
import { heldOutSets, namedTargets } from './target-sets.ts';
import { tellProgress } from './tell-progress.ts';

/** One run as its stages see it. */
interface Run {
  readonly paths: RunPaths;
  readonly config: RunConfig;
  readonly data: StudyData;
  /** Other sets that the config names. */
  readonly targets: Targets;
  readonly earlierClasses: EarlierClasses | null;
  readonly network: Network;
  readonly parameters: Parameters;
  readonly precision: Precision;
  readonly options: RunOptions;
  readonly log: RunLog;
}

/**
 * The whole pipeline of one run: data, network, training with checkpoints, measures and few-shot accuracy at checkpoints,
 * all in the run's folder. See `RunOne` for what it promises.
 */
export const runOne: RunOne = async (folder, config, options) => {
  const paths = runPaths(folder);
  requireContents(config, dataCacheFolder(options.environment));
  const study = await loadStudyData(config.data, sourceOptions(options.environment));
  const tensorFlow = loadTensorFlow();
  const asked = config.training.precision;
  const precision = (asked === 'auto' ? keptPrecision(folder) : null) ?? resolvePrecision(asked);
  addProvenance(folder, {
    trainingPrecision: precision,
    tensorflow: tensorFlow.TF_Version,
    kernels: kernelsInUse().kernels,
    instructions: kernelsInUse().instructions,
    dataChecksum: study.checksum,
    device: tensorFlow.isUsingGpuDevice() ? 'gpu' : 'cpu',
  });
  const { height, width, channels, classNames } = study.sourceTrain;
  const imageShape = [height, width, channels];
  const targets = await namedTargets(config, study, imageShape, sourceOptions(options.environment));
  const network = makeNetwork(config.model, imageShape, classNames.length);
  const start = startingPoint(paths, config, network, study);
  const { normalization, earlierClasses } = start;
  const data = { ...study, normalization };
  const heldOut = heldOutSets(config, data, targets);
  for (const line of earlierClassesLines(earlierClasses?.classNames ?? [], heldOut)) diagnostics.warn(line);
  const parameters = createParameters(weightSpecs(network), start.weights, start.momenta);
  const log = openRunLog(paths.log);
  const run: Run = {
    ...{ paths, config, data, targets, earlierClasses, network, parameters, precision, options, log },
  };
  try {
    const { checkpoint, standing } = start;
    const stops = stopCheckpoints(paths, standing.step);
    if (checkpoint?.state.scheduled) {
      removeStopCheckpoints(paths, stops);
      await measure(run, standing, checkpoint.weights, checkpoint.state.final);
    }
    if (checkpoint?.state.final) return 'done';
    if (config.training.epochs === 0) {
      const weights = await saveCheckpoint(run, standing, { scheduled: true, final: true });
      await measure(run, standing, weights, true);
      return 'done';
    }
    return await trainFrom(run, standing, stops);
  } finally {
    disposeParameters(parameters);
  }
};

const trainFrom = async (run: Run, from: Standing, stops: readonly number[]): Promise<'done' | 'stopped'> => {
  const { paths, config, data, network, parameters, precision, options, log } = run;
  const task = {
    network,
    parameters,
    set: data.sourceTrain,
    normalization: data.normalization,
    config,
    precision,
  };
  const isTf32 = config.training.precision === 'tf32';
  setTensorFloat32(isTf32);
  const speed = startSpeedometer();
  const left = [...stops];
  for (const event of train(task, from)) {
    const { kind, standing, loss, examples, trained, learningRate, final } = event;
    const { epoch, step } = standing;
    speed.count(examples);
    if (trained !== null) {
      const { loss: trainLoss, accuracy: trainAccuracy, gradientSquaredNorm } = trained;
      const values = { trainLoss, trainAccuracy, learningRate, gradientSquaredNorm };
      appendMetrics(paths.metrics, { kind: 'epoch', epoch, step, ...values });
      log.info({ kind: 'epoch', epoch, step, images: task.set.labels.length, imagesPerSecond: speed.rate() });
    }
    if (trained !== null || speed.isDue())
      tellProgress(run, kind, standing, { loss, ...trained, imagesPerSecond: speed.rate() });
    const scheduled = isScheduled(config, event);
    if (scheduled) {
      const weights = await saveCheckpoint(run, standing, { scheduled, final });
      removeStopCheckpoints(
        paths,
        left.splice(0).filter((each) => each !== step),
      );
      await measure(run, standing, weights, final);
      setTensorFloat32(isTf32);
      speed.restart();
    }
    await setImmediate();
    if (!final && options.stopRequested()) {
      if (!scheduled) await saveCheckpoint(run, standing, { scheduled, final });
      return 'stopped';
    }
  }
  return 'done';
};

const measure = async (run: Run, standing: Standing, weights: StateDict, final: boolean): Promise<void> => {
  const { paths, config, data, targets, network, log } = run;
  if (!final && config.measure.every === 'end') return;
  const { epoch, step } = standing;
  tellProgress(run, 'measure', standing);
  // A measure's float32 is float32, whatever the products of training are.
  setTensorFloat32(false);
  const started = Date.now();
  const found = await measureCheckpoint(network, weights, config, data, targets).catch((error: Error) => {
    throw new Error(`${error.message} (measuring at step ${step}, epoch ${epoch})`, { cause: error });
  });
  const wrong = notFiniteIn(found);
  if (wrong !== null) throw new Error(`${wrong}, measured at step ${step} (epoch ${epoch})`);
  const flatness = pathFlatness(standing);
  appendMetrics(paths.metrics, { kind: 'checkpoint', epoch, step, final, pathFlatness: flatness, ...found });
  log.info({ kind: 'measure', epoch, step, seconds: (Date.now() - started) / 1000 });
};
