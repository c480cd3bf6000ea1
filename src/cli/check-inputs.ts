import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSpec } from '../config/expand.ts';
import type { RunConfig } from '../config/schema.ts';
import { dataFolder } from '../data/data-folder.ts';
import { exampleCount } from '../data/image-set.ts';
import { classSizes } from '../data/selection.ts';
import { openDataSource } from '../data/sources.ts';
import { loadStudyData } from '../data/study.ts';
import { drawEpisodes } from '../fewshot/episodes.ts';
import { canonicalJson } from '../files/canonical-json.ts';
import { InputError } from '../input-error.ts';
import { makeNetwork } from '../models/models.ts';
import { checkpointPaths } from '../runs/paths.ts';

/** What a plan needs to know of a run's data. */
export interface StudySize {
  readonly trainExamples: number;
  readonly classes: number;
  readonly imageShape: readonly [number, number, number];
  /** Examples a class, by held-out split; null where the split has none. */
  readonly classSizes: Readonly<Record<'validation' | 'target', readonly number[] | null>>;
}

/** Sizes by `dataKey`. */
export type StudySizes = ReadonlyMap<string, StudySize>;

export const dataKey = (config: RunConfig): string => canonicalJson(config.data);

/**
 * Checks what the config alone cannot tell before the first run starts: data there and whole, classes enough for the
 * episodes, images large enough for the model, weights to start from. Reads each data set once. Throws InputError.
 */
export async function checkInputs(
  runs: readonly RunSpec[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<StudySizes> {
  const sizes = new Map<string, StudySize>();
  for (const { config, folderName } of runs) {
    const key = dataKey(config);
    const size = sizes.get(key) ?? (await sizeOf(config.data, dataFolder(environment)));
    sizes.set(key, size);
    try {
      checkWeights(config.model.weights);
      checkFit(config, size);
    } catch (error) {
      throw error instanceof InputError ? new InputError(`run ${folderName}: ${error.message}`) : error;
    }
  }
  return sizes;
}

async function sizeOf(data: RunConfig['data'], folder: string): Promise<StudySize> {
  const source = openDataSource(data.name, { dataFolder: folder, imageSize: data.imageSize });
  const isFolder = source.hasImageFiles === true;
  const { imageSize } = data;
  // A folder of images is listed only, each image one black pixel: its run decodes it.
  const listed = isFolder && imageSize !== undefined ? { ...data, imageSize: 1 } : data;
  const study = await loadStudyData(listed, { dataFolder: folder, listOnly: isFolder });
  const { height, width, channels, classNames } = study.sourceTrain;
  return {
    trainExamples: exampleCount(study.sourceTrain),
    classes: classNames.length,
    imageShape: [listed === data ? height : imageSize!, listed === data ? width : imageSize!, channels],
    classSizes: {
      validation: study.validation && classSizes(study.validation),
      target: study.target && classSizes(study.target),
    },
  };
}

function checkFit({ model, fewshot }: RunConfig, size: StudySize): void {
  makeNetwork(model, size.imageShape, size.classes);
  const sizes = size.classSizes[fewshot.split];
  if (sizes === null) return;
  const { ways, queries, seed, disjoint, k } = fewshot;
  const draw = (classSizes: readonly number[], shots: number) =>
    drawEpisodes({ ways, queries, shots, seed, disjoint, episodes: 2 }, classSizes);
  for (const shots of fewshot.shots) draw(sizes, shots);
  const fewest = Math.min(...fewshot.shots) * (ways === 'all' ? sizes.length : ways);
  if (fewshot.readouts.includes('knn') && k !== undefined && k > fewest * (fewshot.augmentedSupports ?? 1))
    throw new InputError(`fewshot.k: ${k} neighbours of ${fewest} supports; give a smaller k`);
  if (fewshot.C !== 'auto' || !fewshot.readouts.includes('logistic')) return;
  const validation = size.classSizes.validation;
  if (validation === null)
    throw new InputError('fewshot.C: auto needs validation classes, and the class split has none');
  for (const shots of fewshot.shots) drawEpisodes({ ways, queries, shots, seed, episodes: 2 }, validation);
}

function checkWeights(weights: string | undefined): void {
  if (weights === undefined) return;
  for (const path of [checkpointPaths(weights).weights, checkpointPaths(weights).config])
    if (!existsSync(path))
      throw new InputError(
        `model.weights: no checkpoint at ${weights} (${path} is missing); give a folder such as ${join('runs', 'lr', '<run>', 'checkpoints', '<step>')}`,
      );
}
