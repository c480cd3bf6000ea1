import { fileURLToPath } from 'node:url';
import { setUp } from './setup/set-up.mjs';

const help = `npm run setup [-- FLAG...]: npm's packages, TensorFlow's libraries and its addon, gcnc's own kernels; what is there is skipped

  --gpu     the CUDA build (docs/gpu.md; also GCNC_GPU=1); stays chosen until --cpu
  --cpu     the CPU build (also GCNC_GPU=0)
  --force   compile the addon and the kernels again

GCNC_CACHE_DIR   where libraries are kept (default: gcnc in the user's cache folder)
GCNC_TENSORFLOW  a wheel, a folder of wheels, or an unpacked folder, instead of the package index
`;

const flags = process.argv.slice(2);
const unknown = flags.find((flag) => !['--gpu', '--cpu', '--force', '--help'].includes(flag));
if (flags.includes('--help')) process.stdout.write(help);
else if (unknown !== undefined) {
  process.stderr.write(`setup: unknown option ${unknown}; allowed are --gpu, --cpu, --force, --help\n`);
  process.exitCode = 2;
} else {
  const root = fileURLToPath(new URL('..', import.meta.url));
  process.exitCode = await setUp({ root, env: process.env, flags });
}
