import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { addonFolder } from '../../scripts/setup/addons.mjs';
import { diagnostics } from '../diagnostics.ts';
import { checkEnvironmentWords } from '../environment-words.ts';
import { InputError } from '../input-error.ts';
import { whyNoGpu } from './cuda-libraries.ts';
import { loadFramework, setTensorFloat32 } from './framework.ts';
import { type KernelsInUse, useOwnKernels } from './own-kernels.ts';
import { setupRemedy } from './setup-remedy.ts';

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

const root = resolve(import.meta.dirname, '../..');
const folder = (): string => addonFolder(root, process.env);

/** Where set-up puts the compiled addon. */
export const addonPath = (): string => join(folder(), 'tfjs_binding.node');

let loaded: { readonly binding: NativeBinding; readonly kernels: KernelsInUse } | undefined;

/**
 * Whether gcnc's own ops are in TensorFlow's registry: set-up compiles them for several instruction sets, of which the processor needs one.
 * Elsewhere, on a GPU, and with GCNC_KERNELS=tensorflow, TensorFlow's ops do the work.
 */
export const hasOwnKernels = (): boolean => kernelsInUse().kernels === 'gcnc';

/** Whose kernels do the work, and why not gcnc's own. */
export const kernelsInUse = (): KernelsInUse => load().kernels;

/**
 * TensorFlow's eager runtime, loaded on the first call: the one place that loads it. The addon is taken without tfjs's
 * JavaScript, which would add half a second and needs functions that Node 23 dropped.
 * @throws InputError if set-up has not run, or if a GCNC_ variable asks for what there is not or is not to be had.
 */
export const loadTensorFlow = (): NativeBinding => load().binding;

/** Puts a look-out between gcnc and TensorFlow: what a benchmark counts passes through it. */
export const watchTensorFlow = (watching: (binding: NativeBinding) => NativeBinding): void => {
  const { binding, kernels } = load();
  loaded = { binding: watching(binding), kernels };
};

function load(): NonNullable<typeof loaded> {
  if (loaded) return loaded;
  checkEnvironmentWords(process.env);
  const path = addonPath();
  if (!existsSync(path))
    throw new InputError(`TensorFlow is not set up: ${path} is missing; run '${setupRemedy()}'`);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  const device = process.env.GCNC_DEVICE;
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
  const setUpFor = loadFramework(folder(), process.env.GCNC_LOG);
  // float32 means float32. Without the addon NVIDIA's libraries are told so, which nothing can take back.
  if (!setTensorFloat32(false)) process.env.NVIDIA_TF32_OVERRIDE = '0';
  // So that a resumed run equals an undisturbed one; on the processor TensorFlow is deterministic as it is.
  if (setUpFor === 'gpu' && device !== 'cpu' && process.env.GCNC_DETERMINISTIC !== '0')
    process.env.TF_DETERMINISTIC_OPS ??= '1';
  const started = performance.now();
  const binding = loadAddon(path);
  if (device === 'gpu' && !binding.isUsingGpuDevice())
    throw new InputError(`GCNC_DEVICE=gpu, and TensorFlow found no GPU: ${whyNoGpu(folder())}`);
  const isGpu = binding.isUsingGpuDevice();
  const kernels = useOwnKernels(folder(), process.env.GCNC_KERNELS ?? '', { isGpu });
  const seconds = (performance.now() - started) / 1000;
  diagnostics.debug(
    { version: binding.TF_Version, addon: path, isGpu, ...kernels, seconds },
    'TensorFlow is loaded',
  );
  loaded = { binding, kernels };
  return loaded;
}

function loadAddon(path: string): NativeBinding {
  try {
    return require(path) as NativeBinding;
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new InputError(`TensorFlow does not load: ${cause}; run '${setupRemedy('--force')}'`);
  }
}
