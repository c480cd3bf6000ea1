import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compileArguments, groupArguments, groupsOf, linkArguments } from './addons.mjs';
import { partialName } from './cache-folder.mjs';
import { SetupProblem } from './problem.mjs';
import { lastError, runCommand, startCommand } from './run-command.mjs';

/** The compiler's name. */
export const compilerIn = (env) => env.CXX || 'c++';

/** Asks before the long download what would fail after it. */
export function requireCompiler(env) {
  if (runCommand(compilerIn(env), ['--version'], { env }).ok) return;
  const { what, remedy } = noCompiler(env);
  throw new SetupProblem(`${what}; ${remedy}`);
}

const noCompiler = (env) => ({
  what: `no C++ compiler: ${compilerIn(env)} was not found or does not run`,
  remedy: 'install one (Debian: apt-get install g++; macOS: xcode-select --install), or set CXX',
});

/**
 * Compiles an addon into the file `target`, which is whole or absent; `inTurn` bounds how many compilers run at once. Resolves to null,
 * or to what went wrong and what to do: {what, remedy}.
 */
export async function compileAddon({ root, addon, tensorflow, target, env, inTurn, signal }) {
  const partial = partialName(target);
  const folder = partialName(`${target}.objects`);
  const stop = new AbortController();
  const common = { env, signal: AbortSignal.any([signal, stop.signal]) };
  let failure = null;
  const run = async (args) => {
    const ran = await inTurn(() => startCommand(compilerIn(env), args, common));
    if (ran.ok) return;
    failure ??= ran;
    stop.abort();
  };
  const groups = groupsOf(root, addon);
  const object = (group) => join(folder, `${group.at(-1)}.o`);
  const compile = (group) => {
    const sources = groupArguments(group.map((name) => join(addon.sources(root), name)));
    return run([...compileArguments(root, addon, tensorflow), ...sources, '-o', object(group)]);
  };
  try {
    mkdirSync(folder, { recursive: true });
    await Promise.all(groups.map(compile));
    if (failure === null)
      await run(['-shared', ...groups.map(object), ...linkArguments(addon, tensorflow), '-o', partial]);
    if (failure !== null) return explain(failure, { addon, target, env });
    renameSync(partial, target);
    return null;
  } finally {
    for (const path of [partial, folder]) rmSync(path, { recursive: true, force: true });
  }
}

function explain({ found, stderr, ended }, { addon, target, env }) {
  if (!found) return noCompiler(env);
  if (/No space left/.test(stderr))
    return {
      what: `no space left to compile ${target}`,
      remedy: 'free some there or in TMPDIR, or set GCNC_CACHE_DIR',
    };
  const cause =
    stderr.split('\n').find((line) => /error:|error |undefined reference/.test(line)) ??
    (lastError(stderr) || ended);
  return {
    what: `${compilerIn(env)} could not compile ${addon.title} (${cause.trim().slice(0, 300)})`,
    remedy: addon.needs,
  };
}
