import { InputError } from '../input-error.ts';
import { type PickleGlobal, pickleText, type TakesState } from './pickle.ts';

/** A NumPy array as it stands in a pickle. */
export interface PickledArray {
  /** NumPy's letters and bytes, for example u1 or i8. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Row-major, little-endian; a view of the file, or a copy in proportion to it. */
  readonly data: Uint8Array;
}

class Dtype implements TakesState {
  readonly letters: string;
  bigEndian = false;
  constructor(letters: string) {
    this.letters = letters;
  }
  setState(state: unknown): void {
    this.bigEndian = Array.isArray(state) && pickleText(state[1]) === '>';
  }
}

class ArrayInMaking implements TakesState {
  array: PickledArray | undefined;
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }
  /** (version, shape, dtype, is Fortran's order, bytes). */
  setState(state: unknown): void {
    const [, shape, dtype, isFortran, bytes] = Array.isArray(state) ? state : [];
    this.array = checkedArray(shape, dtype, isFortran === true || isFortran === 1, bytes, this.#path);
  }
}

const itemBytes = (letters: string): number => Number(letters.slice(1));

function checkedArray(
  shape: unknown,
  dtype: unknown,
  isFortran: boolean,
  bytes: unknown,
  path: string,
): PickledArray {
  const fail = (why: string): never => {
    throw new InputError(`${path}: a NumPy array in the pickle: ${why}`);
  };
  if (!(dtype instanceof Dtype) || !/^[uifb][1248]$/.test(dtype.letters))
    return fail('its type is not one of integers, floats or booleans');
  if (!Array.isArray(shape) || !shape.every((side) => Number.isSafeInteger(side) && side >= 0))
    return fail('it has no valid shape');
  if (!(bytes instanceof Uint8Array)) return fail('it has no bytes');
  const size = shape.reduce((product: number, side: number) => product * side, itemBytes(dtype.letters));
  if (size !== bytes.length)
    return fail(`shape [${shape}] of ${dtype.letters} takes ${size} bytes, ${bytes.length} are there`);
  if (dtype.bigEndian && itemBytes(dtype.letters) > 1) return fail('big-endian numbers are not read');
  if (isFortran && shape.length > 1)
    return fail("it is in Fortran's order; store np.ascontiguousarray of it");
  return { dtype: dtype.letters, shape, data: bytes };
}

/** The array that a pickled value is, or undefined. */
export const pickledArray = (value: unknown): PickledArray | undefined =>
  value instanceof ArrayInMaking ? value.array : undefined;

const named = (name: string, call?: PickleGlobal['call']): readonly [string, PickleGlobal] => [
  name,
  call === undefined ? { name } : { name, call },
];

/**
 * The globals that pickles of NumPy arrays, bytes and ordered dicts name, of NumPy 1 and 2 and of Python 2 and 3. Text that is
 * turned into bytes may in all be eight times as long as the file: a short file that repeats one text takes no memory.
 */
export function numpyGlobals(fileBytes: number, path: string): (name: string) => PickleGlobal | undefined {
  let left = 8 * fileBytes;
  const spend = (bytes: number): void => {
    left -= bytes;
    if (left < 0) throw new InputError(`${path}: the pickle makes more than it holds`);
  };
  const encode = ([text, encoding]: readonly unknown[]): Uint8Array => {
    const chosen = pickleText(encoding);
    if (typeof text !== 'string' || (chosen !== 'latin1' && chosen !== 'latin-1'))
      throw new InputError(`${path}: the pickle encodes text as something else than latin1`);
    spend(text.length);
    return Buffer.from(text, 'latin1');
  };
  const makeArray = () => new ArrayInMaking(path);
  const fromBuffer = ([bytes, dtype, shape, order]: readonly unknown[]): ArrayInMaking => {
    const made = makeArray();
    made.setState([1, shape, dtype, pickleText(order) === 'F', bytes]);
    return made;
  };
  const scalar = ([dtype, bytes]: readonly unknown[]): number => {
    const { dtype: letters, data } = checkedArray([], dtype, false, bytes, path);
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const read: Readonly<Record<string, () => number>> = {
      u1: () => view.getUint8(0),
      b1: () => view.getUint8(0),
      i1: () => view.getInt8(0),
      u2: () => view.getUint16(0, true),
      i2: () => view.getInt16(0, true),
      u4: () => view.getUint32(0, true),
      i4: () => view.getInt32(0, true),
      u8: () => Number(view.getBigUint64(0, true)),
      i8: () => Number(view.getBigInt64(0, true)),
      f4: () => view.getFloat32(0, true),
      f8: () => view.getFloat64(0, true),
    };
    return (
      read[letters] ??
      (() => {
        throw new InputError(`${path}: a NumPy scalar of type ${letters}`);
      })
    )();
  };
  const table = new Map([
    named('numpy.ndarray'),
    named('numpy.dtype', ([letters]) => new Dtype(pickleText(letters) ?? '')),
    named('_codecs.encode', encode),
    named('collections.OrderedDict', (args) => {
      const made = orderedDict(args, path);
      spend(8 * made.size);
      return made;
    }),
    ...['numpy.core', 'numpy._core'].flatMap((core) => [
      named(`${core}.multiarray._reconstruct`, makeArray),
      named(`${core}.multiarray.scalar`, scalar),
      named(`${core}.numeric._frombuffer`, fromBuffer),
    ]),
    ...['__builtin__', 'builtins'].flatMap((module) => [
      named(`${module}.bytes`, ([first]) => (first === undefined ? new Uint8Array(0) : refuse(path))),
    ]),
  ]);
  return (name) => table.get(name);
}

function refuse(path: string): never {
  throw new InputError(`${path}: the pickle makes bytes of something else than text`);
}

function orderedDict([pairs = []]: readonly unknown[], path: string): Map<unknown, unknown> {
  const isRight = Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
  if (!isRight) throw new InputError(`${path}: an OrderedDict of something else than pairs`);
  return new Map((pairs as [unknown, unknown][]).map(([key, value]) => [pickleText(key) ?? key, value]));
}
