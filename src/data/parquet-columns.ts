import { z } from 'zod';
import type { ParquetColumn, ParquetFile } from '../formats/parquet/parquet-file.ts';
import { InputError } from '../input-error.ts';
import { refuseRepeated } from './class-names.ts';

/** Which columns hold the images' files and the labels, and what the labels are called; null without names. */
export interface ImageColumns {
  readonly image: ParquetColumn;
  readonly label: ParquetColumn;
  readonly names: readonly string[] | null;
}

const imageNames = ['image', 'img'];
const labelNames = ['label', 'fine_label', 'labels'];

/** What Hugging Face's `datasets` writes into a file's metadata under `huggingface`. */
const huggingFace = z.object({
  info: z.object({
    features: z.record(z.string(), z.unknown()),
  }),
});
const classLabel = z.object({ _type: z.literal('ClassLabel'), names: z.array(z.string().min(1)).min(1) });

/** Finds the columns by their names, `image` or `img` and `label` or `fine_label`. Throws InputError where none or several could be meant. */
export function imageColumns(parquet: ParquetFile): ImageColumns {
  const { path, columns } = parquet;
  const image = theOne(
    path,
    'image',
    columns,
    imageNames.flatMap((name) => [`${name}.bytes`, name]),
  );
  const label = theOne(path, 'label', columns, labelNames);
  if (image.type !== 'BYTE_ARRAY' || image.isRepeated)
    throw new InputError(
      `${path}: ${image.name}: expected the bytes of image files, found ${image.type} values`,
    );
  const isLabel =
    label.type === 'INT32' || label.type === 'INT64' || (label.type === 'BYTE_ARRAY' && label.isText);
  if (!isLabel || label.isRepeated)
    throw new InputError(
      `${path}: ${label.name}: expected whole numbers or texts, found ${label.type} values`,
    );
  return { image, label, names: label.isText ? null : namesOf(parquet, label.name) };
}

function theOne(
  path: string,
  what: string,
  columns: readonly ParquetColumn[],
  names: readonly string[],
): ParquetColumn {
  const found = columns.filter(({ name }) => names.includes(name));
  const [first, second] = found;
  if (first === undefined)
    throw new InputError(
      `${path}: has no ${what} column; expected one of ${names.join(', ')}, found ${
        columns
          .map(({ name }) => name)
          .slice(0, 8)
          .join(', ') || 'none'
      }`,
    );
  if (second !== undefined)
    throw new InputError(
      `${path}: ${first.name} or ${second.name}? Only one ${what} column can be read; drop the other`,
    );
  return first;
}

/** Class names of a label column; null where the file names none. Throws InputError for metadata that make no sense, and names given twice. */
function namesOf({ path, keyValues }: ParquetFile, label: string): readonly string[] | null {
  const text = keyValues.get('huggingface');
  if (text === undefined) return null;
  let features: unknown;
  try {
    features = huggingFace.parse(JSON.parse(text)).info.features[label];
  } catch {
    throw new InputError(`${path}: its metadata under huggingface are not what datasets writes`);
  }
  const found = classLabel.safeParse(features);
  if (!found.success) return null;
  const { names } = found.data;
  refuseRepeated(names, `${path}: ${label}`);
  return names;
}
