import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { InputError } from '../input-error.ts';

/** The fields of one Protocol Buffers message by number; what is not there is empty, '' or 0. */
export interface Message {
  /** Bytes, texts and messages, each a view of the file. */
  readonly parts: (field: number) => readonly Uint8Array[];
  readonly texts: (field: number) => readonly string[];
  /** The last of `texts`, as the format has it for a field that is no list. */
  readonly text: (field: number) => string;
  /** Integers, packed or not. Fails beyond 2^53. */
  readonly integers: (field: number) => readonly number[];
  /** Numbers of 4 or 8 bytes, packed or not, as little-endian bytes: a view of the file where they are packed in one piece. */
  readonly fixed: (field: number, bytes: 4 | 8) => Uint8Array;
  readonly float: (field: number) => number;
}

interface Field {
  readonly wire: WireType;
  /** Without a length before it. */
  readonly content: Uint8Array;
}

/** Most integers that one field may hold here: shapes and attributes of layers. */
const mostIntegers = 4096;

/**
 * Reads the messages of one file (https://protobuf.dev/programming-guides/encoding), as views of it. Fields cost more memory than their
 * bytes: those of all messages together are at most `mostFields`. `fail` throws.
 */
export function messageReader(
  mostFields: number,
  fail: (why: string) => never,
): (bytes: Uint8Array) => Message {
  let left = mostFields;
  return (bytes) => {
    const fields = new Map<number, Field[]>();
    whole(bytes, fail, (reader) => {
      left -= 1;
      if (left < 0) fail(`more than ${mostFields} fields`);
      const [number, wire] = reader.tag();
      const content = wire === WireType.LengthDelimited ? reader.bytes() : reader.skip(wire, number);
      const earlier = fields.get(number);
      if (earlier) earlier.push({ wire, content });
      else fields.set(number, [{ wire, content }]);
    });
    return messageOf(fields, fail);
  };
}

/** Calls `step` until the bytes are used up; what the reader throws is told as `fail` does. */
function whole(bytes: Uint8Array, fail: (why: string) => never, step: (reader: BinaryReader) => void): void {
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) step(reader);
  } catch (error) {
    if (error instanceof InputError) throw error;
    fail(`${(error as Error).message} at byte ${reader.pos} of ${reader.len}`);
  }
  if (reader.pos !== reader.len) fail('it ends within a field');
}

function messageOf(fields: ReadonlyMap<number, readonly Field[]>, fail: (why: string) => never): Message {
  const of = (number: number, wire: WireType): readonly Uint8Array[] =>
    (fields.get(number) ?? []).filter((field) => field.wire === wire).map(({ content }) => content);
  const parts = (number: number) => of(number, WireType.LengthDelimited);
  const texts = (number: number) => parts(number).map((each) => Buffer.from(each).toString('utf8'));
  const integers = (number: number): number[] => {
    const found: number[] = [];
    for (const content of [...of(number, WireType.Varint), ...parts(number)])
      whole(content, fail, (reader) => {
        if (found.push(Number(reader.int64())) > mostIntegers) fail(`more than ${mostIntegers} integers`);
      });
    return found.every(Number.isSafeInteger) ? found : fail(`an integer of field ${number} is beyond 2^53`);
  };
  const fixed = (number: number, bytes: 4 | 8): Uint8Array => {
    const pieces = [...parts(number), ...of(number, bytes === 4 ? WireType.Bit32 : WireType.Bit64)];
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  };
  const float = (number: number): number => {
    const [content] = of(number, WireType.Bit32);
    return content ? new DataView(content.buffer, content.byteOffset).getFloat32(0, true) : 0;
  };
  return { parts, texts, text: (number) => texts(number).at(-1) ?? '', integers, fixed, float };
}
