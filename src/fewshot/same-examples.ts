import { InputError } from '../input-error.ts';
import type { IdentityColumn, PerEpisodeTable } from './per-episode-table.ts';

/**
 * What cannot be told about whether two tables are of the same examples, in sentences. Throws InputError where they are of other classes,
 * labels or images.
 */
export function checkExamples(first: PerEpisodeTable, second: PerEpisodeTable): readonly string[] {
  const older = [first, second].filter(({ isOlder }) => isOlder).map(({ path }) => path);
  if (older.length > 0)
    return [
      `${older.join(' and ')}: of an older version, so that classes, labels, images and settings are not known to be the same`,
    ];
  const cells = (column: IdentityColumn): readonly [string, string] => [
    cellOf(first, column),
    cellOf(second, column),
  ];
  const refuse = (what: string): never => {
    throw new InputError(
      `${first.path} and ${second.path} are of different ${what}; only the same examples can be paired`,
    );
  };
  const differs = (column: IdentityColumn): boolean => cells(column)[0] !== cells(column)[1];
  if (differs('labels')) refuse('examples: their labels, in order, differ');
  // Numbers stand for names that a file of embeddings lacks.
  if (differs('classes') && !differs('classNames')) refuse('classes: their names differ');
  if (differs('images') && !cells('images').includes('') && !differs('imageForm')) refuse('images');
  return [
    ...(differs('classes')
      ? ['one of the two has numbers for class names: the classes are not known to be the same']
      : []),
    ...imagesUnknown(cells('images'), cells('imageForm')),
  ];
}

function imagesUnknown(
  images: readonly [string, string],
  forms: readonly [string, string],
): readonly string[] {
  if (images.includes(''))
    return ['embeddings from a file name no images: the images are not known to be the same'];
  if (images[0] === images[1]) return [];
  return [`images of ${forms[0]} and of ${forms[1]}: they are not known to be the same`];
}

/** A cell that all rows of a table share. */
const cellOf = ({ series }: PerEpisodeTable, column: IdentityColumn): string =>
  [...series.values()][0]?.about[column] ?? '';
