import { readFileSync, writeFileSync } from 'node:fs';
import {
  loadTensorFlow,
  type NativeAttribute,
  type NativeBinding,
  watchTensorFlow,
} from '../../src/backend/load.ts';
import { ownReserves } from './reserves.ts';
import { watchedBinding } from './watched-binding.ts';

/** One call of an op with its operands and what came of it: enough to make it again on another device. */
export interface TracedCall {
  readonly op: string;
  readonly attributes: readonly NativeAttribute[];
  readonly inputs: readonly TracedTensor[];
  readonly outputs: readonly TracedTensor[];
}

export interface TracedTensor {
  readonly shape: readonly number[];
  /** TF_DataType. */
  readonly dtype: number;
  readonly values: readonly number[];
}

const [float32, int32, uint8, boolean, bfloat16] = [1, 3, 4, 10, 14];
const readable = new Set([float32, int32, uint8, boolean, bfloat16]);
const castAttributes = (binding: NativeBinding, from: number, to: number): NativeAttribute[] => [
  { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: from },
  { name: 'DstT', type: binding.TF_ATTR_TYPE, value: to },
  { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
];

/**
 * Runs `body` and returns each call of an op that differs in op, attributes or shapes, with its values. Ops on resources are left out:
 * what they do shows in the steps of training.
 */
export const traceOps = (body: () => void): TracedCall[] => {
  const binding = loadTensorFlow();
  const known = new Map<number, { shape: readonly number[]; dtype: number }>();
  const calls = new Map<string, TracedCall>();
  const read = (id: number): TracedTensor => {
    const { shape, dtype } = known.get(id)!;
    if (dtype !== bfloat16) return { shape, dtype, values: [...binding.tensorDataSync(id)] };
    const [wide] = binding.executeOp('Cast', castAttributes(binding, bfloat16, float32), [id], 1);
    const values = [...binding.tensorDataSync(wide!.id)];
    binding.deleteTensor(wide!.id);
    return { shape, dtype, values };
  };
  watchTensorFlow(() =>
    watchedBinding(binding, {
      createTensor: (shape, dtype, values) => {
        const id = binding.createTensor(shape, dtype, values);
        known.set(id, { shape, dtype });
        return id;
      },
      executeOp: (op, attributes, inputs, outputs) => {
        const forms = inputs.map((id) => known.get(id));
        const key = JSON.stringify([op, attributes, forms]);
        const isTraced = forms.every((form) => form && readable.has(form.dtype)) && !calls.has(key);
        const before = isTraced ? inputs.map(read) : [];
        const made = binding.executeOp(op, attributes, inputs, outputs);
        for (const { id, shape, dtype } of made) known.set(id, { shape, dtype });
        if (isTraced && made.length > 0 && made.every(({ dtype }) => readable.has(dtype)))
          calls.set(key, { op, attributes, inputs: before, outputs: made.map(({ id }) => read(id)) });
        return made;
      },
    }),
  );
  try {
    body();
  } finally {
    watchTensorFlow(() => binding);
  }
  return [...calls.values()];
};

/** Makes a call again on this process's device; its outputs' values. */
export const replayOp = (call: TracedCall): number[][] => {
  const { op, attributes, inputs, outputs } = call;
  const binding = loadTensorFlow();
  const ids = inputs.map(({ shape, dtype, values }) => {
    if (dtype === int32) return binding.createTensor(shape, dtype, Int32Array.from(values));
    if (dtype === uint8 || dtype === boolean)
      return binding.createTensor(shape, dtype, Uint8Array.from(values));
    const wide = binding.createTensor(shape, float32, Float32Array.from(values));
    if (dtype === float32) return wide;
    const [narrow] = binding.executeOp('Cast', castAttributes(binding, float32, bfloat16), [wide], 1);
    binding.deleteTensor(wide);
    return narrow!.id;
  });
  const reserves = ownReserves(binding, call, ids);
  const operands = [...ids.slice(0, ids.length - reserves.length), ...reserves];
  const made = binding.executeOp(op, attributes, operands, outputs.length);
  const values = made.map(({ id, dtype }) => {
    if (dtype !== bfloat16) return [...binding.tensorDataSync(id)];
    const [wide] = binding.executeOp('Cast', castAttributes(binding, bfloat16, float32), [id], 1);
    return [...binding.tensorDataSync(wide!.id)];
  });
  for (const id of [...ids, ...reserves, ...made.map((each) => each.id)]) binding.deleteTensor(id);
  return values;
};

export const writeTrace = (path: string, calls: readonly TracedCall[]): void =>
  writeFileSync(
    path,
    JSON.stringify(calls, (_, value) => (Object.is(value, -0) ? 0 : value)),
  );
export const readTrace = (path: string): TracedCall[] => JSON.parse(readFileSync(path, 'utf8'));
