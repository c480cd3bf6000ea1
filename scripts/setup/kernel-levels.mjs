/**
 * The instruction sets that gcnc's own kernels are compiled for, the fastest first: each is an addon from the same sources (src/backend/native),
 * or a part of another's `addon`. `cpuFlags` are what it needs, by /proc/cpuinfo's names; GCNC_KERNELS asks for one by its name.
 */
const avx512 = {
  architecture: 'x64',
  cpuFlags: ['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512vl', 'avx512dq'],
  // Haswell is x86-64-v3 by a name that GCC 10 knows.
  compilerFlags: [
    ...['-march=haswell', '-mtune=generic', '-mprefer-vector-width=512'],
    ...['-mavx512f', '-mavx512bw', '-mavx512vl', '-mavx512dq'],
  ],
};

const bfloat16 = {
  ...avx512,
  name: 'avx512bf16',
  title: 'AVX-512 with bfloat16',
  cpuFlags: [...avx512.cpuFlags, 'avx512_bf16'],
  compilerFlags: [...avx512.compilerFlags, '-mavx512bf16'],
};

const levels = [
  {
    ...bfloat16,
    name: 'amx',
    title: 'AMX',
    addon: 'avx512bf16',
    cpuFlags: [...bfloat16.cpuFlags, 'amx_tile', 'amx_bf16'],
  },
  bfloat16,
  { ...avx512, name: 'avx512', title: 'AVX-512' },
  {
    name: 'avx2',
    title: 'AVX2',
    architecture: 'x64',
    cpuFlags: ['avx2', 'fma'],
    compilerFlags: ['-mavx2', '-mfma', '-mtune=generic'],
  },
  // Every 64-bit Arm processor has it.
  { name: 'neon', title: 'NEON', architecture: 'arm64', cpuFlags: [], compilerFlags: [] },
];

/** Those for processors of an architecture, by Node's name. */
export const kernelLevels = (architecture) => levels.filter((level) => level.architecture === architecture);

/** Those that are compiled. */
export const compiledLevels = (architecture) =>
  kernelLevels(architecture).filter(({ addon }) => addon === undefined);

/** The file of a level's addon. */
export const kernelsFile = ({ name, addon }) => `gcnc_kernels_${addon ?? name}.node`;
