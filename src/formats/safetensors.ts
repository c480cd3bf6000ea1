import { InputError } from '../input-error.ts';
import { halfToNumber } from './half.ts';
import { printable } from './printable.ts';

/** Types that are read; `F32` and `I64` are written. */
const bytesOf = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
type StoredType = keyof typeof bytesOf;

export interface StoredTensor {
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array;
}

/** Headers of 100,000 tensors are smaller; a parsed one takes many times its bytes. */
const headerLimitBytes = 16_000_000;

/** A safetensors file (https://huggingface.co/docs/safetensors): 8 bytes of header length, JSON header, data. */
export const encodeSafetensors = (
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array => {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let size = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [size, size + bytes.length] };
    size += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  // Readers map the data: it starts at a multiple of 8.
  const padded = Math.ceil(json.length / 8) * 8;
  const file = Buffer.alloc(8 + padded + size, ' ');
  file.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(file, 8);
  let at = 8 + padded;
  for (const { bytes } of tensors.values()) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
};

/** Reads a file's bytes; tensors share its memory. Throws InputError of one line that names `path`. */
export const decodeSafetensors = (file: Uint8Array, path: string): ReadonlyMap<string, StoredTensor> => {
  const fail = (why: string): never => {
    throw new InputError(`${path}: not a safetensors file, or a damaged one: ${why}`);
  };
  if (file.length < 8) return fail(`${file.length} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const declared = view.getBigUint64(0, true);
  if (declared > BigInt(headerLimitBytes) || declared + 8n > BigInt(file.length)) {
    return fail(`a header of ${declared} bytes is announced in a file of ${file.length}`);
  }
  const dataStart = 8 + Number(declared);
  const header = parseHeader(file.subarray(8, dataStart), fail);
  const tensors = new Map<string, StoredTensor>();
  const ranges: { readonly start: number; readonly end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, start, end } = checkedEntry(name, entry, file.length - dataStart, fail);
    tensors.set(name, { dtype, shape, bytes: file.subarray(dataStart + start, dataStart + end) });
    ranges.push({ start, end });
  }
  // The format allows neither holes nor overlaps.
  let covered = 0;
  for (const { start, end } of ranges.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered) return fail(`its tensors overlap or leave a hole at byte ${covered}`);
    covered = end;
  }
  if (covered !== file.length - dataStart) return fail(`bytes beyond ${covered} belong to no tensor`);
  return tensors;
};

const parseHeader = (bytes: Uint8Array, fail: (why: string) => never): Record<string, unknown> => {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('its header is no JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return fail('its header is no JSON object');
  return header as Record<string, unknown>;
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const checkedEntry = (name: string, entry: unknown, dataSize: number, fail: (why: string) => never) => {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesOf, dtype))
    return fail(
      `tensor ${printable(name)} has the type ${typeof dtype === 'string' ? printable(dtype) : typeof dtype}; allowed are ${Object.keys(bytesOf).join(', ')}`,
    );
  if (!Array.isArray(shape) || !shape.every(isCount))
    return fail(`tensor ${printable(name)} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return fail(`tensor ${printable(name)} has no valid offsets`);
  const [start, end] = offsets as [number, number];
  const size = shape.reduce((product: number, side: number) => product * side, bytesOf[dtype as StoredType]);
  if (start > end || end > dataSize)
    return fail(`tensor ${printable(name)} lies at bytes ${start} to ${end} of ${dataSize}`);
  if (end - start !== size)
    return fail(
      `tensor ${printable(name)} of shape [${shape.slice(0, 8)}] has ${end - start} bytes, not ${size}`,
    );
  return { dtype: dtype as StoredType, shape: shape as number[], start, end };
};

/** The values as float32, rounded where they are wider. */
export const toFloat32 = ({ dtype, bytes }: StoredTensor): Float32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = bytes.length / bytesOf[dtype];
  const read: Record<StoredType, (at: number) => number> = {
    F32: (at) => view.getFloat32(4 * at, true),
    F64: (at) => view.getFloat64(8 * at, true),
    F16: (at) => halfToNumber(view.getUint16(2 * at, true)),
    BF16: (at) => bfloatToNumber(view.getUint16(2 * at, true)),
    I64: (at) => Number(view.getBigInt64(8 * at, true)),
    I32: (at) => view.getInt32(4 * at, true),
    I16: (at) => view.getInt16(2 * at, true),
    I8: (at) => view.getInt8(at),
    U8: (at) => view.getUint8(at),
    BOOL: (at) => view.getUint8(at),
  };
  const valueAt = read[dtype];
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = valueAt(i);
  return values;
};

const word = new DataView(new ArrayBuffer(4));
const bfloatToNumber = (bits: number): number => {
  word.setUint16(2, bits, true);
  word.setUint16(0, 0, true);
  return word.getFloat32(0, true);
};

export const float32Tensor = (shape: readonly number[], values: Float32Array): StoredTensor => ({
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

export const int64Scalar = (value: number): StoredTensor => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return { dtype: 'I64', shape: [], bytes };
};
