import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { diagnostics } from '../diagnostics.ts';
import { InputError } from '../input-error.ts';
import { cpuFlags } from './cpu-flags.ts';
import { setupRemedy } from './setup-remedy.ts';

/** Whose kernels do the heavy work; `why` it is not gcnc's own, and what to do where something can be done. */
export interface KernelsInUse {
  readonly kernels: 'gcnc' | 'tensorflow';
  readonly why: string | null;
  readonly remedy: string | null;
}

/** What src/backend/native is compiled for, by /proc/cpuinfo's names. */
const instructions = ['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512vl', 'avx512dq', 'avx512_bf16'];

const require = createRequire(import.meta.url);

/**
 * Loads the addon at `path`, which puts gcnc's own ops into TensorFlow's registry, where they can be used; TensorFlow is loaded
 * already. `asked` is GCNC_KERNELS. An addon that is there and does not load is worth a line on standard error.
 * @throws InputError if GCNC_KERNELS=gcnc asks for them and they cannot be used, or is neither that nor `tensorflow`.
 */
export function useOwnKernels(
  path: string,
  asked: string,
  { isGpu, flags = cpuFlags() }: { readonly isGpu: boolean; readonly flags?: ReadonlySet<string> | null },
): KernelsInUse {
  if (!['', 'gcnc', 'tensorflow'].includes(asked))
    throw new InputError(`GCNC_KERNELS is ${asked}; allowed are gcnc and tensorflow`);
  const tensorflow = (why: string, remedy: string | null = null): KernelsInUse => {
    if (asked === 'gcnc')
      throw new InputError(`GCNC_KERNELS=gcnc: ${why}${remedy === null ? '' : `; run '${remedy}'`}`);
    return { kernels: 'tensorflow', why, remedy };
  };
  if (asked === 'tensorflow') return tensorflow('GCNC_KERNELS=tensorflow');
  if (isGpu) return tensorflow("gcnc's own run on the processor, and a GPU is used");
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return tensorflow(`gcnc's own are for Linux on x86-64, and this is ${process.platform}-${process.arch}`);
  // Before the addon is loaded: all of it is compiled for these instructions.
  const lacking = flags === null ? [] : instructions.filter((each) => !flags.has(each));
  if (lacking.length > 0) return tensorflow(`this processor lacks ${lacking.join(', ')}`);
  if (!existsSync(path)) return tensorflow("gcnc's own are not compiled", setupRemedy());
  const why = whyNotLoaded(path);
  if (why === null) return { kernels: 'gcnc', why, remedy: null };
  const remedy = setupRemedy('--force');
  const inUse = tensorflow(why, remedy);
  diagnostics.warn(`gcnc: ${why}; TensorFlow's kernels do the work, slower; run '${remedy}'`);
  return inUse;
}

function whyNotLoaded(path: string): string | null {
  try {
    const { registered }: { registered: boolean } = require(path);
    return registered ? null : "gcnc's own kernels find no AVX-512 with bfloat16";
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return `gcnc's own kernels do not load: ${cause}`;
  }
}
