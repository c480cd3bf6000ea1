import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { cpuFlags } from '../backend/cpu-flags.ts';

export interface Machine {
  readonly cpu: string | null;
  readonly cores: number;
  /** Of those that decide TensorFlow's speed; null where the system does not say. */
  readonly instructionSets: Readonly<Record<InstructionSet, boolean>> | null;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
}

/** The kernel's names in /proc/cpuinfo. AMX takes both its tiles and a number format. */
const instructionSets = {
  AVX2: ['avx2'],
  'AVX-512': ['avx512f'],
  'AVX512-BF16': ['avx512_bf16'],
  'AMX-BF16': ['amx_tile', 'amx_bf16'],
} as const;

export type InstructionSet = keyof typeof instructionSets;

/** The processor and memory of this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || null,
    cores: availableParallelism(),
    instructionSets: instructionSetsIn(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
  };
}

/** Which instruction sets /proc/cpuinfo, or another text like it, names; null where it has no flags (as on Arm). */
export function instructionSetsIn(cpuInfo?: string): Record<InstructionSet, boolean> | null {
  const flags = cpuFlags(cpuInfo);
  if (flags === null) return null;
  const has = (set: InstructionSet): boolean => instructionSets[set].every((flag) => flags.has(flag));
  return {
    AVX2: has('AVX2'),
    'AVX-512': has('AVX-512'),
    'AVX512-BF16': has('AVX512-BF16'),
    'AMX-BF16': has('AMX-BF16'),
  };
}
