import { InputError } from '../input-error.ts';
import type { PickleGlobal } from './pickle.ts';
import type { StoredTensor } from './safetensors.ts';

type StoredType = StoredTensor['dtype'];

/** PyTorch's classes of storage, and bytes per value. */
export const storages: Readonly<Record<string, readonly [StoredType, number]>> = {
  'torch.DoubleStorage': ['F64', 8],
  'torch.FloatStorage': ['F32', 4],
  'torch.HalfStorage': ['F16', 2],
  'torch.BFloat16Storage': ['BF16', 2],
  'torch.LongStorage': ['I64', 8],
  'torch.IntStorage': ['I32', 4],
  'torch.ShortStorage': ['I16', 2],
  'torch.CharStorage': ['I8', 1],
  'torch.ByteStorage': ['U8', 1],
  'torch.BoolStorage': ['BOOL', 1],
};

export interface Storage {
  readonly dtype: StoredType;
  readonly itemBytes: number;
  readonly bytes: Uint8Array;
}

export interface TorchTensor {
  readonly tensor: StoredTensor;
}

const mostAxes = 8;

/** Classes of plain values that training scripts and Lightning keep beside the weights: an empty dict stands for each. */
const plain = [
  'argparse.Namespace',
  'collections.defaultdict',
  'collections.Counter',
  'pathlib.PosixPath',
  'pathlib._local.PosixPath',
  'pytorch_lightning.utilities.parsing.AttributeDict',
  'lightning_fabric.utilities.data.AttributeDict',
  'lightning.fabric.utilities.data.AttributeDict',
];

/** torch.float32 and its like, which stand beside tensors. */
const types = /^torch\.(float|bfloat|int|uint|complex)\d+$/;

/**
 * The globals that state dicts name. Tensors that lie row-major in their storage share its memory; copies of others take at most
 * `budgetBytes` together.
 */
export function torchGlobals(budgetBytes: number, path: string): (name: string) => PickleGlobal | undefined {
  let left = budgetBytes;
  const rebuild = ([storage, offset, shape, stride]: readonly unknown[]): TorchTensor => {
    const { dtype, itemBytes, bytes } = (storage ?? {}) as Storage;
    if (!(bytes instanceof Uint8Array) || !isCounts([offset]) || !isCounts(shape) || !isCounts(stride))
      throw new InputError(`${path}: a tensor without valid storage, offset, shape and strides`);
    const count = shape.reduce((product, side) => product * side, 1);
    const last = shape.reduce((sum, side, axis) => sum + (side - 1) * stride[axis]!, offset as number);
    const has = Math.floor(bytes.length / itemBytes);
    if (shape.length !== stride.length || (count > 0 && last >= has))
      throw new InputError(`${path}: a tensor of shape [${shape}] lies outside its storage of ${has} values`);
    const start = (offset as number) * itemBytes;
    if (isRowMajor(shape, stride))
      return { tensor: { dtype, shape, bytes: bytes.subarray(start, start + count * itemBytes) } };
    left -= count * itemBytes;
    if (left < 0) throw new InputError(`${path}: makes more of its tensors than it holds`);
    return {
      tensor: { dtype, shape, bytes: gathered(bytes.subarray(start), itemBytes, shape, stride, count) },
    };
  };
  const table = new Map<string, PickleGlobal>([
    ...Object.keys(storages).map((name) => [name, { name }] as const),
    ['torch._utils._rebuild_tensor_v2', { name: '_rebuild_tensor_v2', call: rebuild }],
    ['torch._utils._rebuild_tensor', { name: '_rebuild_tensor', call: rebuild }],
    ['torch._utils._rebuild_parameter', { name: '_rebuild_parameter', call: ([tensor]) => tensor }],
    ['torch.Size', { name: 'torch.Size', call: ([sides]) => sides }],
    ['torch.device', { name: 'torch.device', call: () => null }],
    ...plain.map((name) => [name, { name, call: () => new Map() }] as const),
    ...['__builtin__', 'builtins'].flatMap((module) =>
      ['set', 'dict', 'list', 'int', 'float'].map(
        (type) => [`${module}.${type}`, { name: type, call: () => new Map() }] as const,
      ),
    ),
  ]);
  return (name) => table.get(name) ?? (types.test(name) ? { name } : undefined);
}

const isCounts = (values: unknown): values is number[] =>
  Array.isArray(values) &&
  values.length <= mostAxes &&
  values.every((each) => Number.isSafeInteger(each) && each >= 0);

function isRowMajor(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** A strided tensor's values in row-major order; channels_last tensors are strided. */
function gathered(
  from: Uint8Array,
  itemBytes: number,
  shape: readonly number[],
  stride: readonly number[],
  count: number,
): Uint8Array {
  const result = new Uint8Array(count * itemBytes);
  for (let index = 0; index < count; index++) {
    let rest = index;
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * stride[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    for (let k = 0; k < itemBytes; k++) result[index * itemBytes + k] = from[at * itemBytes + k]!;
  }
  return result;
}

export const isTensor = (value: unknown): value is TorchTensor =>
  typeof value === 'object' && value !== null && 'tensor' in value;
