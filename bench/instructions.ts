/** What keeps both sides of a comparison to the same instructions: own kernels, TensorFlow's and PyTorch's oneDNN, ATen, MKL. */
const variables: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  '': {},
  avx2: {
    GCNC_KERNELS: 'avx2',
    ONEDNN_MAX_CPU_ISA: 'AVX2',
    ATEN_CPU_CAPABILITY: 'avx2',
    MKL_ENABLE_INSTRUCTIONS: 'AVX2',
  },
  avx512: {
    GCNC_KERNELS: 'avx512',
    ONEDNN_MAX_CPU_ISA: 'AVX512_CORE',
    ATEN_CPU_CAPABILITY: 'avx512',
    MKL_ENABLE_INSTRUCTIONS: 'AVX512',
  },
  avx512bf16: { GCNC_KERNELS: 'avx512bf16', ONEDNN_MAX_CPU_ISA: 'AVX512_CORE_BF16' },
  amx: { GCNC_KERNELS: 'amx' },
};

/** The environment for a level of own kernels; '' is all that the processor has. @throws Error on another name. */
export const environmentFor = (level: string): NodeJS.ProcessEnv => {
  const known = variables[level];
  if (known === undefined)
    throw new Error(
      `--instructions ${level}: there are ${Object.keys(variables).filter(Boolean).join(', ')}`,
    );
  return { ...process.env, ...known };
};
