import { InputError } from '../input-error.ts';
import { halfToNumber } from './half.ts';

/** One array of a .npy file, in row-major (C) order whatever the file's order was. Booleans are bytes 0 and 1. */
export type NpyArray =
  | {
      readonly shape: readonly number[];
      readonly dtype: 'number';
      readonly values: NumericArray;
      readonly isBoolean?: boolean;
      /** Stored as float16; the values are float32. */
      readonly isHalf?: boolean;
    }
  | {
      readonly shape: readonly number[];
      readonly dtype: 'bigint';
      readonly values: BigInt64Array | BigUint64Array;
    }
  | { readonly shape: readonly number[]; readonly dtype: 'string'; readonly values: readonly string[] };

export type NumericArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export const npyMagic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads a .npy file: versions 1 to 3, little- and big-endian, C and Fortran order; booleans, integers, float16/32/64, and
 * fixed-width strings. `where` names it in errors. Format: NumPy enhancement proposal 1. Throws InputError.
 */
export function parseNpy(bytes: Uint8Array, where: string): NpyArray {
  const { descr, fortranOrder, shape, dataStart } = parseHeader(bytes, where);
  const [, order, kind, width] = /^([<>|=])([a-zA-Z])(\d+)$/.exec(descr) ?? [];
  const read = readers[`${kind}${width}`] ?? readers[String(kind)];
  if (read === undefined)
    throw new InputError(
      `${where}: arrays of dtype ${descr} are not read; allowed are booleans, integers, floats and fixed-width strings`,
    );
  const itemBytes = kind === 'U' ? Number(width) * 4 : Number(width);
  const count = shape.reduce((product, length) => product * length, 1);
  // Items without bytes would cost memory that no file size bounds.
  if (itemBytes === 0 && count > 0)
    throw new InputError(
      `${where}: ${count} items of dtype ${descr}, which has no bytes; allowed are strings of width 1 and more`,
    );
  const needed = count * itemBytes;
  const present = bytes.length - dataStart;
  if (!Number.isSafeInteger(needed) || needed !== present)
    throw new InputError(
      `${where}: the header says ${descr} ${formatShape(shape)}, ${needed} bytes; the file holds ${present}`,
    );
  // A copy, so that typed arrays start at an aligned address.
  const data = Uint8Array.from(bytes.subarray(dataStart));
  if (order === '>' && kind !== 'S') swapBytes(data, kind === 'U' ? 4 : itemBytes);
  const flat = read(data, count, Number(width));
  return fortranOrder && shape.length > 1 ? toRowMajor(flat, shape) : { ...flat, shape };
}

export const formatShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

type Flat =
  | {
      readonly dtype: 'number';
      readonly values: NumericArray;
      readonly isBoolean?: boolean;
      readonly isHalf?: boolean;
    }
  | { readonly dtype: 'bigint'; readonly values: BigInt64Array | BigUint64Array }
  | { readonly dtype: 'string'; readonly values: readonly string[] };

type Reader = (data: Uint8Array<ArrayBuffer>, count: number, width: number) => Flat;

const number =
  (make: (data: Uint8Array<ArrayBuffer>) => NumericArray): Reader =>
  (data) => ({ dtype: 'number', values: make(data) });

/** By kind and bytes an item; U and S are of any width. */
const readers: Readonly<Record<string, Reader>> = {
  b1: (data) => ({ dtype: 'number', isBoolean: true, values: data.map((byte) => (byte === 0 ? 0 : 1)) }),
  u1: number((data) => data),
  i1: number((data) => new Int8Array(data.buffer)),
  u2: number((data) => new Uint16Array(data.buffer)),
  i2: number((data) => new Int16Array(data.buffer)),
  u4: number((data) => new Uint32Array(data.buffer)),
  i4: number((data) => new Int32Array(data.buffer)),
  u8: (data) => ({ dtype: 'bigint', values: new BigUint64Array(data.buffer) }),
  i8: (data) => ({ dtype: 'bigint', values: new BigInt64Array(data.buffer) }),
  f2: (data) => ({
    dtype: 'number',
    isHalf: true,
    values: Float32Array.from(new Uint16Array(data.buffer), halfToNumber),
  }),
  f4: number((data) => new Float32Array(data.buffer)),
  f8: number((data) => new Float64Array(data.buffer)),
  U: (data, count, width) => {
    const codes = new Uint32Array(data.buffer);
    return strings(count, width, (at) =>
      codes[at]! <= 0x10ffff ? String.fromCodePoint(codes[at]!) : '\ufffd',
    );
  },
  S: (data, count, width) => {
    const text = new TextDecoder('utf-8');
    const values = Array.from({ length: count }, (_, item) =>
      text.decode(data.subarray(item * width, (item + 1) * width)).replace(/\0+$/, ''),
    );
    return { dtype: 'string', values };
  },
};

function strings(count: number, width: number, characterAt: (at: number) => string): Flat {
  const values = Array.from({ length: count }, (_, item) => {
    let text = '';
    for (let k = 0; k < width; k++) text += characterAt(item * width + k);
    return text.replace(/\0+$/, '');
  });
  return { dtype: 'string', values };
}

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataStart: number;
}

function parseHeader(bytes: Uint8Array, where: string): Header {
  if (!npyMagic.every((byte, i) => bytes[i] === byte)) throw new InputError(`${where}: is no .npy array`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (bytes[6] ?? 0) >= 2;
  const start = wide ? 12 : 10;
  if (bytes.length < start) throw new InputError(`${where}: ends within its header`);
  const dataStart = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (dataStart > bytes.length) throw new InputError(`${where}: ends within its header`);
  const text = new TextDecoder('utf-8').decode(bytes.subarray(start, dataStart));
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]+)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const dimensions = /['"]shape['"]\s*:\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || dimensions === undefined)
    throw new InputError(
      `${where}: the header has no dtype, order and shape that are read (${text
        .trim()
        .slice(0, 80)
        .replace(/\p{Cc}/gu, '?')})`,
    );
  const shape = dimensions
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => Number.parseInt(part, 10));
  return { descr, fortranOrder: order === 'True', shape, dataStart };
}

function swapBytes(data: Uint8Array, itemBytes: number): void {
  for (let at = 0; at < data.length; at += itemBytes) data.subarray(at, at + itemBytes).reverse();
}

/** Reorders from first-index-fastest to last-index-fastest. */
function toRowMajor(flat: Flat, shape: readonly number[]): NpyArray {
  const count = flat.values.length;
  const from = new Float64Array(count);
  const strides = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, length) => product * length, 1),
  );
  const index = new Array<number>(shape.length).fill(0);
  let source = 0;
  for (let to = 0; to < count; to++) {
    from[to] = source;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      source += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      source -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  if (flat.dtype === 'string') return { ...flat, shape, values: Array.from(from, (at) => flat.values[at]!) };
  if (flat.dtype === 'bigint')
    return { ...flat, shape, values: flat.values.map((_, to) => flat.values[from[to]!]!) };
  return { ...flat, shape, values: flat.values.map((_: number, to: number) => flat.values[from[to]!]!) };
}
