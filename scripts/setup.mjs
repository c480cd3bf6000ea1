import { fileURLToPath } from 'node:url';
import { problemLine } from './setup/problem.mjs';
import { provision } from './setup/provision.mjs';

const help = `npm run setup [-- FLAG...]: npm's packages, TensorFlow's libraries and its addon, gcnc's own kernels; what is there is skipped

  --gpu     the CUDA build (untested; also GCNC_GPU=1); stays chosen until --cpu
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
} else
  try {
    const started = performance.now();
    const { changed, lacking } = await provision({
      root: fileURLToPath(new URL('..', import.meta.url)),
      env: process.env,
      tensorflow: true,
      flags,
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const but = lacking.map(({ what, remedy }) => `, but ${what}; ${remedy}`).join('');
    process.stderr.write(
      changed ? `setup: ready after ${seconds} s\n` : `setup: everything is there${but}\n`,
    );
  } catch (error) {
    process.stderr.write(`${problemLine(error, process.env)}\n`);
    process.exitCode = 1;
  }
