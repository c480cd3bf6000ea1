import { type EarlierClasses, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import type { RunConfig } from '../config/schema.ts';
import type { StudyData } from '../data/image-set.ts';
import type { Network } from '../models/network.ts';
import type { StateDict } from '../models/weights.ts';
import { markMetrics } from '../runs/metrics-file.ts';
import type { RunPaths } from '../runs/paths.ts';
import type { Standing } from '../training/loop.ts';
import { downloadMomenta, downloadWeights, type Parameters } from '../training/parameters.ts';

/** Writes a checkpoint of a run as it stands, and returns its weights. @throws Error where a value is not finite. */
export const saveCheckpoint = async (
  {
    paths,
    config,
    data,
    earlierClasses,
    network,
    parameters,
  }: {
    readonly paths: RunPaths;
    readonly config: RunConfig;
    readonly data: StudyData;
    readonly earlierClasses: EarlierClasses | null;
    readonly network: Network;
    readonly parameters: Parameters;
  },
  { epoch, step, running, pathSquaredNorm }: Standing,
  { scheduled, final }: { readonly scheduled: boolean; readonly final: boolean },
): Promise<StateDict> => {
  const { height, width, channels, classNames, hasNumberedClasses } = data.sourceTrain;
  const state = {
    epoch,
    step,
    running,
    pathSquaredNorm,
    scheduled,
    final,
    metrics: markMetrics(paths.metrics),
    imageShape: [height, width, channels] as [number, number, number],
    normalization: { mean: [...data.normalization.mean], std: [...data.normalization.std] },
    classNames: [...classNames],
    ...(hasNumberedClasses && { classNamesGiven: false }),
    ...(earlierClasses && { earlierClasses }),
    dataChecksum: data.checksum,
  };
  const weights = downloadWeights(parameters);
  const folder = paths.checkpoint(step).folder;
  await writeCheckpoint(folder, { config, state, network, weights }, downloadMomenta(parameters));
  return weights;
};
