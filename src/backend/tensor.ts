import { loadTensorFlow, type NativeAttribute } from './load.ts';

/** TensorFlow's numbers of the types in use (TF_DataType). */
const typeNumber = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;
export type DataType = keyof typeof typeNumber;
const typeOfNumber = new Map<number, DataType>(
  Object.entries(typeNumber).map(([name, number]) => [number, name as DataType]),
);

/** A tensor in TensorFlow's memory. It has one owner, who calls `dispose` once; `scope` does so for whatever it made. */
export interface Tensor {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

export type AttributeValue =
  | { readonly type: DataType }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly shape: readonly number[] };

const live = new Set<Tensor>();
/** By TensorFlow's handle, how many tensors share it beside the first. */
const furtherOwners = new Map<number, number>();
const scopes: Set<Tensor>[] = [];

const own = <T extends Tensor>(tensor: T): T => {
  live.add(tensor);
  scopes.at(-1)?.add(tensor);
  return tensor;
};

/** How many tensors are alive: flat over training steps, or something leaks. */
export const liveTensorCount = (): number => live.size;

export const dispose = (...tensors: readonly (Tensor | null | undefined)[]): void => {
  for (const tensor of tensors) {
    if (!tensor || !live.delete(tensor)) continue;
    for (const made of scopes) made.delete(tensor);
    release(tensor.id);
  }
};

const release = (id: number): void => {
  const others = furtherOwners.get(id) ?? 0;
  if (others === 0) loadTensorFlow().deleteTensor(id);
  else if (others === 1) furtherOwners.delete(id);
  else furtherOwners.set(id, others - 1);
};

/** Hands a tensor from the current scope to its caller's, or out of all scopes. */
export const keep = <T extends Tensor>(tensor: T): T => {
  scopes.at(-1)?.delete(tensor);
  scopes.at(-2)?.add(tensor);
  return tensor;
};

/** Takes a tensor out of all scopes: whoever holds it disposes of it. */
export const unscoped = <T extends Tensor>(tensor: T): T => {
  for (const made of scopes) made.delete(tensor);
  return tensor;
};

/** Runs `body` and frees every tensor that it made and did not `keep`. */
export const scope = <T>(body: () => T): T => {
  const made = new Set<Tensor>();
  scopes.push(made);
  try {
    return body();
  } finally {
    dispose(...made);
    scopes.pop();
  }
};

/** Number of values in a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A tensor from host values, copied. @throws Error if their number does not fit the shape. */
export const fromArray = (
  values: Float32Array | Int32Array | Uint8Array,
  shape: readonly number[],
): Tensor => {
  if (values.length !== sizeOf(shape))
    throw new Error(`${values.length} values do not fill the shape [${shape}]`);
  const dtype = values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'uint8';
  return own({ id: loadTensorFlow().createTensor(shape, typeNumber[dtype], values), shape, dtype });
};

const constants = new Map<string, Tensor>();
const constant = (key: string, make: () => Tensor): Tensor => {
  const known = constants.get(key);
  if (known) return known;
  const made = make();
  live.delete(made);
  for (const open of scopes) open.delete(made);
  constants.set(key, made);
  return made;
};

/** A small int32 tensor that lives for ever, such as a shape or a list of axes; a vector where no shape is given. */
export const ints = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  constant(`i${values}/${shape}`, () => fromArray(Int32Array.from(values), shape));

/** An int32 scalar that lives for ever. */
export const int = (value: number): Tensor =>
  constant(`s${value}`, () => fromArray(Int32Array.of(value), []));

/** A float32 scalar that lives for ever: for constants of the program, not for values that change with each step. */
export const float = (value: number): Tensor =>
  constant(`f${value}`, () => fromArray(Float32Array.of(value), []));

/** A float32 vector of zeros that lives for ever. */
export const zeros = (size: number): Tensor =>
  constant(`z${size}`, () => fromArray(new Float32Array(size), [size]));

/** A tensor without values that lives for ever: an optional input that is left out. */
export const empty = (dtype: DataType): Tensor =>
  constant(`e${dtype}`, () => {
    const made = fromArray(new Float32Array(0), [0]);
    const typed = cast(made, dtype);
    dispose(made);
    return typed;
  });

/** A float32 scalar owned by the caller. */
export const scalar = (value: number): Tensor => fromArray(Float32Array.of(value), []);

const nativeAttribute = (name: string, value: AttributeValue): NativeAttribute => {
  const tf = loadTensorFlow();
  if ('type' in value) return { name, type: tf.TF_ATTR_TYPE, value: typeNumber[value.type] };
  if ('int' in value) return { name, type: tf.TF_ATTR_INT, value: value.int };
  if ('ints' in value) return { name, type: tf.TF_ATTR_INT, value: value.ints };
  if ('float' in value) return { name, type: tf.TF_ATTR_FLOAT, value: value.float };
  if ('bool' in value) return { name, type: tf.TF_ATTR_BOOL, value: value.bool };
  if ('shape' in value) return { name, type: tf.TF_ATTR_SHAPE, value: value.shape };
  return { name, type: tf.TF_ATTR_STRING, value: value.string };
};

/** Runs one TensorFlow op by its name in the op registry. @throws Error with TensorFlow's message. */
export const execute = (
  name: string,
  inputs: readonly { readonly id: number }[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  outputs = 1,
): Tensor[] => {
  const native = Object.entries(attributes).map(([key, value]) => nativeAttribute(key, value));
  const made = loadTensorFlow().executeOp(
    name,
    native,
    inputs.map((input) => input.id),
    outputs,
  );
  return made.map(({ id, shape, dtype }) => {
    const known = typeOfNumber.get(dtype);
    if (!known) throw new Error(`op ${name} returned a tensor of type ${dtype}, which gcnc does not use`);
    return own({ id, shape, dtype: known });
  });
};

/** Runs an op and returns its first output. */
export const run = (
  name: string,
  inputs: readonly { readonly id: number }[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Tensor => execute(name, inputs, attributes)[0]!;

/** The values of a float32 tensor, or of a bfloat16 one widened, on the host. */
export const readFloats = (tensor: Tensor): Float32Array => {
  if (tensor.dtype === 'float32') return loadTensorFlow().tensorDataSync(tensor.id) as Float32Array;
  const wide = cast(tensor, 'float32');
  const values = loadTensorFlow().tensorDataSync(wide.id) as Float32Array;
  dispose(wide);
  return values;
};

export const readBytes = (tensor: Tensor): Uint8Array =>
  loadTensorFlow().tensorDataSync(tensor.id) as Uint8Array;

/** The same memory with one more owner. */
export const alias = (tensor: Tensor): Tensor => {
  furtherOwners.set(tensor.id, (furtherOwners.get(tensor.id) ?? 0) + 1);
  return own({ ...tensor });
};

/** The tensor in another type, or a second handle on its memory where it has that type. Op: Cast. */
export const cast = (tensor: Tensor, dtype: DataType): Tensor =>
  tensor.dtype === dtype
    ? alias(tensor)
    : run('Cast', [tensor], {
        SrcT: { type: tensor.dtype },
        DstT: { type: dtype },
        Truncate: { bool: false },
      });
