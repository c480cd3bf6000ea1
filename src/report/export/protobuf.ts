/**
 * The few wire types of Protocol Buffers that TensorBoard's events need (https://protobuf.dev/programming-guides/encoding):
 * each function gives one field, a message is their concatenation.
 */
export type Field = Uint8Array;

const varintType = 0;
const fixed64Type = 1;
const lengthType = 2;
const fixed32Type = 5;

/** A non-negative integer up to 2^53 - 1: int32, int64, bool and enum. */
export const integer = (field: number, value: number): Field =>
  concat([tag(field, varintType), varint(value)]);

export function double(field: number, value: number): Field {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return concat([tag(field, fixed64Type), bytes]);
}

export function float(field: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return concat([tag(field, fixed32Type), bytes]);
}

export const text = (field: number, value: string): Field => bytesField(field, Buffer.from(value));

/** A message inside a message; several of one field number are a repeated field. */
export const message = (field: number, fields: readonly Field[]): Field => bytesField(field, concat(fields));

/** One entry of a map whose keys are texts. */
export const entry = (field: number, key: string, value: readonly Field[]): Field =>
  message(field, [text(1, key), message(2, value)]);

export const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

const bytesField = (field: number, bytes: Uint8Array): Field =>
  concat([tag(field, lengthType), varint(bytes.length), bytes]);

const tag = (field: number, type: number): Uint8Array => varint(field * 8 + type);

/** Seven bits a byte, the lowest first; arithmetic instead of shifts, which would cut at 32 bits. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no varint of ${value}`);
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Uint8Array.from([...bytes, rest]);
}
