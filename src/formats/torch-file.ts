import { closeSync, fstatSync, openSync } from 'node:fs';
import { InputError } from '../input-error.ts';
import { readZipEntry } from './npz.ts';
import { type PickleGlobal, pickleText, readPickle } from './pickle.ts';
import { numpyGlobals } from './pickle-numpy.ts';
import type { StoredTensor } from './safetensors.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

type StoredType = StoredTensor['dtype'];

/** PyTorch's classes of storage, and bytes per value. */
const storages: Readonly<Record<string, readonly [StoredType, number]>> = {
  'torch.DoubleStorage': ['F64', 8],
  'torch.FloatStorage': ['F32', 4],
  'torch.HalfStorage': ['F16', 2],
  'torch.BFloat16Storage': ['BF16', 2],
  'torch.LongStorage': ['I64', 8],
  'torch.IntStorage': ['I32', 4],
  'torch.ByteStorage': ['U8', 1],
  'torch.BoolStorage': ['BOOL', 1],
};

/** Where training scripts keep the weights in what they save, in the order in which they are looked for. */
const homes = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'weights'];

interface Storage {
  readonly dtype: StoredType;
  readonly itemBytes: number;
  readonly bytes: Uint8Array;
}

interface Tensor {
  readonly tensor: StoredTensor;
}

/**
 * The weights of a file of torch.save (zip format, PyTorch 1.6 and later), by name: a state dict, or a dict that holds one under a
 * name of `homes`. Only tensors are made; every other global is refused and nothing is run. Tensors that lie row-major in their
 * storage share its memory; copies of others take at most the file's size. Throws InputError of one line.
 */
export function readTorchFile(path: string): ReadonlyMap<string, StoredTensor> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new InputError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const fileBytes = fstatSync(file).size;
    const entries = readZipDirectory(file, fileBytes, path);
    return stateDict(loadValue(file, fileBytes, entries, path), path);
  } finally {
    closeSync(file);
  }
}

function loadValue(file: number, fileBytes: number, entries: readonly ZipEntry[], path: string): unknown {
  const declared = entries.reduce((sum, { size }) => sum + size, 0);
  if (declared > fileBytes)
    throw new InputError(`${path}: ${fileBytes} bytes declare ${declared}; torch.save compresses nothing`);
  const main = entries.find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (main === undefined) throw new InputError(`${path}: a zip file without data.pkl, so not of torch.save`);
  const root = main.name.slice(0, -'data.pkl'.length);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const contentOf = (name: string): Uint8Array | undefined => {
    const entry = byName.get(root + name);
    return entry && readZipEntry(file, fileBytes, entry, path);
  };
  if ((pickleText(contentOf('byteorder')) ?? 'little') !== 'little')
    throw new InputError(`${path}: was written on a big-endian machine, and is not read`);
  const pickle = contentOf('data.pkl')!;
  const numpy = numpyGlobals(pickle.length, path);
  const torch = torchGlobals(fileBytes, path);
  const loaded = new Map<string, Storage>();
  const persistentLoad = (id: unknown): Storage => {
    const [kind, type, key] = Array.isArray(id) ? id : [];
    const className = (type as PickleGlobal | undefined)?.name ?? '';
    const known = storages[className];
    const name = pickleText(key);
    if (pickleText(kind) !== 'storage' || known === undefined || name === undefined)
      throw new InputError(`${path}: refers to something else than a storage of tensors`);
    const cacheKey = `${className} ${name}`;
    const bytes = loaded.get(cacheKey)?.bytes ?? contentOf(`data/${name}`);
    if (bytes === undefined) throw new InputError(`${path}: storage ${name.slice(0, 40)} is missing`);
    const storage = { dtype: known[0], itemBytes: known[1], bytes };
    loaded.set(cacheKey, storage);
    return storage;
  };
  return readPickle(pickle, `${path}: data.pkl`, {
    globalOf: (name) => torch(name) ?? numpy(name),
    persistentLoad,
  });
}

function torchGlobals(budgetBytes: number, path: string): (name: string) => PickleGlobal | undefined {
  let left = budgetBytes;
  const rebuild = ([storage, offset, shape, stride]: readonly unknown[]): Tensor => {
    const { dtype, itemBytes, bytes } = (storage ?? {}) as Storage;
    if (!(bytes instanceof Uint8Array) || !isCounts([offset]) || !isCounts(shape) || !isCounts(stride))
      throw new InputError(`${path}: a tensor without valid storage, offset, shape and strides`);
    const count = shape.reduce((product, side) => product * side, 1);
    const last = shape.reduce((sum, side, axis) => sum + (side - 1) * stride[axis]!, offset as number);
    const has = Math.floor(bytes.length / itemBytes);
    if (shape.length !== stride.length || shape.length > 8 || count > has || (count > 0 && last >= has))
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
    ['torch._utils._rebuild_parameter', { name: '_rebuild_parameter', call: ([tensor]) => tensor }],
    ['torch.Size', { name: 'torch.Size', call: ([sides]) => sides }],
  ]);
  return (name) => table.get(name);
}

const isCounts = (values: unknown): values is number[] =>
  Array.isArray(values) && values.every((each) => Number.isSafeInteger(each) && each >= 0);

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

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'tensor' in value;

function stateDict(value: unknown, path: string): ReadonlyMap<string, StoredTensor> {
  if (!(value instanceof Map)) throw new InputError(`${path}: expected a state dict, found another value`);
  const named = [...value] as [unknown, unknown][];
  if (named.length > 0 && named.every(([name, each]) => typeof name === 'string' && isTensor(each)))
    return new Map(named.map(([name, each]) => [name as string, (each as Tensor).tensor]));
  const home = homes.find((key) => value.get(key) instanceof Map);
  if (home !== undefined) return stateDict(new Map(value.get(home)), path);
  const keys = named.slice(0, 6).map(([key]) =>
    String(key)
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 40),
  );
  throw new InputError(
    `${path}: no state dict at the top or under ${homes.join(', ')}; found ${keys.join(', ') || 'nothing'}`,
  );
}
