import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, partialName, removeAbandoned } from './cache-folder.mjs';
import { SetupProblem } from './problem.mjs';
import { lastError, runCommand } from './run-command.mjs';

const packageIn = (root) => join(root, 'node_modules/@tensorflow/tfjs-node-gpu');

/** Where the compiled addon belongs, and the record beside it of what it was made from. */
export const addonPath = (root) => join(packageIn(root), 'lib/napi-v8/tfjs_binding.node');
export const recordPath = (root) => join(packageIn(root), 'lib/napi-v8/gcnc-setup.json');

const compiler = (env) => env.CXX || 'c++';

/** Asks before the long download what would fail after it. */
export function requireCompiler(env) {
  if (runCommand(compiler(env), ['--version'], { env }).ok) return;
  throw new SetupProblem(
    `no C++ compiler: ${compiler(env)} was not found or does not run; install one (Debian: apt-get install g++; macOS: xcode-select --install), or set CXX`,
  );
}

function compileArguments(root, { folder, libraries, cudaFolders }) {
  const source = packageIn(root);
  const darwin = process.platform === 'darwin';
  return [
    ...['-O2', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
    ...(darwin ? ['-undefined', 'dynamic_lookup'] : []),
    ...[`-I${source}`, `-I${folder}/include`, `-I${root}/node_modules/node-api-headers/include`],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(source, 'binding', name)),
    ...Object.keys(libraries).map((name) => (darwin ? join(folder, name) : `-l:${name}`)),
    ...[`-L${folder}`, ...[folder, ...cudaFolders].map((path) => `-Wl,-rpath,${path}`)],
    // TensorFlow's own libraries look in ../nvidia, where they are unpacked; DT_RPATH holds for any that do not.
    ...(cudaFolders.length > 0 ? ['-Wl,--disable-new-dtags'] : []),
  ];
}

/** Names an addon: its source, the compiler's arguments and the libraries' sizes. The same key, the same addon. */
export function addonKey(root, tensorflow) {
  const hash = createHash('sha256');
  const binding = join(packageIn(root), 'binding');
  for (const name of readdirSync(binding).sort()) hash.update(name).update(readFileSync(join(binding, name)));
  const args = compileArguments('', tensorflow);
  return hash.update(JSON.stringify([args, tensorflow.libraries, process.arch])).digest('hex');
}

/**
 * Puts the addon in its place, from the cache or compiled; `forced` compiles in any case. The record beside it is removed
 * first and written last, so that it never speaks of another addon.
 */
export function provideAddon({ root, tensorflow, env, say, forced, record }) {
  const key = addonKey(root, tensorflow);
  const folder = join(cacheFolder(env), 'addons');
  const cached = join(folder, `${key.slice(0, 24)}.node`);
  mkdirSync(folder, { recursive: true });
  removeAbandoned(folder);
  if (forced || !existsSync(cached)) compile(root, tensorflow, cached, { env, say });
  const path = addonPath(root);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(recordPath(root), { force: true });
  const partial = partialName(path);
  copyFileSync(cached, partial);
  renameSync(partial, path);
  writeFileSync(partial, `${JSON.stringify({ ...record, ...tensorflow, key }, null, 2)}\n`);
  renameSync(partial, recordPath(root));
}

function compile(root, tensorflow, target, { env, say }) {
  requireCompiler(env);
  say("compiling TensorFlow's addon (about 10 s)");
  const partial = partialName(target);
  const { ok, stderr, ended } = runCommand(
    compiler(env),
    [...compileArguments(root, tensorflow), '-o', partial],
    { env },
  );
  if (!ok) {
    rmSync(partial, { force: true });
    if (/No space left/.test(stderr))
      throw new SetupProblem(
        `no space left to compile ${target}; free some there or in TMPDIR, or set GCNC_CACHE_DIR`,
      );
    const cause =
      stderr.split('\n').find((line) => /error:|error |undefined reference/.test(line)) ??
      (lastError(stderr) || ended);
    throw new SetupProblem(
      `${compiler(env)} could not compile TensorFlow's addon (${cause.trim().slice(0, 300)}); a compiler for C++17 is needed, GCC 8 or Clang 7 at least, or set CXX to another`,
    );
  }
  renameSync(partial, target);
}
