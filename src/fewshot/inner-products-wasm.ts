/**
 * The one inner loop that plain JavaScript runs too slowly (V8 has no vector registers; measured 4x): inner products of four rows
 * with two others, in float64, as a WebAssembly module assembled here.
 *
 *     block(x0, x1, x2, x3, w0, w1, bytes, out): out[4 j + i] = x_i . w_j for rows of `bytes` bytes, a multiple of 32
 *
 * Opcodes: WebAssembly core specification 2.0, binary format, section 5.4.
 */
const localGet = 0x20;
const localSet = 0x21;
const localTee = 0x22;
const i32Const = 0x41;
const i32Add = 0x6a;
const i32Below = 0x49;
const branchIf = 0x0d;
const end = 0x0b;
const loop = [0x03, 0x40];
const f64Add = 0xa0;
const f64Store = (offset: number) => [0x39, 3, offset];
const vectorLoad = (offset: number) => [0xfd, 0, 3, offset];
const vectorAdd = [0xfd, 0xf0, 0x01];
const vectorMultiply = [0xfd, 0xf2, 0x01];
const extractLane = (lane: number) => [0xfd, 0x21, lane];
const i32 = 0x7f;
const v128 = 0x7b;

const parameters = 8;
const bytes = 6;
const out = 7;
const position = 8;
const operand = (row: number) => 9 + row;
const sum = (i: number, j: number) => 15 + 4 * j + i;

/** Adds to the eight sums the products of the two columns `offset` bytes after the position. */
const accumulate = (offset: number): number[] => [
  ...[0, 1, 2, 3, 4, 5].flatMap((row) => [
    ...[localGet, row, localGet, position, i32Add],
    ...[...vectorLoad(offset), localSet, operand(row)],
  ]),
  ...pairs.flatMap(([i, j]) => [
    ...[localGet, operand(i), localGet, operand(4 + j), ...vectorMultiply],
    ...[localGet, sum(i, j), ...vectorAdd, localSet, sum(i, j)],
  ]),
];

const pairs = [0, 1].flatMap((j) => [0, 1, 2, 3].map((i) => [i, j] as const));

const body = [
  ...loop,
  ...accumulate(0),
  ...accumulate(16),
  ...[localGet, position, i32Const, 32, i32Add, localTee, position],
  ...[localGet, bytes, i32Below, branchIf, 0, end],
  ...pairs.flatMap(([i, j]) => [
    ...[localGet, out, localGet, sum(i, j), ...extractLane(0)],
    ...[localGet, sum(i, j), ...extractLane(1), f64Add, ...f64Store(8 * (4 * j + i))],
  ]),
  end,
];

/** An unsigned number in LEB128. */
const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
const sized = (content: readonly number[]): number[] => [...unsigned(content.length), ...content];
const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)];
const name = (text: string): number[] => sized([...text].map((character) => character.charCodeAt(0)));

const locals = [2, 1, i32, 14, v128];
const moduleBytes = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [1, 0x60, ...sized(Array<number>(parameters).fill(i32)), 0]),
  ...section(2, [1, ...name('host'), ...name('memory'), 0x02, 0x00, 0x01]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...name('block'), 0x00, 0]),
  ...section(10, [1, ...sized([...locals, ...body])]),
]);

export type InnerProductBlock = (
  x0: number,
  x1: number,
  x2: number,
  x3: number,
  w0: number,
  w1: number,
  bytes: number,
  out: number,
) => void;

/** The function over a memory; addresses are in bytes. */
export function innerProductBlock(memory: WebAssembly.Memory): InnerProductBlock {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes), { host: { memory } });
  return instance.exports.block as InnerProductBlock;
}
