import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { diagnostics } from '../diagnostics.ts';

const require = createRequire(import.meta.url);
const recordSchema = z.object({
  folder: z.string(),
  device: z.enum(['cpu', 'gpu']),
  libraries: z.record(z.string(), z.number()),
  cudaFolders: z.array(z.string()).default([]),
});

/** The addon of src/backend/framework: what TensorFlow's C API lacks. */
interface Framework {
  readonly load: (path: string, quietly: boolean) => boolean;
  readonly hold: (library: string) => boolean;
  readonly setTensorFloat32: (on: boolean) => boolean;
}

let framework: Framework | null = null;

/**
 * Loads TensorFlow's framework library before its addon does, without its two lines about oneDNN, and has it log warnings and errors
 * only. With GCNC_LOG at debug or trace, and where set-up could not compile the addon, TensorFlow prints what it likes. Returns the
 * device that set-up chose the library for.
 */
export function loadFramework(addonFolder: string, level: string | undefined): 'cpu' | 'gpu' {
  const addon = join(addonFolder, 'gcnc_framework.node');
  const path = join(addonFolder, 'gcnc-setup.json');
  if (!existsSync(path)) return 'cpu';
  const { folder, device, libraries, cudaFolders } = recordSchema.parse(
    JSON.parse(readFileSync(path, 'utf8')),
  );
  const name = Object.keys(libraries).find((each) => each.includes('framework'));
  if (existsSync(addon) && name !== undefined)
    try {
      const found: Framework = require(addon);
      if (found.load(join(folder, name), level !== 'debug' && level !== 'trace')) framework = found;
      if (device === 'gpu') holdUnfound(found, cudaFolders);
    } catch (error) {
      diagnostics.debug(`TensorFlow's settings stay: ${(error as Error).message}`);
    }
  return device;
}

/** TensorFlow 2.21 looks for CUDA's libraries in its neighbours' folders, but for this one; without it, it takes no card. */
const unfound = 'libcusolver.so.11';

function holdUnfound({ hold }: Framework, folders: readonly string[]): void {
  const path = folders.map((each) => join(each, unfound)).find(existsSync);
  if (path !== undefined && hold('libcuda.so.1')) hold(path);
}

/**
 * Whether float32 products may be rounded to TF32's ten bits, as NVIDIA's cards since Ampere do unless told otherwise: 1e-3 instead
 * of 1e-6. False where TensorFlow does not do as asked. It does nothing on a processor.
 */
export const setTensorFloat32 = (on: boolean): boolean => framework?.setTensorFloat32(on) ?? false;
