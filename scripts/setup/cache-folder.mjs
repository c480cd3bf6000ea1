import { readdirSync, rmSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';

/** Where TensorFlow's libraries and compiled addons are kept: GCNC_CACHE_DIR, else gcnc/ in the user's cache folder. */
export const cacheFolder = (env) =>
  resolve(env.GCNC_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gcnc'));

const mark = '.partial-';

/** The name under which `path` is made, before it is renamed into place whole. */
export const partialName = (path) => `${path}${mark}${hostname()}-${process.pid}`;

/** Removes what processes of this machine that are gone left half-finished in a folder. */
export function removeAbandoned(folder) {
  for (const name of readdirSync(folder)) {
    const [, owner] = name.split(mark);
    const pid = owner?.startsWith(`${hostname()}-`) ? Number(owner.slice(hostname().length + 1)) : Number.NaN;
    if (Number.isInteger(pid) && !isRunning(pid))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
