import { PickleBytes } from './pickle-bytes.ts';
import { printable } from './printable.ts';

/** A Python object that a pickle may name; `call` makes an instance of the arguments, and a class without it only stands for itself. */
export interface PickleGlobal {
  readonly name: string;
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** An object that takes `__setstate__`. */
export interface TakesState {
  setState(state: unknown): void;
}

export interface PickleOptions {
  /** What `module.name` means; undefined is refused. */
  readonly globalOf: (name: string) => PickleGlobal | undefined;
  /** What a persistent id means; refused where absent. */
  readonly persistentLoad?: (id: unknown) => unknown;
}

const mark = Symbol('mark');

/**
 * Reads a pickle of protocols 0 to 5 (Python's pickletools.py) without running anything: lists and tuples are arrays, dicts are Maps
 * with text or numbers as keys, bytes and Python 2's strings are Uint8Array views of the file, integers beyond 2^53 are bigint.
 * Every global is refused except those of `globalOf`. Throws InputError of one line; memory stays in proportion to the file.
 */
export const readPickle = (file: Uint8Array, path: string, options: PickleOptions): unknown =>
  readPickleAt(file, 0, path, options).value;

/** Most operations of one pickle: each may make a value that costs more memory than its byte. */
const mostSteps = 4_000_000;

/** The pickle that starts at byte `start` of a file, and where it ends. */
export function readPickleAt(
  file: Uint8Array,
  start: number,
  path: string,
  options: PickleOptions,
): { readonly value: unknown; readonly end: number } {
  const bytes = new PickleBytes(file, path);
  bytes.at = start;
  const machine = new PickleMachine(bytes, options);
  for (let count = 0; ; count++) {
    if (count > mostSteps) return bytes.fail(`it has more than ${mostSteps} operations`);
    const code = bytes.byte();
    if (code === 0x2e) return { value: machine.pop(), end: bytes.at };
    const step = steps[code];
    if (step === undefined)
      return bytes.fail(`opcode 0x${code.toString(16)} at byte ${bytes.at - 1} is not read`);
    step(machine, bytes);
  }
}

class PickleMachine {
  readonly memo = new Map<number, unknown>();
  readonly #stack: unknown[] = [];
  readonly #bytes: PickleBytes;
  readonly #options: PickleOptions;

  constructor(bytes: PickleBytes, options: PickleOptions) {
    this.#bytes = bytes;
    this.#options = options;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    if (this.#stack.length === 0) return this.#bytes.fail('its stack is empty where a value is needed');
    const value = this.#stack.pop();
    return value === mark ? this.#bytes.fail('a mark stands where a value is needed') : value;
  }

  top(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  pushMark(): void {
    this.#stack.push(mark);
  }

  popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) return this.#bytes.fail('its stack has no mark');
    return this.#stack.splice(at).slice(1);
  }

  recall(key: number): void {
    if (!this.memo.has(key)) this.#bytes.fail(`memo ${key} is empty`);
    this.push(this.memo.get(key));
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) this.#bytes.fail('something else than a list is appended to');
    for (const item of items) (list as unknown[]).push(item);
  }

  setItems(items: readonly unknown[]): void {
    const map = this.top();
    if (!(map instanceof Map) || items.length % 2 !== 0)
      this.#bytes.fail('something else than a dict gets items');
    for (let i = 0; i < items.length; i += 2)
      (map as Map<unknown, unknown>).set(this.#key(items[i]), items[i + 1]);
  }

  dictOf(items: readonly unknown[]): Map<unknown, unknown> {
    this.push(new Map());
    this.setItems(items);
    return this.pop() as Map<unknown, unknown>;
  }

  #key(key: unknown): unknown {
    if (typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint') return key;
    return key instanceof Uint8Array ? pickleText(key) : this.#bytes.fail('a key is no text and no number');
  }

  pushGlobal(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') this.#bytes.fail('a global has no name');
    const full = `${module}.${name}`;
    const known = this.#options.globalOf(full);
    if (known === undefined)
      this.#bytes.fail(`it names the Python object ${printable(full)}, which is not read and never run`);
    this.push(known);
  }

  pushPersistent(id: unknown): void {
    const { persistentLoad } = this.#options;
    this.push(
      persistentLoad === undefined
        ? this.#bytes.fail('it refers to something outside of it')
        : persistentLoad(id),
    );
  }

  call(args: unknown): void {
    const { call, name } = (this.pop() ?? {}) as PickleGlobal;
    if (typeof call !== 'function') this.#bytes.fail(`${printable(name ?? 'a value')} is called`);
    this.push(
      (call as NonNullable<PickleGlobal['call']>)(
        Array.isArray(args) ? args : this.#bytes.fail('arguments are no tuple'),
      ),
    );
  }

  build(state: unknown): void {
    const object = this.top();
    // An OrderedDict's state holds notes such as PyTorch's _metadata.
    if (object instanceof Map) return;
    const { setState } = (object ?? {}) as Partial<TakesState>;
    if (typeof setState !== 'function') this.#bytes.fail('a value without state gets one');
    (setState as TakesState['setState']).call(object, state);
  }
}

type Step = (machine: PickleMachine, bytes: PickleBytes) => void;

const steps: Readonly<Record<number, Step>> = {
  40: (m) => m.pushMark(),
  48: (m) => void m.pop(),
  49: (m) => void m.popToMark(),
  50: (m) => m.push(m.top()),
  70: (m, b) => m.push(b.decimal()),
  71: (m, b) => m.push(b.float64()),
  73: (m, b) => m.push(b.integerLine()),
  74: (m, b) => m.push(b.int32()),
  75: (m, b) => m.push(b.byte()),
  76: (m, b) => m.push(b.integerLine()),
  77: (m, b) => m.push(b.size(2)),
  78: (m) => m.push(null),
  80: (m, b) => m.pushPersistent(b.line()),
  81: (m) => m.pushPersistent(m.pop()),
  82: (m) => m.call(m.pop()),
  83: (m, b) => m.push(b.quoted()),
  84: (m, b) => m.push(b.view(b.size(4))),
  85: (m, b) => m.push(b.view(b.byte())),
  86: (m, b) => m.push(b.escapedUnicode()),
  88: (m, b) => m.push(b.text(b.size(4))),
  97: (m) => m.append([m.pop()]),
  98: (m) => m.build(m.pop()),
  99: (m, b) => m.pushGlobal(b.line(), b.line()),
  100: (m) => m.push(m.dictOf(m.popToMark())),
  101: (m) => m.append(m.popToMark()),
  103: (m, b) => m.recall(Number(b.line())),
  104: (m, b) => m.recall(b.byte()),
  106: (m, b) => m.recall(b.size(4)),
  108: (m) => m.push(m.popToMark()),
  112: (m, b) => void m.memo.set(Number(b.line()), m.top()),
  113: (m, b) => void m.memo.set(b.byte(), m.top()),
  114: (m, b) => void m.memo.set(b.size(4), m.top()),
  115: (m) => {
    const value = m.pop();
    m.setItems([m.pop(), value]);
  },
  116: (m) => m.push(m.popToMark()),
  117: (m) => m.setItems(m.popToMark()),
  41: (m) => m.push([]),
  93: (m) => m.push([]),
  125: (m) => m.push(new Map()),
  66: (m, b) => m.push(b.view(b.size(4))),
  67: (m, b) => m.push(b.view(b.byte())),
  128: (_, b) => {
    const protocol = b.byte();
    if (protocol > 5) b.fail(`protocol ${protocol} is not read`);
  },
  129: (m) => m.call(m.pop()),
  133: (m) => m.push([m.pop()]),
  134: (m) => {
    const last = m.pop();
    m.push([m.pop(), last]);
  },
  135: (m) => {
    const last = m.pop();
    const middle = m.pop();
    m.push([m.pop(), middle, last]);
  },
  136: (m) => m.push(true),
  137: (m) => m.push(false),
  138: (m, b) => m.push(b.long(b.byte())),
  139: (m, b) => m.push(b.long(b.size(4))),
  140: (m, b) => m.push(b.text(b.byte())),
  141: (m, b) => m.push(b.text(b.size(8))),
  142: (m, b) => m.push(b.view(b.size(8))),
  147: (m) => {
    const name = m.pop();
    m.pushGlobal(m.pop(), name);
  },
  148: (m) => void m.memo.set(m.memo.size, m.top()),
  149: (_, b) => void b.size(8),
  150: (m, b) => m.push(b.view(b.size(8))),
};

/** Text of Python's str, or of bytes as Python 2 wrote its strings. Throws nothing; other values give undefined. */
export function pickleText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined;
}
