import type { OnnxGraph, OnnxNode } from '../../formats/onnx.ts';

/** What a node reads: an output of another node behind operations that move numbers without changing them. */
export interface Seen {
  /** Name of the value that was computed or fed in. */
  readonly value: string;
  /** Axis of `value` that each axis is. */
  readonly order: readonly number[];
  /** Zeros before and after it along each axis of `value`: four, and four. */
  readonly pads: readonly number[];
}

export interface Reader {
  readonly node: OnnxNode;
  /** One per input; null for constants. */
  readonly seen: readonly (Seen | null)[];
}

const asItIs: Pick<Seen, 'order' | 'pads'> = { order: [0, 1, 2, 3], pads: [0, 0, 0, 0, 0, 0, 0, 0] };

/** Operations that change nothing in inference; the first input goes through. */
const through: ReadonlySet<string> = new Set([
  'Identity',
  'Dropout',
  'Cast',
  'Flatten',
  'Reshape',
  'Squeeze',
]);

/** Operations on single values, which keep the order of the axes. */
const elementwise: ReadonlySet<string> = new Set(['Relu', 'LeakyRelu', 'Add']);

/**
 * Who reads each computed value of a graph, with the transpositions and paddings in between. What is computed otherwise has an
 * order of axes of its own.
 */
export function readersOf(graph: OnnxGraph): ReadonlyMap<string, readonly Reader[]> {
  const seen = new Map<string, Seen>(
    graph.inputs.map(({ name }) => [name, { ...asItIs, value: name }] as const),
  );
  const readers = new Map<string, Reader[]>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => seen.get(name) ?? null);
    const [first] = inputs;
    const [output] = node.outputs;
    if (output === undefined) continue;
    const moved = first && movedBy(node, first, graph);
    if (moved) seen.set(output, moved);
    else {
      const order = elementwise.has(node.op) ? first?.order : undefined;
      seen.set(output, { ...asItIs, value: output, ...(order ? { order } : {}) });
      for (const value of new Set(inputs.flatMap((each) => (each ? [each.value] : [])))) {
        const reader = { node, seen: inputs };
        const others = readers.get(value);
        if (others) others.push(reader);
        else readers.set(value, [reader]);
      }
    }
  }
  return readers;
}

/** What comes out of an operation that only moves numbers; undefined for others. */
function movedBy({ op, attributes, inputs }: OnnxNode, from: Seen, graph: OnnxGraph): Seen | undefined {
  if (through.has(op)) return from;
  const given = attributes.get('perm');
  if (op === 'Transpose' && Array.isArray(given) && given.length === 4)
    return { ...from, order: given.map((axis: number) => from.order[axis]!) };
  if (
    op === 'AveragePool' &&
    isOnes(attributes.get('kernel_shape')) &&
    isOnes(attributes.get('strides') ?? [1])
  )
    return from;
  if (op !== 'Pad') return undefined;
  const mode = attributes.get('mode') ?? 'constant';
  const stored = graph.tensors.get(inputs[1] ?? '');
  const pads = attributes.get('pads') ?? (stored && integersOf(stored));
  const value = attributes.get('value') ?? 0;
  const filled = graph.tensors.get(inputs[2] ?? '');
  const isZero = value === 0 && (filled === undefined || filled.bytes.every((byte) => byte === 0));
  if (!Array.isArray(pads) || pads.length !== 8 || mode !== 'constant' || !isZero) return undefined;
  const added = from.pads.map((_, at) => {
    const axis = from.order.indexOf(at % 4);
    return pads[at < 4 ? axis : axis + 4] as number;
  });
  return { ...from, pads: from.pads.map((pad, at) => pad + added[at]!) };
}

/** Zeros around the image that an operation reads: top, left, bottom, right; undefined where there are some elsewhere. */
export function spatialPads({ order, pads }: Seen): readonly number[] | undefined {
  const [n, c, h, w] = order as readonly [number, number, number, number];
  const others = [pads[n], pads[c], pads[n + 4], pads[c + 4]];
  return others.every((pad) => pad === 0) ? [pads[h]!, pads[w]!, pads[h + 4]!, pads[w + 4]!] : undefined;
}

const isOnes = (value: unknown): boolean => Array.isArray(value) && value.every((each) => each === 1);

/** The values of a constant of integers. */
export function integersOf({
  dtype,
  bytes,
}: {
  readonly dtype: string;
  readonly bytes: Uint8Array;
}): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [size, read] =
    dtype === 'I64'
      ? [8, (at: number) => Number(view.getBigInt64(at, true))]
      : [4, (at: number) => view.getInt32(at, true)];
  return Array.from({ length: bytes.length / size }, (_, index) => read(index * size));
}
