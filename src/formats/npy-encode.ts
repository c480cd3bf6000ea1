import { formatShape, type NpyArray, type NumericArray, npyMagic } from './npy.ts';

const descriptors: readonly (readonly [
  string,
  new (length: number) => NumericArray | BigInt64Array | BigUint64Array,
])[] = [
  ['|u1', Uint8Array],
  ['|i1', Int8Array],
  ['<u2', Uint16Array],
  ['<i2', Int16Array],
  ['<u4', Uint32Array],
  ['<i4', Int32Array],
  ['<f4', Float32Array],
  ['<f8', Float64Array],
  ['<i8', BigInt64Array],
  ['<u8', BigUint64Array],
];

/** Writes a .npy file, version 1: little-endian, C order; strings as `<U`. */
export function encodeNpy(array: Omit<NpyArray, 'dtype'>): Uint8Array {
  const { shape, values } = array;
  const count = shape.reduce((product, length) => product * length, 1);
  if (values.length !== count)
    throw new RangeError(`${values.length} values for the shape ${formatShape(shape)}`);
  const { descr, data } = Array.isArray(values)
    ? encodeStrings(values as readonly string[])
    : encodeNumbers(values as NumericArray | BigInt64Array | BigUint64Array);
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const padding = (64 - ((10 + dictionary.length + 1) % 64)) % 64;
  const header = new TextEncoder().encode(`${dictionary}${' '.repeat(padding)}\n`);
  const bytes = new Uint8Array(10 + header.length + data.length);
  bytes.set([...npyMagic, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(header, 10);
  bytes.set(data, 10 + header.length);
  return bytes;
}

function encodeNumbers(values: NumericArray | BigInt64Array | BigUint64Array): {
  descr: string;
  data: Uint8Array;
} {
  const descr = descriptors.find(([, type]) => values instanceof type)![0];
  return { descr, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function encodeStrings(values: readonly string[]): { descr: string; data: Uint8Array } {
  const codePoints = values.map((text) => Array.from(text, (character) => character.codePointAt(0)!));
  const width = Math.max(1, ...codePoints.map((codes) => codes.length));
  const cells = new Uint32Array(values.length * width);
  codePoints.forEach((codes, item) => {
    cells.set(codes, item * width);
  });
  return { descr: `<U${width}`, data: new Uint8Array(cells.buffer) };
}
