import { readFileSync } from 'node:fs';
import { loadTensorFlow } from './load.ts';

/** `auto` is bfloat16 where the processor multiplies it natively (AMX or AVX512-BF16) or a GPU does the work, else float32. */
export const resolvePrecision = (asked: 'float32' | 'bfloat16' | 'auto'): 'float32' | 'bfloat16' => {
  if (asked !== 'auto') return asked;
  return loadTensorFlow().isUsingGpuDevice() || /\b(amx_bf16|avx512_bf16)\b/.test(cpuFlags())
    ? 'bfloat16'
    : 'float32';
};

const cpuFlags = (): string => {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
};
