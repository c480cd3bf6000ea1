import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder, partialName, removeAbandoned } from './cache-folder.mjs';
import { downloadWheels, requirePython } from './download-wheels.mjs';
import { platformFor } from './platform.mjs';
import { SetupProblem } from './problem.mjs';
import { lastError, runCommand } from './run-command.mjs';
import { checkedWheels, checkWheel } from './wheel-files.mjs';

const headers = ['tensorflow/c/', 'tensorflow/core/', 'xla/tsl/c/', 'tsl/platform/'];

/**
 * TensorFlow's libraries and headers: what is in the cache, else unpacked from the wheels that `source` (GCNC_TENSORFLOW) names,
 * else from the package index. Returns {folder, libraries, cudaFolders}: the folder with include/, and the libraries in it.
 */
export async function provideTensorFlow({ device, source, env, say, beforeFetching }) {
  const platform = platformFor(device);
  if (source !== null) {
    const given = librariesIn(source, platform.libraries);
    if (given !== null) return given;
  }
  const [tensorflow] = platform.wheels;
  const cache = cacheFolder(env);
  const target = join(cache, `tensorflow-${tensorflow.version}-${device}-${tensorflow.sha256.slice(0, 12)}`);
  const cached = librariesIn(target, platform.libraries);
  if (cached !== null) return cached;

  mkdirSync(cache, { recursive: true });
  removeAbandoned(cache);
  beforeFetching();
  requirePython(env, { pip: source === null });
  if (source === null) {
    const download = join(cache, 'downloads', tensorflow.sha256.slice(0, 12));
    say(
      `TensorFlow ${tensorflow.version} from the package index (${device === 'gpu' ? '3.4 GB' : '0.3 GB'})`,
    );
    downloadWheels(platform, download, env);
    unpack(await checkedWheels(download, platform.wheels), target, platform, env);
    rmSync(download, { recursive: true, force: true });
  } else {
    say(`TensorFlow ${tensorflow.version} from ${source}`);
    unpack(await wheelsAt(source, platform.wheels, device), target, platform, env);
  }
  const provided = librariesIn(target, platform.libraries);
  if (provided === null)
    throw new SetupProblem(
      `${tensorflow.name} ${tensorflow.version}: the wheel holds no ${platform.libraries[0]}`,
    );
  return provided;
}

async function wheelsAt(source, wheels, device) {
  const kind = statSync(source, { throwIfNoEntry: false });
  if (kind === undefined) throw new SetupProblem(`GCNC_TENSORFLOW: ${source} does not exist`);
  if (kind.isDirectory()) return await checkedWheels(source, wheels);
  if (wheels.length > 1)
    throw new SetupProblem(
      `GCNC_TENSORFLOW: for ${device} name a folder with the ${wheels.length} wheels, not the file ${source} (docs/setup.md)`,
    );
  await checkWheel(source, wheels[0]);
  return [source];
}

/** Unpacks into a temporary folder and renames: a folder in the cache is whole. */
function unpack(wheels, target, { libraries }, env) {
  const partial = partialName(target);
  rmSync(partial, { recursive: true, force: true });
  const prefixes = [
    ...libraries.map((name) => `tensorflow/${name}`),
    ...headers.map((name) => `tensorflow/include/${name}`),
    'nvidia/',
  ];
  for (const wheel of wheels) {
    const script = join(import.meta.dirname, 'unpack-wheel.py');
    const { ok, stderr, ended } = runCommand('python3', [script, wheel, partial, ...prefixes], { env });
    if (ok) continue;
    rmSync(partial, { recursive: true, force: true });
    const cause = lastError(stderr) || ended;
    if (/No space left|Errno 28/.test(cause))
      throw new SetupProblem(
        `no space left to unpack ${wheel} into ${target}; free some, or set GCNC_CACHE_DIR to a folder on another disk`,
      );
    throw new SetupProblem(`${wheel} could not be unpacked into ${target} (${cause})`);
  }
  try {
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another process was faster.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** The libraries of an unpacked folder (of TensorFlow itself, or one with tensorflow/ in it); null where there are none. */
function librariesIn(source, names) {
  if (!statSync(source, { throwIfNoEntry: false })?.isDirectory()) return null;
  for (const folder of [resolve(source, 'tensorflow'), resolve(source)]) {
    const sizes = names.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
    if (sizes.includes(0)) continue;
    if (!existsSync(join(folder, 'include/tensorflow/c/c_api.h')))
      throw new SetupProblem(
        `${folder} has TensorFlow's libraries but no headers (include/tensorflow/c/c_api.h)`,
      );
    const nvidia = resolve(folder, '../nvidia');
    const cudaFolders = existsSync(nvidia)
      ? readdirSync(nvidia)
          .map((name) => join(nvidia, name, 'lib'))
          .filter((path) => existsSync(path))
      : [];
    return { folder, libraries: Object.fromEntries(names.map((name, i) => [name, sizes[i]])), cudaFolders };
  }
  return null;
}
