import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '../input-error.ts';
import { whyNoGpu } from './cuda-libraries.ts';
import { type KernelsInUse, useOwnKernels } from './own-kernels.ts';

/** An attribute of a TensorFlow op, as tfjs-node's addon takes it; `type` is one of the binding's TF_ATTR constants. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: string | number | boolean | readonly number[];
}

export interface NativeTensorInfo {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The addon of tfjs-node-gpu: TensorFlow's eager C API. */
export interface NativeBinding {
  readonly TF_Version: string;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  createTensor(
    shape: readonly number[],
    dtype: number,
    values: Float32Array | Int32Array | Uint8Array | readonly Uint8Array[],
  ): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensorInfo[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
}

const require = createRequire(import.meta.url);

/** Where set-up puts the compiled addon. */
export const addonPath = (): string =>
  join(
    dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')),
    'lib',
    'napi-v8',
    'tfjs_binding.node',
  );

/** Where set-up puts gcnc's own kernels (src/backend/native), if it could compile them. */
export const kernelsPath = (): string => join(dirname(addonPath()), 'gcnc_kernels.node');

let loaded: { readonly binding: NativeBinding; readonly kernels: KernelsInUse } | undefined;

/**
 * Whether gcnc's own ops are in TensorFlow's registry: set-up compiles them for x86-64, and they need a processor that has AVX-512 with
 * bfloat16. Elsewhere, on a GPU, and with GCNC_KERNELS=tensorflow, TensorFlow's ops do the work.
 */
export const hasOwnKernels = (): boolean => kernelsInUse().kernels === 'gcnc';

/** Whose kernels do the work, and why not gcnc's own. */
export const kernelsInUse = (): KernelsInUse => load().kernels;

/**
 * TensorFlow's eager runtime, loaded on the first call: the one place that loads it. The addon is taken without tfjs's
 * JavaScript, which would add half a second and needs functions that Node 23 dropped.
 * @throws InputError if set-up has not run, or if GCNC_DEVICE or GCNC_KERNELS asks for what is not to be had.
 */
export const loadTensorFlow = (): NativeBinding => load().binding;

function load(): NonNullable<typeof loaded> {
  if (loaded) return loaded;
  const path = addonPath();
  if (!existsSync(path))
    throw new InputError(`TensorFlow is not set up: ${path} is missing; run 'npm run setup'`);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  const device = process.env.GCNC_DEVICE;
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
  const binding = loadAddon(path);
  if (device === 'gpu' && !binding.isUsingGpuDevice())
    throw new InputError(`GCNC_DEVICE=gpu, and TensorFlow found no GPU: ${whyNoGpu(dirname(path))}`);
  const isGpu = binding.isUsingGpuDevice();
  const kernels = useOwnKernels(kernelsPath(), process.env.GCNC_KERNELS ?? '', { isGpu });
  loaded = { binding, kernels };
  return loaded;
}

function loadAddon(path: string): NativeBinding {
  try {
    return require(path) as NativeBinding;
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new InputError(`TensorFlow does not load: ${cause}; run 'npm run setup -- --force'`);
  }
}
