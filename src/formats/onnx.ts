import { InputError } from '../input-error.ts';
import { printable } from './printable.ts';
import { type Message, messageReader } from './protobuf.ts';
import type { StoredTensor } from './safetensors.ts';

export type OnnxAttribute = number | string | readonly number[] | StoredTensor;

/** One operation of a graph; inputs that are left out have the name ''. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  /** In an order in which they can be computed, as the format asks. */
  readonly nodes: readonly OnnxNode[];
  /** Constants by name: float tensors, and integer ones of at most 64 values. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Constants that are not read, with the reason. */
  readonly unread: ReadonlyMap<string, string>;
  /** What is fed in; a side that is not fixed is null. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | null)[] }[];
}

/** Of all messages of a file; ResNet-50's has some 6,000. */
const mostFields = 200_000;

/** onnx.proto's numbers of the types that are read, and bytes per value. */
const types: Readonly<Record<number, readonly [StoredTensor['dtype'], number]>> = {
  1: ['F32', 4],
  6: ['I32', 4],
  7: ['I64', 8],
  10: ['F16', 2],
  11: ['F64', 8],
  16: ['BF16', 2],
};

/**
 * The graph of an ONNX file (https://github.com/onnx/onnx, onnx.proto) with its constants. Tensors share the file's memory; nothing
 * is run, and no other file is opened: weights in other files are refused. Throws InputError of one line that names `path`.
 */
export function readOnnx(file: Uint8Array, path: string): OnnxGraph {
  const fail = (why: string): never => {
    throw new InputError(`${path}: not an ONNX model that is read, or a damaged one: ${why}`);
  };
  const open = messageReader(mostFields, fail);
  const graph = open(file).parts(7).at(-1);
  if (graph === undefined) return fail('it has no graph');
  const fields = open(graph);
  const tensors = new Map<string, StoredTensor>();
  const unread = new Map<string, string>();
  const keep = (name: string, read: StoredTensor | string): void => {
    if (tensors.has(name) || unread.has(name)) fail(`two constants are called ${printable(name)}`);
    if (typeof read === 'string') unread.set(name, read);
    else tensors.set(name, read);
  };
  for (const each of fields.parts(5)) {
    const message = open(each);
    keep(message.text(8), tensorOf(message, path));
  }
  const nodes = fields.parts(1).map((each) => nodeOf(each, open, path));
  for (const { op, attributes, outputs } of nodes) {
    const value = attributes.get('value');
    if (op === 'Constant' && typeof value === 'object' && 'dtype' in value) keep(outputs[0] ?? '', value);
  }
  // Files of before version 4 of the format list their constants among the inputs.
  const inputs = fields
    .parts(11)
    .map((each) => inputOf(each, open))
    .filter(({ name }) => !tensors.has(name) && !unread.has(name));
  return { nodes, tensors, unread, inputs };
}

type Open = (bytes: Uint8Array) => Message;

function nodeOf(bytes: Uint8Array, open: Open, path: string): OnnxNode {
  const fields = open(bytes);
  const attributes = fields.parts(5).map((each): [string, OnnxAttribute | undefined] => {
    const attribute = open(each);
    const [kind] = attribute.integers(20);
    const tensor = attribute.parts(5)[0];
    const stored = tensor && tensorOf(open(tensor), path);
    const value: OnnxAttribute | undefined =
      kind === 1
        ? attribute.float(2)
        : kind === 2
          ? (attribute.integers(3)[0] ?? 0)
          : kind === 3
            ? attribute.text(4)
            : kind === 7
              ? attribute.integers(8)
              : kind === 4 && typeof stored === 'object'
                ? stored
                : undefined;
    return [attribute.text(1), value];
  });
  return {
    op: fields.text(4),
    inputs: fields.texts(1),
    outputs: fields.texts(2),
    attributes: new Map(attributes.filter((each): each is [string, OnnxAttribute] => each[1] !== undefined)),
  };
}

function inputOf(bytes: Uint8Array, open: Open): OnnxGraph['inputs'][number] {
  const input = open(bytes);
  const [type] = input.parts(2);
  const [tensor] = type ? open(type).parts(1) : [];
  const [shape] = tensor ? open(tensor).parts(2) : [];
  const sides = shape ? open(shape).parts(1) : [];
  return { name: input.text(1), shape: sides.map((side) => open(side).integers(1)[0] ?? null) };
}

/** The tensor of a TensorProto, or why it is not read. Throws InputError where its bytes are not those of its shape. */
function tensorOf(fields: Message, path: string): StoredTensor | string {
  const name = printable(fields.text(8)) || 'a constant';
  if (fields.integers(14)[0] === 1 || fields.parts(13).length > 0)
    throw new InputError(
      `${path}: ${name} lies in another file (external data), which is not opened; in Python: onnx.save(onnx.load('old.onnx'), 'new.onnx')`,
    );
  const [type = 0] = fields.integers(2);
  const shape = fields.integers(1);
  const known = types[type];
  if (known === undefined) return `it is of ONNX's type ${type}, and floats are read`;
  const [dtype, itemBytes] = known;
  const count = shape.reduce((product, side) => product * side, 1);
  if (dtype.startsWith('I') && count > 64) return 'it holds more than 64 integers';
  const bytes = fields.parts(9)[0] ?? typedBytes(fields, dtype);
  if (bytes === undefined) return `its values of type ${dtype} lie in another field than raw_data`;
  if (!shape.every((side) => side >= 0) || bytes.length !== count * itemBytes)
    throw new InputError(
      `${path}: ${name} of shape [${shape.slice(0, 8)}] and type ${dtype} has ${bytes.length} bytes, not ${count * itemBytes}`,
    );
  return { dtype, shape, bytes };
}

/** The values of `float_data` and its like. */
function typedBytes(fields: Message, dtype: StoredTensor['dtype']): Uint8Array | undefined {
  if (dtype === 'F32') return fields.fixed(4, 4);
  if (dtype === 'F64') return fields.fixed(10, 8);
  if (dtype === 'I64') return new Uint8Array(BigInt64Array.from(fields.integers(7), BigInt).buffer);
  if (dtype === 'I32') return new Uint8Array(Int32Array.from(fields.integers(5)).buffer);
  return undefined;
}
