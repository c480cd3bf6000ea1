import { resolve } from 'node:path';
import { type AddonRecord, tensorFlowInPlace, wantedTensorFlow } from '../../scripts/setup/state.mjs';
import { missingCudaLibraries } from '../backend/cuda-libraries.ts';
import { addonPath, kernelsInUse, loadTensorFlow } from '../backend/load.ts';
import type { KernelsInUse } from '../backend/own-kernels.ts';

const root = resolve(import.meta.dirname, '../..');

export interface TensorFlowState {
  readonly version: string | null;
  /** The device that runs; null where TensorFlow does not load. */
  readonly device: 'cpu' | 'gpu' | null;
  readonly setUpFor: 'cpu' | 'gpu' | null;
  readonly libraries: string | null;
  readonly addon: string;
  /** Whose kernels do the work, and why; null where TensorFlow does not load. */
  readonly kernels: KernelsInUse | null;
  /** Why it does not run. */
  readonly error: string | null;
  /** Why it runs on the CPU though it is set up for a GPU. */
  readonly missingCudaLibraries: readonly string[];
}

/** Loads TensorFlow, if it is there, and says what became of it; throws nothing. */
export function describeTensorFlow(env: NodeJS.ProcessEnv): TensorFlowState {
  const wanted = wantedTensorFlow(root, env);
  const record = tensorFlowInPlace(root, wanted, env);
  const found = {
    version: null,
    device: null,
    setUpFor: record?.device ?? null,
    libraries: record?.folder ?? null,
    addon: addonPath(),
    kernels: null,
    error: null,
    missingCudaLibraries: [],
  };
  const missing = wanted.device === 'gpu' ? missingCudaLibraries(record?.cudaFolders ?? []) : [];
  try {
    const binding = loadTensorFlow();
    const device = binding.isUsingGpuDevice() ? 'gpu' : 'cpu';
    return {
      ...found,
      version: binding.TF_Version,
      device,
      kernels: explained(kernelsInUse(), record?.addons ?? {}),
      missingCudaLibraries: device === 'gpu' ? [] : missing,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...found, error: message, missingCudaLibraries: missing };
  }
}

/** Set-up knows why kernels that it was to compile are missing. */
function explained(inUse: KernelsInUse, compiled: Readonly<Record<string, AddonRecord>>): KernelsInUse {
  const failures = Object.entries(compiled).filter(([name]) => name.startsWith('gcnc_kernels'));
  const failure = failures.map(([, record]) => record.failure).find((each) => each !== null);
  if (inUse.remedy === null || !failure) return inUse;
  return { ...inUse, why: failure.what, remedy: failure.remedy };
}
