import { digestAtShots, episodeDigest } from './episode-digest.ts';
import type { EvalInput, EvalResult, Evaluated } from './eval-record.ts';
import { examplesIdentity } from './examples-identity.ts';

/** The columns of `--per-episode` that tables of older versions have too. */
export const firstColumns = ['evaluated', 'list', 'episode', 'shots', 'readout', 'accuracy'] as const;
/** Columns that say which examples and episodes a row is of. */
export const identityColumns = [
  ...['shotsList', 'classes', 'classNames', 'labels', 'images', 'imageForm'],
] as const;
/** Columns that say how it was evaluated. */
export const settingColumns = [
  ...['data', 'split', 'layer', 'pooling', 'dimension', 'precision', 'centre', 'normalize'],
  ...['augmentedSupports', 'regularization'],
] as const;
/** 1 where the episode's fit ended before its minimum, else 0; older tables lack it. */
export const unconvergedColumn = 'unconverged';

type Cell = string | number | boolean | null;

/**
 * One row per episode, number of shots and readout: the table of `--per-episode`, which `gcnc compare` reads. `list` names the list of
 * episodes and `shotsList` its part for the row's number of shots; null stands for what is not known.
 */
export function perEpisodeRows(
  evaluated: string,
  { embeddings, images }: Pick<EvalInput, 'embeddings' | 'images'>,
  { record, episodes }: Evaluated,
): Readonly<Record<string, Cell>>[] {
  if (episodes === null) return [];
  const { list, perEpisode } = episodes;
  const { classes, isNumbered, labels } = examplesIdentity(embeddings);
  const examples = {
    ...{ classes, classNames: isNumbered ? 'numbers' : 'names', labels },
    ...{ images: images?.digest ?? null, imageForm: images?.form ?? null },
  };
  const digest = episodeDigest(list);
  return perEpisode.flatMap(({ shots, readout, accuracies, unconvergedEpisodes }) => {
    const result = record.results.find((each) => each.shots === shots && each.readout === readout)!;
    const common = {
      ...{ shotsList: digestAtShots(list, shots), ...examples },
      // A file of embeddings is named by `evaluated`; its images are unknown.
      ...{ data: record.checkpoint === null ? null : record.data, split: record.split },
      ...settingsOf(result),
    };
    return Array.from(accuracies, (accuracy, episode) => ({
      ...{ evaluated, list: digest, episode, shots, readout, accuracy, ...common },
      [unconvergedColumn]: unconvergedEpisodes[episode]!,
    }));
  });
}

const settingsOf = (result: EvalResult): Readonly<Record<string, Cell>> => {
  const { layer, pooling = null, dimension, precision, centre, normalize } = result;
  const { augmentedSupports = 0, regularization } = result;
  const options = Object.entries(regularization ?? {}).map(([name, value]) => `${name} = ${value}`);
  return {
    ...{ layer, pooling, dimension, precision, centre, normalize, augmentedSupports },
    regularization: options.join('; '),
  };
};
