import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, hasClassNames, readCheckpoint } from '../checkpoint/checkpoint.ts';
import { classesBehind } from '../checkpoint/earlier-classes.ts';
import { matchClasses, sharedNames } from '../data/class-names.ts';
import { sourceOptions } from '../data/data-folder.ts';
import type { DataSource } from '../data/data-source.ts';
import { fitImages } from '../data/fit-images.ts';
import type { ImageSet, Normalization, StudyData } from '../data/image-set.ts';
import { dataSources, openDataSource } from '../data/sources.ts';
import { loadStudyData } from '../data/study.ts';
import { isSameData } from '../data/targets.ts';
import { diagnostics } from '../diagnostics.ts';
import { isFolder } from '../files/is-folder.ts';
import { InputError } from '../input-error.ts';
import { meantBefore } from '../models/models.ts';
import { checkpointSteps } from '../pipeline/starting-point.ts';
import { runPaths } from '../runs/paths.ts';
import { matchedByNumberText, type SetOfClasses, sharedText } from './shared-classes.ts';

/** Splits of a study's classes, and parts of a whole data set. */
const studySplits = ['sourceTrain', 'sourceTest', 'validation', 'target'] as const;
const wholeSplits = ['train', 'test', 'all'] as const;
export type SplitName = (typeof studySplits)[number] | (typeof wholeSplits)[number];

export interface CheckpointSet extends SetOfClasses {
  readonly set: ImageSet;
  /** The checkpoint's own: what its network was trained with. */
  readonly normalization: Normalization;
  readonly split: SplitName;
  /** The size that images had before their middle was cropped: the shorter side of files, or height and width; null where they were not resized so. */
  readonly shownFrom: string | null;
  /** Whether the network's last layer tells these classes apart. */
  readonly hasClassifier: boolean;
  /** Whether the data is what the network was trained on, to the last bit; null where it is other data by name, or unknown. */
  readonly dataMatchesTraining: boolean | null;
  /** How the set's classes and the classifier's are known to be the same; null where they are not. */
  readonly classesMatchedBy: 'name' | 'number' | null;
  /** How many of the set's classes are called like classes that the network was trained on, also before its own run; null where those have no names. */
  readonly sharedClasses: number | null;
}

/** A checkpoint's folder, or the last checkpoint of a run's folder. Throws InputError of one line. */
export const openCheckpoint = (folder: string): Checkpoint => {
  refuseOther(folder);
  const paths = runPaths(folder);
  const last = checkpointSteps(paths).at(-1);
  const checkpoint = readCheckpoint(last === undefined ? folder : paths.checkpoint(last).folder);
  const before = meantBefore(checkpoint.config.model);
  if (before !== null)
    diagnostics.warn(`${checkpoint.folder}: was written by an older version, in which ${before}`);
  return checkpoint;
};

/** A file, or a sweep's folder, which holds runs. */
function refuseOther(folder: string): void {
  const wanted = 'give a run or a checkpoint, such as runs/<sweep>/<run> or its checkpoints/<step>';
  const isThere = existsSync(folder);
  if (isThere && !isFolder(folder)) throw new InputError(`${folder}: is a file; ${wanted}`);
  if (isThere && existsSync(join(folder, 'sweep.yaml')))
    throw new InputError(`${folder}: is a sweep's folder; ${wanted} ('gcnc runs ${folder}' lists its runs)`);
}

/**
 * The images that a checkpoint is asked about: a split of its own study, or another data set: a name, a file.npz or a folder of
 * images. Throws InputError where they do not fit the network.
 */
export const openCheckpointSet = async (
  checkpoint: Checkpoint,
  asked: { readonly data?: string | undefined; readonly split?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
  defaultSplit: SplitName,
  wantsClassifier = false,
): Promise<CheckpointSet> => {
  const { config, state, folder } = checkpoint;
  if (asked.data === undefined && state.dataChecksum === null)
    throw new InputError(`${folder}: was imported and knows no data; name them with --data`);
  const [height, width] = state.imageShape;
  const options = sourceOptions(environment);
  const name = asked.data ?? config.data.name;
  const { imageSize = height, resize } = config.data;
  const source = openDataSource(name, { ...options, imageSize, resize });
  const isOther = state.dataChecksum === null || !isSameData(name, config.data.name);
  const data = { ...config.data, name, ...(isOther && (await sizesOf(source, imageSize, resize))) };
  // Whatever the current folder holds: a folder called as a known data set is not meant.
  const isPath = !Object.hasOwn(dataSources, name);
  const split = splitOf(asked.split ?? (isOther && isPath ? 'all' : defaultSplit));
  let stored: ImageSet | null;
  let study: StudyData | null = isOther ? null : await loadStudyData(data, options);
  const dataMatchesTraining = study === null ? null : study.checksum === state.dataChecksum;
  if (isStudySplit(split)) {
    const { perClass: _, ...whole } = data;
    study ??= await loadStudyData(isOther ? { ...whole, split: 'auto' } : data, options);
    stored = study[split];
    if (stored === null)
      throw new InputError(
        `--split ${split}: the class split ${study.split} of ${name} has no such classes; allowed are ${present(study).join(', ')}, ${wholeSplits.join(', ')}`,
      );
  } else {
    stored = await source.load(split === 'all' ? 'whole' : split);
  }
  const set = fitImages(stored, state.imageShape);
  const size = `${stored.height}x${stored.width}`;
  const isResized = size !== `${height}x${width}`;
  if (isResized)
    diagnostics.warn(`${name}: images of ${size} are resized to the ${height}x${width} of ${folder}`);
  const matched = matchClasses(set, state.classNames);
  const isSource = split.startsWith('source') || !isStudySplit(split);
  if (matched.difference !== null && isSource && wantsClassifier)
    diagnostics.warn(`loss, accuracy, NC3 and NC4 are not measured: ${matched.difference}`);
  const hasClassifier = matched.difference === null;
  // Numbers tell classes apart in one data set only.
  const isNamed = (hasClassNames(state) && !set.hasNumberedClasses) || dataMatchesTraining === true;
  // Weights that a run began with were trained on classes before its own.
  const behind = classesBehind(checkpoint, isNamed);
  const found = sharedNames(set.classNames, behind.classNames);
  const shared = isNamed && (behind.complete || found.length > 0) ? found : null;
  const isOwn = (names: readonly string[]) => names.every((name) => state.classNames.includes(name));
  return {
    set: matched.set ?? set,
    normalization: state.normalization,
    shownFrom: isResized ? size : (data.resize?.toString() ?? null),
    data: name,
    split,
    hasClassifier,
    dataMatchesTraining,
    classesMatchedBy: hasClassifier ? (isNamed ? 'name' : 'number') : null,
    sharedClasses: shared?.length ?? null,
    noTransfer: isNamed
      ? transferText(shared ?? [], split, set.classNames.length, !isOther && isOwn(shared ?? []))
      : matchedByNumberText(hasClassifier),
  };
};

/** Keys of the data's size for other data than the checkpoint's: files get the network's, and so does what can be drawn at it. */
async function sizesOf(source: DataSource, imageSize: number, resize: number | undefined) {
  if (source.hasImageFiles) return { imageSize, resize };
  const isDrawn = (await source.load('test')).height === imageSize;
  return { imageSize: isDrawn ? imageSize : undefined, resize: undefined };
}

const transferText = (shared: readonly string[], split: SplitName, classes: number, isOwn: boolean) =>
  split.startsWith('source') ? null : sharedText(shared, classes, isOwn);

const present = (study: StudyData): string[] => studySplits.filter((split) => study[split] !== null);

const isStudySplit = (split: SplitName): split is (typeof studySplits)[number] =>
  studySplits.some((each) => each === split);

const splitOf = (asked: string): SplitName => {
  const known = [...studySplits, ...wholeSplits].find((each) => each === asked);
  if (known === undefined)
    throw new InputError(`--split ${asked} is not one of ${[...studySplits, ...wholeSplits].join(', ')}`);
  return known;
};
