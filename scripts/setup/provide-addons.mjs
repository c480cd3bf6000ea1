import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { addonFolder, addonKey, addonPath, addons, recordPath } from './addons.mjs';
import { cacheFolder, partialName, removeAbandoned } from './cache-folder.mjs';
import { compileAddon, compilerIn } from './compile-addon.mjs';
import { SetupProblem } from './problem.mjs';
import { setupCommand } from './setup-command.mjs';

/**
 * Puts the addons in their place, each from the cache or compiled; `forced` compiles in any case. One that can be done without and cannot be
 * compiled is left out, and the record beside them says why: it is not tried again for the same key and compiler.
 */
export async function provideAddons({ root, tensorflow, env, say, forced, record }) {
  const folder = join(cacheFolder(env), 'addons');
  mkdirSync(folder, { recursive: true });
  removeAbandoned(folder);
  const stop = new AbortController();
  const common = { root, tensorflow, env, folder, say, forced };
  const inTurn = atOnce(availableParallelism());
  const provide = (addon) => provideAddon({ ...common, addon, inTurn, signal: stop.signal });
  try {
    const provided = await Promise.all(addons.map(provide));
    putInPlace(addonFolder(root, env), provided, { ...record, ...tensorflow });
  } catch (error) {
    stop.abort();
    throw error;
  }
}

async function provideAddon({ addon, folder, say, forced, ...rest }) {
  const { root, tensorflow, env, signal } = rest;
  for (;;) {
    const key = addonKey(root, addon, tensorflow);
    const cached = join(folder, `${addon.name}-${key.slice(0, 24)}.node`);
    if (!forced && existsSync(cached)) return { addon, key, cached, failure: null };
    say(`compiling ${addon.title}`);
    const failure = await compileAddon({ ...rest, addon, target: cached });
    signal.throwIfAborted();
    if (failure !== null) {
      const { what, remedy } = failure;
      if (addon.without === null) throw new SetupProblem(`${what}; ${remedy}`);
      const then = `${remedy}; then ${setupCommand(root, '--force')}`;
      say(`${what}; ${addon.without}; ${then}`);
      return { addon, key, cached: null, failure: { what, remedy: then, compiler: compilerIn(env) } };
    }
    if (addonKey(root, addon, tensorflow) === key) return { addon, key, cached, failure: null };
    // Somebody edited a source meanwhile: what was compiled may be neither the one nor the other.
    rmSync(cached, { force: true });
  }
}

/** The record is removed first and written last, so that it never speaks of other addons. */
function putInPlace(place, provided, record) {
  mkdirSync(place, { recursive: true });
  rmSync(recordPath(place), { force: true });
  for (const { addon, cached } of provided) {
    const path = addonPath(place, addon);
    if (cached === null) rmSync(path, { force: true });
    else write(path, (partial) => copyFileSync(cached, partial));
  }
  const entries = provided.map(({ addon, key, failure }) => [addon.name, { key, failure }]);
  const text = `${JSON.stringify({ ...record, addons: Object.fromEntries(entries) }, null, 2)}\n`;
  write(recordPath(place), (partial) => writeFileSync(partial, text));
}

function write(path, make) {
  make(partialName(path));
  renameSync(partialName(path), path);
}

/** Has at most `limit` of the works that it is given go on at once; the others wait, first come, first served. */
function atOnce(limit) {
  const waiting = [];
  let free = limit;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
