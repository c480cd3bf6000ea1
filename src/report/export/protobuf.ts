import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** One field of a Protocol Buffers message, number and type before it; a message is its fields one after another. */
export type Field = Uint8Array;

const field = (number: number, type: WireType): BinaryWriter => new BinaryWriter().tag(number, type);

/** A non-negative integer up to 2^53 - 1: int32, int64, bool and enum. */
export function integer(number: number, value: number): Field {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no varint of ${value}`);
  return field(number, WireType.Varint).uint64(value).finish();
}

export const double = (number: number, value: number): Field =>
  field(number, WireType.Bit64).double(value).finish();

/** Values beyond float32 become infinite. */
export const float = (number: number, value: number): Field =>
  field(number, WireType.Bit32).float(Math.fround(value)).finish();

export const text = (number: number, value: string): Field =>
  field(number, WireType.LengthDelimited).string(value).finish();

/** A message inside a message; several of one field number are a repeated field. */
export const message = (number: number, fields: readonly Field[]): Field =>
  field(number, WireType.LengthDelimited).bytes(concat(fields)).finish();

/** One entry of a map whose keys are texts. */
export const entry = (number: number, key: string, value: readonly Field[]): Field =>
  message(number, [text(1, key), message(2, value)]);

export const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
