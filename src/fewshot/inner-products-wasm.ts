import {
  assemble,
  f32,
  i32,
  i32Add,
  i32Below,
  i32Const,
  i32Load,
  localGet,
  localSet,
  localTee,
  repeatWhile,
  v128,
  vectorLoad,
  vectorStore,
  type WasmFunction,
} from './wasm-assembler.ts';

/**
 * The inner loops that plain JavaScript runs too slowly (V8 has no vector registers; measured 4x), as a WebAssembly module
 * assembled here: inner products of four rows with two others, in float64 or float32, and means of rows.
 *
 *     block(x0, x1, x2, x3, w0, w1, bytes, out): out[4 j + i] = x_i . w_j for rows of `bytes` bytes, a multiple of 32
 *     mean(list, listEnd, scale, bytes, out): out = scale * sum of the rows whose addresses stand from `list` to `listEnd`
 */
interface Lanes {
  readonly count: number;
  readonly bytes: number;
  readonly vectorAdd: readonly number[];
  readonly vectorMultiply: readonly number[];
  readonly extract: (lane: number) => number[];
  readonly add: number;
  readonly store: (offset: number) => number[];
}

const double: Lanes = {
  count: 2,
  bytes: 8,
  vectorAdd: [0xfd, 0xf0, 0x01],
  vectorMultiply: [0xfd, 0xf2, 0x01],
  extract: (lane) => [0xfd, 0x21, lane],
  add: 0xa0,
  store: (offset) => [0x39, 3, offset],
};

const single: Lanes = {
  count: 4,
  bytes: 4,
  vectorAdd: [0xfd, 0xe4, 0x01],
  vectorMultiply: [0xfd, 0xe6, 0x01],
  extract: (lane) => [0xfd, 0x1f, lane],
  add: 0x92,
  store: (offset) => [0x38, 2, offset],
};

const pairs = [0, 1].flatMap((j) => [0, 1, 2, 3].map((i) => [i, j] as const));

/** Advances the position by 32 bytes; leaves whether it is below `bytes`. */
const nextColumns = (position: number, bytes: number): number[] => [
  ...[localGet, position, i32Const, 32, i32Add, localTee, position],
  ...[localGet, bytes, i32Below],
];

function blockFunction({
  count,
  bytes: width,
  vectorAdd,
  vectorMultiply,
  extract,
  add,
  store,
}: Lanes): WasmFunction {
  const [bytes, out, position] = [6, 7, 8];
  const operand = (row: number) => 9 + row;
  const sum = (i: number, j: number) => 15 + 4 * j + i;
  /** Adds to the eight sums the products of the columns `offset` bytes after the position. */
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
  const lanes = Array.from({ length: count }, (_, lane) => lane);
  return {
    name: 'block',
    parameters: new Array<number>(8).fill(i32),
    locals: [i32, ...new Array<number>(14).fill(v128)],
    body: [
      ...repeatWhile([...accumulate(0), ...accumulate(16), ...nextColumns(position, bytes)]),
      ...pairs.flatMap(([i, j]) => [
        ...[localGet, out],
        ...lanes.flatMap((lane) => [localGet, sum(i, j), ...extract(lane), ...(lane > 0 ? [add] : [])]),
        ...store(width * (4 * j + i)),
      ]),
    ],
  };
}

function meanFunction({ vectorAdd, vectorMultiply }: Lanes): WasmFunction {
  const [list, listEnd, scale, bytes, out, position, entry, row, low, high, factor] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ];
  const zero = [i32Const, 0, 0xfd, 0x11];
  const addRow = (sum: number, offset: number): number[] => [
    ...[localGet, sum, localGet, row, ...vectorLoad(offset), ...vectorAdd, localSet, sum],
  ];
  const storeSum = (sum: number, offset: number): number[] => [
    ...[localGet, out, localGet, position, i32Add],
    ...[localGet, sum, localGet, factor, ...vectorMultiply, ...vectorStore(offset)],
  ];
  return {
    name: 'mean',
    parameters: [i32, i32, f32, i32, i32],
    locals: [i32, i32, i32, v128, v128, v128],
    body: [
      ...[localGet, scale, 0xfd, 0x13, localSet, factor],
      ...repeatWhile([
        ...[...zero, localSet, low, ...zero, localSet, high, localGet, list, localSet, entry],
        ...repeatWhile([
          ...[localGet, entry, ...i32Load, localGet, position, i32Add, localSet, row],
          ...[...addRow(low, 0), ...addRow(high, 16)],
          ...[localGet, entry, i32Const, 4, i32Add, localTee, entry, localGet, listEnd, i32Below],
        ]),
        ...[...storeSum(low, 0), ...storeSum(high, 16)],
        ...nextColumns(position, bytes),
      ]),
    ],
  };
}

const doubleModule = assemble([blockFunction(double)]);
const singleModule = assemble([blockFunction(single), meanFunction(single)]);

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

export interface SingleKernels {
  readonly block: InnerProductBlock;
  readonly mean: (list: number, listEnd: number, scale: number, bytes: number, out: number) => void;
}

/** The function on float64 rows of a memory; addresses are in bytes. */
export const innerProductBlock = (memory: WebAssembly.Memory): InnerProductBlock =>
  instantiate(doubleModule, memory).block as InnerProductBlock;

/** The functions on float32 rows of a memory. */
export function singleKernels(memory: WebAssembly.Memory): SingleKernels {
  const { block, mean } = instantiate(singleModule, memory);
  return { block: block as InnerProductBlock, mean: mean as SingleKernels['mean'] };
}

function instantiate(bytes: Uint8Array, memory: WebAssembly.Memory): Readonly<Record<string, unknown>> {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } }).exports;
}
