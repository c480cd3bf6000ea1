import { resolve } from 'node:path';
import type { RunConfig } from '../config/schema.ts';
import { diagnostics } from '../diagnostics.ts';
import { InputError } from '../input-error.ts';
import { sharedNames } from './class-names.ts';
import type { SourceOptions } from './data-source.ts';
import { fitImages } from './fit-images.ts';
import type { ImageSet, StudyData } from './image-set.ts';
import { warnOfRepeatedImages } from './repeated-images.ts';
import { classSizes, takeExamples } from './selection.ts';
import { dataSources, openDataSource } from './sources.ts';
import { loadStudyData } from './study.ts';

/** Sets of images that a network was not trained on, by their names in the config. */
export type Targets = ReadonlyMap<string, ImageSet>;

type Options = Omit<SourceOptions, 'imageSize' | 'resize'>;

/** Parts of a named data set that a target may be: `mnist/test`; all of its images where no part is named. */
const parts = ['train', 'test', 'validation', 'target'] as const;
type Part = (typeof parts)[number];

/** The held-out classes of the study itself. */
const ownTargets = ['target', 'validation'] as const;
export const isOwnTarget = (name: string): name is (typeof ownTargets)[number] =>
  ownTargets.some((each) => each === name);

/**
 * The images of each target: `target` and `validation` are the study's held-out classes, all others are of another data set: a name, a part of
 * it, a file.npz or a folder of images, fitted to the network. Throws InputError of one line, which begins with `key`.
 */
export const loadTargets = async (
  key: string,
  names: readonly string[],
  study: StudyData,
  data: RunConfig['data'],
  imageShape: readonly number[],
  options: Options,
): Promise<Targets> => {
  const found = new Map<string, ImageSet>();
  for (const name of names)
    try {
      const set = isOwnTarget(name)
        ? ownTarget(name, study)
        : await otherTarget(name, study, data, imageShape, options);
      found.set(name, set);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${key}: ${error.message.replace(/^data\.(name|imageSize): /, '')}`, {
        ...error.details,
        key,
      });
    }
  const others = [...found].filter(([name]) => !isOwnTarget(name));
  if (!options.listOnly && others.length > 0)
    warnOfRepeatedImages(study.sourceTrain, Object.fromEntries(others));
  return found;
};

const ownTarget = (name: 'target' | 'validation', study: StudyData): ImageSet => {
  const set = study[name];
  if (set === null)
    throw new InputError(
      `${name}: the class split ${study.split} of ${study.name} has no ${name} classes; leave it out, or give a data.split that has some`,
    );
  return set;
};

const otherTarget = async (
  name: string,
  study: StudyData,
  data: RunConfig['data'],
  imageShape: readonly number[],
  options: Options,
): Promise<ImageSet> => {
  const [dataSet, part] = partOf(name);
  const [height] = imageShape as [number];
  // A folder that is listed only is black, one pixel per image: its run decodes it.
  const side = options.listOnly ? 1 : height;
  const source = openDataSource(dataSet, {
    ...options,
    imageSize: side,
    resize: options.listOnly ? undefined : data.resize,
  });
  const load = async (): Promise<ImageSet> => {
    if (part === undefined) return source.load('whole');
    if (part === 'train' || part === 'test') return source.load(part);
    const { perClass: _, imageSize: __, resize: ___, ...plain } = data;
    // Images that are drawn are drawn at the network's size; others have their own.
    const isDrawn = !options.listOnly && (await source.load('test')).height === height;
    const imageSize = isDrawn ? height : undefined;
    return ownTarget(
      part,
      await loadStudyData({ ...plain, imageSize, name: dataSet, split: 'auto' }, options),
    );
  };
  const set = await load();
  const empty = classSizes(set).indexOf(0);
  if (empty >= 0)
    throw new InputError(`${name}: class ${set.classNames[empty]} has no images; leave its name out`);
  checkClasses(name, set, study, isSameData(dataSet, study.name));
  const named = { ...set, name };
  if (!options.listOnly) return fitImages(named, imageShape);
  // Plans need to know that the images fit, and how many there are.
  fitImages(takeExamples(named, [0]), imageShape);
  return named;
};

const partOf = (name: string): readonly [string, Part | undefined] => {
  if (Object.hasOwn(dataSources, name)) return [name, undefined];
  const slash = name.indexOf('/');
  const dataSet = name.slice(0, slash);
  if (slash < 0 || !Object.hasOwn(dataSources, dataSet)) return [name, undefined];
  const part = parts.find((each) => each === name.slice(slash + 1));
  if (part === undefined)
    throw new InputError(`${name}: ${dataSet} has no such part; allowed are ${parts.join(', ')}`);
  return [dataSet, part];
};

/** Whether two names, as `data.name` and `--data` take them, mean one data set: a path may be spelled in several ways. */
export const isSameData = (one: string, other: string): boolean =>
  one === other ||
  (!Object.hasOwn(dataSources, one) && !Object.hasOwn(dataSources, other) && resolve(one) === resolve(other));

/** Images that the network was trained on are no target; classes of other data may be called as the source's are, by chance or not. */
const checkClasses = (name: string, set: ImageSet, { sourceTrain }: StudyData, isSame: boolean): void => {
  const shared = sharedNames(set.classNames, sourceTrain.classNames);
  if (shared.length === 0) {
    if ((set.hasNumberedClasses || sourceTrain.hasNumberedClasses) && !isSame)
      diagnostics.warn(
        `${name}: ${set.hasNumberedClasses ? 'its classes have' : 'the classes that the network is trained on have'} numbers and no names; where they are the same, this is no transfer`,
      );
    return;
  }
  const some = someOf(shared);
  if (isSame)
    throw new InputError(
      `${name}: the network is trained on its classes ${some}; the held-out classes are target and validation`,
    );
  diagnostics.warn(
    `${name}: its classes ${some} are called like classes that the network is trained on; where they are the same, this is no transfer`,
  );
};

/** Which sets have classes that are called like those that a run's first weights were trained on: a line each. */
export const earlierClassesLines = (
  earlier: readonly string[],
  sets: ReadonlyMap<string, Pick<ImageSet, 'classNames'>>,
): readonly string[] =>
  [...sets].flatMap(([name, { classNames }]) => {
    const shared = sharedNames(classNames, earlier);
    return shared.length === 0
      ? []
      : [
          `${name}: its classes ${someOf(shared)} are called like classes that model.weights was trained on; where they are the same, this is no transfer`,
        ];
  });

const someOf = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` (${names.length} in all)` : ''}`;
