import { episodeSets } from '../config/fewshot-schema.ts';
import type { RunConfig } from '../config/schema.ts';
import type { SourceOptions } from '../data/data-source.ts';
import type { ImageSet, StudyData } from '../data/image-set.ts';
import { isOwnTarget, loadTargets, type Targets } from '../data/targets.ts';

type Config = Pick<RunConfig, 'data' | 'measure' | 'fewshot'>;

/** The images of every target that the config names; those that it does not name are the study's own. Throws InputError of one line. */
export const namedTargets = async (
  { data, measure, fewshot }: Config,
  study: StudyData,
  imageShape: readonly number[],
  options: Omit<SourceOptions, 'imageSize' | 'resize'>,
): Promise<Targets> => {
  const ofMeasure = await loadTargets(
    'measure.targets',
    measure.targets ?? [],
    study,
    data,
    imageShape,
    options,
  );
  const others = (fewshot.targets ?? []).filter((name) => !ofMeasure.has(name));
  const ofFewshot = await loadTargets('fewshot.targets', others, study, data, imageShape, options);
  return new Map([...ofMeasure, ...ofFewshot]);
};

/** What is measured beside the source, in the config's order; as before there were targets where it names none. */
export const measuredSets = (config: Config, study: StudyData, targets: Targets): Targets =>
  setsOf(measuredNames(config), study, targets);

/** What episodes are drawn from. */
export const fewshotSets = (config: Config, study: StudyData, targets: Targets): Targets =>
  setsOf(episodeSets(config.fewshot), study, targets);

const measuredNames = ({ measure, fewshot }: Config): readonly string[] =>
  measure.targets ?? (fewshot.split === 'validation' ? ['validation', 'target'] : ['target']);

/** All that is measured beside the source or that episodes are drawn from. */
export const heldOutNames = (config: Config): readonly string[] => [
  ...new Set([...measuredNames(config), ...episodeSets(config.fewshot)]),
];

export const heldOutSets = (config: Config, study: StudyData, targets: Targets): Targets =>
  setsOf(heldOutNames(config), study, targets);

/** Held-out classes that the config does not name may be missing: there is nothing to measure then. */
const setsOf = (names: readonly string[], study: StudyData, targets: Targets): Targets => {
  const found = names.map((name): [string, ImageSet | null | undefined] => [
    name,
    targets.get(name) ?? (isOwnTarget(name) ? study[name] : undefined),
  ]);
  return new Map(found.filter((pair): pair is [string, ImageSet] => pair[1] != null));
};
