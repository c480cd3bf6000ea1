import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setupRemedy } from './setup-remedy.ts';

/** What TensorFlow 2.21 loads for a GPU: the driver's library, and CUDA 12's. */
const cudaLibraries = [
  'libcuda.so.1',
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcufft.so.11',
  'libcusolver.so.11',
  'libcusparse.so.12',
  'libcudnn.so.9',
] as const;

/** Those that are neither in the folders set-up unpacked nor found by the system's loader. */
export const missingCudaLibraries = (folders: readonly string[]): readonly string[] =>
  cudaLibraries.filter((name) => !folders.some((folder) => existsSync(join(folder, name))) && !loads(name));

/** Node loads any library to look for a module in it; a library that is there fails only for having none. */
function loads(name: string): boolean {
  try {
    process.dlopen({ exports: {} }, name);
    return true;
  } catch (error) {
    return error instanceof Error && !/cannot open shared object|no such file|not found/i.test(error.message);
  }
}

/** Why TensorFlow finds no GPU, from what set-up recorded beside the addon, and what to do; one sentence. */
export function whyNoGpu(addonFolder: string): string {
  const path = join(addonFolder, 'gcnc-setup.json');
  const { device, cudaFolders = [] }: { device?: string; cudaFolders?: readonly string[] } = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : {};
  if (device !== 'gpu') return `TensorFlow is set up for the CPU; run '${setupRemedy('--gpu')}'`;
  const missing = missingCudaLibraries(cudaFolders);
  if (missing.includes('libcuda.so.1')) return "libcuda.so.1 is missing; install NVIDIA's driver";
  return missing.length > 0
    ? `${missing.join(', ')} missing; run '${setupRemedy('--gpu')}'`
    : 'the libraries are there, but the driver shows no GPU (nvidia-smi, CUDA_VISIBLE_DEVICES)';
}
