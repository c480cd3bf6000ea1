import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type KernelLevel, kernelLevels, kernelsFile } from '../../scripts/setup/kernel-levels.mjs';
import { diagnostics } from '../diagnostics.ts';
import { InputError } from '../input-error.ts';
import { cpuFlags } from './cpu-flags.ts';
import { setupRemedy } from './setup-remedy.ts';

/** Whose kernels do the heavy work; `why` it is not gcnc's own, and what to do where something can be done. */
export interface KernelsInUse {
  readonly kernels: 'gcnc' | 'tensorflow';
  /** The instruction set that gcnc's own are compiled for; null where they are not in use. */
  readonly instructions: string | null;
  readonly why: string | null;
  readonly remedy: string | null;
}

const require = createRequire(import.meta.url);

/** What the processor can do: whether a GPU does the work instead, its flags by /proc/cpuinfo's names, its architecture by Node's. */
export interface Processor {
  readonly isGpu: boolean;
  readonly flags?: ReadonlySet<string> | null;
  readonly architecture?: string;
}

/**
 * Loads the fastest addon in `folder` that the processor can run, which puts gcnc's own ops into TensorFlow's registry; TensorFlow is loaded
 * already. `asked` is GCNC_KERNELS. An addon that is there and does not load is worth a line on standard error.
 * @throws InputError if GCNC_KERNELS asks for own kernels that cannot be used, or for what there is not.
 */
export function useOwnKernels(
  folder: string,
  asked: string,
  { isGpu, flags = cpuFlags(), architecture = process.arch }: Processor,
): KernelsInUse {
  const levels = kernelLevels(architecture);
  const names = levels.map(({ name }) => name);
  if (!['', 'gcnc', 'tensorflow', ...names].includes(asked))
    throw new InputError(
      `GCNC_KERNELS is ${asked}; allowed here are ${['gcnc', ...names, 'tensorflow'].join(', ')}`,
    );
  const tensorflow = (why: string, remedy: string | null = null): KernelsInUse => {
    if (asked !== '' && asked !== 'tensorflow')
      throw new InputError(`GCNC_KERNELS=${asked}: ${why}${remedy === null ? '' : `; run '${remedy}'`}`);
    return { kernels: 'tensorflow', instructions: null, why, remedy };
  };
  if (asked === 'tensorflow') return tensorflow('GCNC_KERNELS=tensorflow');
  if (isGpu) return tensorflow("gcnc's own run on the processor, and a GPU is used");
  const wanted = names.includes(asked) ? levels.filter(({ name }) => name === asked) : levels;
  if (wanted.length === 0)
    return tensorflow(`gcnc's own are for x86-64 and Arm, and this is ${architecture}`);
  // Before an addon is loaded: all of it is compiled for these instructions.
  const able = wanted.filter((level) => lackingOf(level, flags).length === 0);
  if (able.length === 0)
    return tensorflow(`this processor lacks ${lackingOf(wanted.at(-1)!, flags).join(', ')}`);
  const present = able.filter((each) => existsSync(join(folder, kernelsFile(each))));
  if (present.length === 0) return tensorflow("gcnc's own are not compiled", setupRemedy());
  let why = '';
  for (const level of present) {
    const outcome = register(join(folder, kernelsFile(level)), level);
    if (outcome === 'registered')
      return { kernels: 'gcnc', instructions: level.name, why: null, remedy: null };
    why ||= outcome.why;
    if (!outcome.isRefused) break;
  }
  const remedy = setupRemedy('--force');
  const inUse = tensorflow(why, remedy);
  diagnostics.warn(`gcnc: ${why}; TensorFlow's kernels do the work, slower; run '${remedy}'`);
  return inUse;
}

const lackingOf = ({ cpuFlags }: KernelLevel, flags: ReadonlySet<string> | null): readonly string[] =>
  flags === null ? [] : cpuFlags.filter((each) => !flags.has(each));

/** Puts a level's ops into the registry. The system may refuse a level that the processor has (a sandbox, AMX's tiles); the next may do. */
function register(
  path: string,
  { name }: KernelLevel,
): 'registered' | { readonly why: string; readonly isRefused: boolean } {
  try {
    const addon: { register: (level: string) => boolean } = require(path);
    if (addon.register(name)) return 'registered';
    return { why: `this system does not let gcnc's own kernels use ${name}`, isRefused: true };
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { why: `gcnc's own kernels do not load: ${cause}`, isRefused: false };
  }
}
