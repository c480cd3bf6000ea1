import type { RunConfig } from '../config/schema.ts';
import { dataSources } from '../data/sources.ts';
import { shippedSplits } from '../data/splits.ts';
import { isOwnTarget } from '../data/targets.ts';
import { contentDigest } from '../files/content-digest.ts';
import { InputError } from '../input-error.ts';
import { checkpointPaths } from '../runs/paths.ts';

/** SHA-256 of what each path in a run's config holds, by the path as it is written. */
export type Contents = NonNullable<RunConfig['contents']>;

/** The paths that a run's config gives, as they are written: data, class split, first weights, targets. Names that the program knows are none. */
export const pathsIn = (config: RunConfig): readonly string[] => keyedPaths(config).map(({ path }) => path);

const keyedPaths = ({ data, model, measure, fewshot }: RunConfig) => {
  const isKnown = (name: string): boolean => Object.hasOwn(dataSources, name.split('/', 1)[0]!);
  const isKnownSplit = (name: string): boolean =>
    name === 'auto' || name === 'none' || Object.hasOwn(shippedSplits, name);
  const given = (key: string, paths: readonly string[]) => paths.map((path) => ({ key, path }));
  const targets = (key: string, names: readonly string[] = []) =>
    given(
      key,
      names.filter((name) => !isOwnTarget(name) && !isKnown(name)),
    );
  return [
    ...given('data.name', Object.hasOwn(dataSources, data.name) ? [] : [data.name]),
    ...given('data.split', isKnownSplit(data.split) ? [] : [data.split]),
    ...given('model.weights', model.weights === undefined ? [] : [model.weights]),
    ...targets('measure.targets', measure.targets),
    ...targets('fewshot.targets', fewshot.targets),
  ];
};

/** The digest of what a key's path holds. Throws InputError that names the key. */
function digestOf(key: string, path: string, cacheFolder: string | null): string | null {
  try {
    return contentDigest(path, cacheFolder, undefined, key === 'model.weights' ? checkpointFiles : null);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${key}: ${error.message}; give a path that can be read`, {
      code: 'bad-value',
      key,
    });
  }
}

/** What training and imports write into a checkpoint's folder. Commands add embeddings and a page, which change no weights. */
const checkpointFiles: readonly string[] = (({ config, weights, optimizer, state }) => [
  config,
  weights,
  optimizer,
  state,
])(checkpointPaths(''));

/** The contents of the paths in configs, each path read once. A path where nothing is has none: whoever opens it says so. */
export const contentsReader = (cacheFolder: string | null): ((config: RunConfig) => Contents) => {
  const known = new Map<string, string | null>();
  return (config) => {
    const found = keyedPaths(config).flatMap(({ key, path }) => {
      const place = `${key === 'model.weights'} ${path}`;
      if (!known.has(place)) known.set(place, digestOf(key, path, cacheFolder));
      const digest = known.get(place)!;
      return digest === null ? [] : [[path, digest] as const];
    });
    return Object.fromEntries(found);
  };
};

/** What a version before 2026-11-26 recorded of the same config: of first weights the whole folder; null where there are none. */
export const formerContentsReader = (
  cacheFolder: string | null,
): ((config: Pick<RunConfig, 'model' | 'contents'>) => Contents | null) => {
  const known = new Map<string, string | null>();
  return ({ model: { weights }, contents }) => {
    if (weights === undefined) return null;
    if (!known.has(weights)) known.set(weights, contentDigest(weights, cacheFolder));
    const digest = known.get(weights)!;
    return digest === null ? null : { ...contents, [weights]: digest };
  };
};

/** Throws InputError where a path holds something else than when the run was planned: the run's name would belong to other data. */
export const requireContents = (config: RunConfig, cacheFolder: string | null): void => {
  const now = contentsReader(cacheFolder)(config);
  const formerOf = formerContentsReader(cacheFolder);
  const isFormer = (path: string, digest: string): boolean =>
    path === config.model.weights && formerOf(config)?.[path] === digest;
  for (const [path, digest] of Object.entries(config.contents ?? {}))
    if (now[path] !== undefined && now[path] !== digest && !isFormer(path, digest))
      throw new InputError(
        `${path}: holds something else than when the run was planned (SHA-256 ${now[path].slice(0, 12)}, not ${digest.slice(0, 12)}); call gcnc sweep again, which makes a new run`,
      );
};
