/** As much of an assembler as the kernels need. Opcodes: WebAssembly core specification 2.0, binary format, section 5.4. */
export const i32 = 0x7f;
export const f32 = 0x7d;
export const v128 = 0x7b;
export const localGet = 0x20;
export const localSet = 0x21;
export const localTee = 0x22;
export const i32Const = 0x41;
export const i32Add = 0x6a;
export const i32Below = 0x49;
export const i32Load = [0x28, 2, 0];
export const vectorLoad = (offset: number): number[] => [0xfd, 0, 2, offset];
export const vectorStore = (offset: number): number[] => [0xfd, 11, 2, offset];
const end = 0x0b;

/** Runs the body again as long as it leaves a number other than 0. */
export const repeatWhile = (body: readonly number[]): number[] => [0x03, 0x40, ...body, 0x0d, 0, end];

export interface WasmFunction {
  readonly name: string;
  /** Types of the parameters; there is no result. */
  readonly parameters: readonly number[];
  /** Types of the locals, numbered after the parameters. */
  readonly locals: readonly number[];
  readonly body: readonly number[];
}

/** A module that imports `host.memory` and exports the functions. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array {
  const count = functions.length;
  const types = functions.map(({ parameters }) => [0x60, ...sized(parameters), 0]);
  const exported = functions.map(({ name: each }, index) => [...name(each), 0x00, index]);
  const codes = functions.map(({ locals, body }) =>
    sized([...unsigned(locals.length), ...locals.flatMap((type) => [1, type]), ...body, end]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [count, ...types.flat()]),
    ...section(2, [1, ...name('host'), ...name('memory'), 0x02, 0x00, 0x01]),
    ...section(3, [count, ...functions.keys()]),
    ...section(7, [count, ...exported.flat()]),
    ...section(10, [count, ...codes.flat()]),
  ]);
}

/** An unsigned number in LEB128. */
const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
const sized = (content: readonly number[]): number[] => [...unsigned(content.length), ...content];
const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)];
const name = (text: string): number[] => sized([...text].map((character) => character.charCodeAt(0)));
