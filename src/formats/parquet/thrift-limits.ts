/** Types of Thrift's compact protocol (thrift-compact-protocol.md), as a field's header names them. */
const bytesOfType: Readonly<Record<number, number>> = { 1: 0, 2: 0, 3: 1, 7: 8 };
const [firstVarint, lastVarint, binary, list, struct] = [4, 6, 8, 9, 12];
const depthLimit = 16;

/**
 * Walks one struct of Thrift's compact protocol without making anything, and returns where it ends. Throws Error where a list or a text
 * announces more than the bytes that are left, or structs lie deeper than any of Parquet's.
 */
export function endOfStruct(bytes: Uint8Array, start: number, depth = 0): number {
  if (depth > depthLimit) throw new Error('its metadata nest too deep');
  let at = start;
  for (;;) {
    const header = byteAt(bytes, at++);
    const type = header & 0x0f;
    if (type === 0) return at;
    if (header >> 4 === 0) at = varintAt(bytes, at).end;
    at = endOfElement(bytes, at, type, depth, false);
  }
}

function endOfElement(bytes: Uint8Array, at: number, type: number, depth: number, inList: boolean): number {
  const fixed = inList && (type === 1 || type === 2) ? 1 : bytesOfType[type];
  if (fixed !== undefined) return within(bytes, at + fixed);
  if (type >= firstVarint && type <= lastVarint) return varintAt(bytes, at).end;
  if (type === binary) {
    const { value, end } = varintAt(bytes, at);
    return within(bytes, end + value);
  }
  if (type === list) return endOfList(bytes, at, depth);
  if (type === struct) return endOfStruct(bytes, at, depth + 1);
  throw new Error(`its metadata hold the Thrift type ${type}`);
}

function endOfList(bytes: Uint8Array, start: number, depth: number): number {
  const header = byteAt(bytes, start);
  let count = header >> 4;
  let at = start + 1;
  if (count === 15) ({ value: count, end: at } = varintAt(bytes, at));
  // Every element takes a byte or more.
  if (count > bytes.length - at)
    throw new Error(`its metadata announce a list of ${count} and end before it`);
  if (depth + 1 > depthLimit) throw new Error('its metadata nest too deep');
  for (let i = 0; i < count; i++) at = endOfElement(bytes, at, header & 0x0f, depth + 1, true);
  return at;
}

/** An unsigned number of at most 64 bits; those above 2^53 are only skipped. */
export function varintAt(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = byteAt(bytes, start + i);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  throw new Error('its metadata hold a number of more than 64 bits');
}

const byteAt = (bytes: Uint8Array, at: number): number => {
  const byte = bytes[at];
  if (byte === undefined) throw new Error('its metadata end within a value');
  return byte;
};

const within = (bytes: Uint8Array, end: number): number => {
  if (end > bytes.length) throw new Error('its metadata end within a value');
  return end;
};
