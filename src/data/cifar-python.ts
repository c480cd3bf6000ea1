import { readBytes } from '../files/open-file.ts';
import { pickleText, readPickle } from '../formats/pickle.ts';
import { numpyGlobals, type PickledArray, pickledArray } from '../formats/pickle-numpy.ts';
import { InputError } from '../input-error.ts';

/** One file of CIFAR's Python version: rows of 3072 bytes (red, green and blue planes of 32x32) and one label per row. */
export interface PythonBatch {
  readonly rows: Uint8Array;
  readonly labels: Int32Array;
}

/** Reads a pickled dict with `data`, uint8 [N, 3072], and `labelKey`, N integers below `classes`. Throws InputError. */
export function readPythonBatch(
  path: string,
  labelKey: string,
  classes: number,
  rowBytes: number,
): PythonBatch {
  const batch = readDict(path);
  const data = pickledArray(batch.get('data'));
  if (data === undefined || data.dtype !== 'u1' || data.shape.length !== 2 || data.shape[1] !== rowBytes)
    throw new InputError(`${path}: data: expected uint8 [N, ${rowBytes}], found ${shapeOf(data)}`);
  const labels = labelsOf(batch.get(labelKey), `${path}: ${labelKey}`);
  const count = data.shape[0]!;
  if (count === 0) throw new InputError(`${path}: data: expected images, found none`);
  if (labels.length !== count)
    throw new InputError(
      `${path}: ${labelKey}: expected ${count} labels, one per image, found ${labels.length}`,
    );
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0)
    throw new InputError(
      `${path}: ${labelKey}: expected labels below ${classes}, found ${labels[wrong]} at ${wrong}`,
    );
  return { rows: data.data, labels };
}

/** The class names of a pickled dict's `key`. */
export function readPythonNames(path: string, key: string): readonly string[] {
  const names = readDict(path).get(key);
  const texts = Array.isArray(names) ? names.map(pickleText) : [];
  if (texts.length === 0 || texts.some((text) => text === undefined || text === ''))
    throw new InputError(`${path}: ${key}: expected a list of class names`);
  return texts as string[];
}

function readDict(path: string): ReadonlyMap<unknown, unknown> {
  const bytes = readBytes(path);
  const content = readPickle(bytes, path, { globalOf: numpyGlobals(bytes.length, path) });
  if (content instanceof Map) return content;
  throw new InputError(`${path}: expected a pickled dict, found another value`);
}

const shapeOf = (data: PickledArray | undefined): string =>
  data === undefined ? 'no array' : `${data.dtype} [${data.shape.join(', ')}]`;

const integerTypes = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
} as const;

/** A list of integers, or an array of any integer type. */
function labelsOf(value: unknown, where: string): Int32Array {
  const array = pickledArray(value);
  const list = array === undefined ? value : arrayValues(array, where);
  if (!Array.isArray(list) || !list.every((label) => Number.isInteger(label) && Math.abs(label) < 2 ** 31))
    throw new InputError(`${where}: expected a list of integers`);
  return Int32Array.from(list);
}

function arrayValues({ dtype, data, shape }: PickledArray, where: string): number[] {
  const type = integerTypes[dtype as keyof typeof integerTypes];
  if (type === undefined || shape.length !== 1)
    throw new InputError(`${where}: expected [N] integers, found ${dtype} [${shape.join(', ')}]`);
  // A copy, because a view of the file need not start at a multiple of the size; slice() of a Buffer is no copy.
  return Array.from(new type(Uint8Array.from(data).buffer), Number);
}
