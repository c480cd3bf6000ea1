import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readAbout } from '../checkpoint/checkpoint.ts';
import type { RunSpec } from '../config/expand.ts';
import { choosesPenalty, episodeSets } from '../config/fewshot-schema.ts';
import type { RunConfig } from '../config/schema.ts';
import { dataFolder } from '../data/data-folder.ts';
import { exampleCount, type ImageSet, type Normalization } from '../data/image-set.ts';
import { classSizes, isGreySet } from '../data/selection.ts';
import { openDataSource } from '../data/sources.ts';
import { loadStudyData } from '../data/study.ts';
import { earlierClassesLines } from '../data/targets.ts';
import { diagnostics } from '../diagnostics.ts';
import { drawEpisodes } from '../fewshot/episodes.ts';
import { canonicalJson } from '../files/canonical-json.ts';
import { InputError } from '../input-error.ts';
import { makeNetwork } from '../models/models.ts';
import { requireOutput } from '../models/network.ts';
import { takenOver } from '../pipeline/first-weights.ts';
import { heldOutNames, namedTargets } from '../pipeline/target-sets.ts';
import { checkpointPaths } from '../runs/paths.ts';

/** What a plan needs to know of a run's data. */
export interface StudySize {
  readonly trainExamples: number;
  /** Of the images as `loadStudyData` has it; null where they are only listed. */
  readonly checksum: string | null;
  readonly classNames: readonly string[];
  readonly hasNumberedClasses?: boolean | undefined;
  readonly imageShape: readonly [number, number, number];
  /** Whether no image has a colour; false where images are only listed. */
  readonly isGrey: boolean;
  /** Empty where images are only listed. */
  readonly normalization: Normalization;
  /** Each set that is measured or that episodes are drawn from, by its name; absent where there is none. */
  readonly sets: ReadonlyMap<string, Pick<ImageSet, 'labels' | 'classNames'>>;
}

/** Sizes by `dataKey`. */
export type StudySizes = ReadonlyMap<string, StudySize>;

export const dataKey = ({ data, measure, fewshot }: RunConfig): string =>
  canonicalJson({ data, targets: [measure.targets ?? [], fewshot.targets ?? []] });

/**
 * Checks what the config alone cannot tell before the first run starts: data there and whole, classes enough for the
 * episodes, images large enough for the model, weights to start from. Reads each data set once. Throws InputError.
 */
export async function checkInputs(
  runs: readonly RunSpec[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<StudySizes> {
  const sizes = new Map<string, StudySize>();
  const said = new Set<string>();
  for (const { config, folderName } of runs) {
    const key = dataKey(config);
    const size = sizes.get(key) ?? (await sizeOf(config, dataFolder(environment)));
    sizes.set(key, size);
    try {
      for (const line of linesOfWeights(config, size)) {
        if (!said.has(line)) diagnostics.warn(line);
        said.add(line);
      }
      checkFit(config, size);
    } catch (error) {
      throw error instanceof InputError
        ? new InputError(`run ${folderName}: ${error.message}`, error.details)
        : error;
    }
  }
  return sizes;
}

async function sizeOf(config: RunConfig, folder: string): Promise<StudySize> {
  const { data } = config;
  const source = openDataSource(data.name, { dataFolder: folder, imageSize: data.imageSize });
  const isFolder = source.hasImageFiles === true;
  const { imageSize } = data;
  // A folder of images is listed only, each image one black pixel: its run decodes it.
  const listed = isFolder && imageSize !== undefined ? { ...data, imageSize: 1 } : data;
  const study = await loadStudyData(listed, { dataFolder: folder, listOnly: isFolder });
  const { height, width, channels, classNames, hasNumberedClasses } = study.sourceTrain;
  const imageShape = [
    listed === data ? height : imageSize!,
    listed === data ? width : imageSize!,
    channels,
  ] as const;
  const targets = await namedTargets(config, study, imageShape, { dataFolder: folder, listOnly: true });
  const own = { validation: study.validation, target: study.target };
  const sets = [...Object.entries(own).filter(([, set]) => set !== null), ...targets];
  return {
    trainExamples: exampleCount(study.sourceTrain),
    checksum: isFolder ? null : study.checksum,
    isGrey: !isFolder && isGreySet(study.sourceTrain),
    ...{ classNames, hasNumberedClasses },
    imageShape,
    normalization: study.normalization,
    sets: new Map(sets.map(([name, set]) => [name, { labels: set!.labels, classNames: set!.classNames }])),
  };
}

function checkFit({ data, model, training, measure, fewshot }: RunConfig, size: StudySize): void {
  checkAugmentation(data, size);
  checkStop(training, size);
  const network = makeNetwork(model, size.imageShape, size.classNames.length);
  for (const [key, layers = []] of Object.entries({ measure: measure.layers, fewshot: fewshot.layers }))
    for (const layer of layers) named(`${key}.layers`, () => requireOutput(network, layer));
  for (const target of episodeSets(fewshot)) {
    const set = size.sets.get(target);
    if (set === undefined) continue;
    named(fewshot.targets === undefined ? null : `fewshot.targets: ${target}`, () =>
      checkEpisodes(fewshot, set),
    );
  }
  if (!choosesPenalty(fewshot)) return;
  const validation = size.sets.get('validation');
  if (validation === undefined)
    throw new InputError('fewshot.C: auto needs validation classes, and the class split has none');
  const { ways, queries, seed } = fewshot;
  for (const shots of fewshot.shots)
    drawEpisodes({ ways, queries, shots, seed, episodes: 2 }, classSizes(validation), validation.classNames);
}

/** What the images leave without an effect, or without an image. */
function checkAugmentation(
  { jitter, cutout }: RunConfig['data'],
  { isGrey, imageShape: [height, width] }: StudySize,
): void {
  for (const key of ['saturation', 'hue'] as const)
    if (isGrey && (jitter?.[key] ?? 0) > 0)
      throw new InputError(`data.jitter.${key}: does nothing to grey images, which these are; leave it out`);
  const side = Math.min(height, width);
  if (cutout !== undefined && cutout >= side)
    throw new InputError(
      `data.cutout is ${cutout}, and the images' side ${side}: such a square can hide a whole image; give less than ${side}`,
    );
}

/** A smoothed loss is at least the entropy of its targets. */
function checkStop({ labelSmoothing, stopAtLoss }: RunConfig['training'], { classNames }: StudySize): void {
  if (stopAtLoss === undefined || labelSmoothing === 0) return;
  const classes = classNames.length;
  const [other, own] = [labelSmoothing / classes, 1 - labelSmoothing + labelSmoothing / classes];
  const least = -own * Math.log(own) - (classes - 1) * other * Math.log(other);
  if (stopAtLoss <= least)
    throw new InputError(
      `training.stopAtLoss is ${stopAtLoss}, and the loss with training.labelSmoothing ${labelSmoothing} over ${classes} classes is at least ${least.toPrecision(3)}; give more, or no labelSmoothing`,
    );
}

function checkEpisodes(fewshot: RunConfig['fewshot'], set: Pick<ImageSet, 'labels' | 'classNames'>): void {
  const { ways, queries, seed, disjoint, k } = fewshot;
  const sizes = classSizes(set);
  for (const shots of fewshot.shots)
    drawEpisodes({ ways, queries, shots, seed, disjoint, episodes: 2 }, sizes, set.classNames);
  const fewest = Math.min(...fewshot.shots) * (ways === 'all' ? sizes.length : ways);
  if (fewshot.readouts.includes('knn') && k !== undefined && k > fewest * (fewshot.augmentedSupports ?? 1))
    throw new InputError(`fewshot.k: ${k} neighbours of ${fewest} supports; give a smaller k`);
}

/** An error's message behind what it is of. */
function named(of: string | null, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw of !== null && error instanceof InputError
      ? new InputError(`${of}: ${error.message}`, error.details)
      : error;
  }
}

/** What a user should know of the weights that a run starts from. Throws InputError where it cannot start from them. */
function linesOfWeights(config: RunConfig, size: StudySize): readonly string[] {
  const { weights } = config.model;
  if (weights === undefined) return [];
  for (const path of [checkpointPaths(weights).weights, checkpointPaths(weights).config])
    if (!existsSync(path))
      throw new InputError(
        `model.weights: no checkpoint at ${weights} (${path} is missing); give a folder such as ${join('runs', 'lr', '<run>', 'checkpoints', '<step>')}`,
      );
  const { earlierClasses, lines } = takenOver(config, readAbout(weights), size);
  const names = heldOutNames(config);
  const heldOut = new Map([...size.sets].filter(([name]) => names.includes(name)));
  return [...lines, ...earlierClassesLines(earlierClasses.classNames, heldOut)];
}
