import { InputError } from '../input-error.ts';
import { cpuFlags } from './cpu-flags.ts';
import { loadTensorFlow } from './load.ts';

/** The type that convolutions compute in. */
export type Precision = 'float32' | 'bfloat16';
/** As users ask for it: `auto` leaves it to the machine. */
export type AskedPrecision = Precision | 'auto';

export const tf32NeedsCard =
  'training.precision: tf32 is for NVIDIA cards since Ampere, and no GPU does the work here; use float32';

/**
 * The type that convolutions compute in. `tf32` is float32 whose products a card rounds (setTensorFloat32). `auto` is bfloat16 where
 * the processor multiplies it natively (AMX or AVX512-BF16) or a GPU does the work, else float32. Throws InputError for tf32
 * without a GPU.
 */
export const resolvePrecision = (asked: AskedPrecision | 'tf32'): Precision => {
  if (asked === 'tf32') {
    if (!loadTensorFlow().isUsingGpuDevice()) throw new InputError(tf32NeedsCard);
    return 'float32';
  }
  if (asked !== 'auto') return asked;
  const flags = cpuFlags();
  const isNative = flags !== null && (flags.has('amx_bf16') || flags.has('avx512_bf16'));
  return isNative || loadTensorFlow().isUsingGpuDevice() ? 'bfloat16' : 'float32';
};
