import { cpuFlags } from './cpu-flags.ts';
import { loadTensorFlow } from './load.ts';

/** `auto` is bfloat16 where the processor multiplies it natively (AMX or AVX512-BF16) or a GPU does the work, else float32. */
export const resolvePrecision = (asked: 'float32' | 'bfloat16' | 'auto'): 'float32' | 'bfloat16' => {
  if (asked !== 'auto') return asked;
  const flags = cpuFlags();
  const isNative = flags !== null && (flags.has('amx_bf16') || flags.has('avx512_bf16'));
  return isNative || loadTensorFlow().isUsingGpuDevice() ? 'bfloat16' : 'float32';
};
