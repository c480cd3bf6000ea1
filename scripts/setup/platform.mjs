import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupProblem } from './problem.mjs';

const linuxLibraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** What pip calls a platform, and the names of TensorFlow's libraries there. macOS is untested. */
const platforms = {
  'linux-x64': {
    tags: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux2010_x86_64'],
    libraries: linuxLibraries,
  },
  'linux-arm64': { tags: ['manylinux_2_27_aarch64'], libraries: linuxLibraries },
  'darwin-arm64': {
    tags: ['macosx_12_0_arm64'],
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
  },
};

/** The wheels, pinned by hash, that give TensorFlow for `device` on this machine. */
export function platformFor(device) {
  const name = `${process.platform}-${process.arch}`;
  const platform = platforms[name];
  if (platform === undefined) {
    const hint = process.platform === 'win32' ? '; on Windows use WSL' : '';
    throw new SetupProblem(
      `no TensorFlow library is known for ${name}; known are ${Object.keys(platforms).join(', ')}${hint}`,
    );
  }
  if (device === 'gpu' && name !== 'linux-x64')
    throw new SetupProblem(`GCNC_GPU=1: CUDA is set up on linux-x64 only, and this is ${name}`);
  const requirements = join(import.meta.dirname, 'requirements', `${name}-${device}.txt`);
  return { ...platform, requirements, wheels: readRequirements(requirements) };
}

function readRequirements(path) {
  const pattern = /^([\w-]+)==(\S+) --hash=sha256:([0-9a-f]{64})$/gm;
  return [...readFileSync(path, 'utf8').matchAll(pattern)].map(([, name, version, sha256]) => ({
    name,
    version,
    sha256,
  }));
}
