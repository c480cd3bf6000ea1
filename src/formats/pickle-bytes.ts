import { InputError } from '../input-error.ts';

/** Integers of Python have no end; those of files that are read here have at most this many bytes. */
const longestInteger = 16;

/** The arguments of a pickle's opcodes, read from front to back. Throws InputError beyond the end. */
export class PickleBytes {
  at = 0;
  readonly #file: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;

  constructor(file: Uint8Array, path: string) {
    this.#file = file;
    this.#view = new DataView(file.buffer, file.byteOffset, file.length);
    this.#path = path;
  }

  fail(why: string): never {
    throw new InputError(`${this.#path}: not a Python pickle that is read, or a damaged one: ${why}`);
  }

  /** Moves on by `length` bytes and returns where they start. */
  #take(length: number): number {
    const start = this.at;
    if (length > this.#file.length - start)
      this.fail(`${length} bytes are announced at byte ${start} of ${this.#file.length}`);
    this.at = start + length;
    return start;
  }

  byte(): number {
    return this.#file[this.#take(1)]!;
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** An unsigned size of 2, 4 or 8 bytes, little-endian. */
  size(bytes: 2 | 4 | 8): number {
    const start = this.#take(bytes);
    if (bytes === 2) return this.#view.getUint16(start, true);
    return bytes === 4 ? this.#view.getUint32(start, true) : Number(this.#view.getBigUint64(start, true));
  }

  view(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#file.subarray(start, start + length);
  }

  text(length: number): string {
    return Buffer.from(this.view(length)).toString('utf8');
  }

  /** Two's complement, little-endian. */
  long(length: number): number | bigint {
    if (length > longestInteger) this.fail(`an integer of ${length} bytes`);
    const bytes = this.view(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return narrow(BigInt.asIntN(8 * length, value));
  }

  line(): string {
    const end = this.#file.indexOf(0x0a, this.at);
    if (end < 0) this.fail(`a line at byte ${this.at} has no end`);
    const text = Buffer.from(this.view(end - this.at)).toString('latin1');
    this.at = end + 1;
    return text;
  }

  decimal(): number {
    const text = this.line();
    const value = Number(text);
    return text === 'nan' || text === 'inf' || text === '-inf'
      ? { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[text]
      : text.trim() === '' || Number.isNaN(value)
        ? this.fail(`${text.slice(0, 40)} is no number`)
        : value;
  }

  integerLine(): number | bigint | boolean {
    const text = this.line();
    if (text === '00' || text === '01') return text === '01';
    const digits = text.replace(/L$/, '');
    if (!/^-?\d{1,39}$/.test(digits)) return this.fail('an integer is expected where none stands');
    return narrow(BigInt(digits));
  }

  /** Protocol 0's string in quotes, with Python's escapes, as bytes. */
  quoted(): Uint8Array {
    const line = this.line();
    const quote = line[0];
    if (line.length < 2 || (quote !== "'" && quote !== '"') || !line.endsWith(quote))
      return this.fail('a string has no quotes');
    const short: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };
    const text = line
      .slice(1, -1)
      .replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, one: string) =>
        hex === undefined ? (short[one] ?? one) : String.fromCharCode(Number.parseInt(hex, 16)),
      );
    return Buffer.from(text, 'latin1');
  }

  /** Protocol 0's text, raw-unicode-escape. */
  escapedUnicode(): string {
    return this.line().replace(
      /\\u([0-9a-fA-F]{4})|\\U(000[0-9a-fA-F]{5}|0010[0-9a-fA-F]{4})/g,
      (_, four: string | undefined, eight: string) =>
        String.fromCodePoint(Number.parseInt(four ?? eight, 16)),
    );
  }
}

const narrow = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
