import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupProblem } from './problem.mjs';
import { runCommand } from './run-command.mjs';

const config = 'tsconfig.package.json';
const compiled = /\.m?ts$/;
/** These stay where they are: the package holds their sources, which are compiled where it is installed. */
const native = /^backend\/(native|framework)\//;

/**
 * Makes dist/ of a checkout anew where its sources have changed: JavaScript and types of src/, the other files there, and the sources of
 * TensorFlow's addon, so that the package needs none that has an install script. dist/ is whole or absent.
 */
export function buildPackage(root, env) {
  if (isPackageBuilt(root)) return false;
  const sources = sourcesOf(root);
  const key = keyOf(root, sources);
  const dist = join(root, 'dist');
  const partial = join(root, `dist.partial-${process.pid}`);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) throw new SetupProblem('no TypeScript in node_modules; run npm run setup first');
  try {
    const { ok, stdout } = runCommand(process.execPath, [compiler, '-p', config, '--outDir', partial], {
      env,
      cwd: root,
    });
    if (!ok) throw new SetupProblem(`src/ does not compile: ${stdout.split('\n')[0]}`);
    for (const file of sources.filter((each) => !compiled.test(each))) {
      mkdirSync(dirname(join(partial, file)), { recursive: true });
      cpSync(join(root, 'src', file), join(partial, file));
    }
    const addon = 'node_modules/@tensorflow/tfjs-node-gpu';
    cpSync(join(root, addon, 'binding'), join(partial, 'tfjs-node-gpu/binding'), { recursive: true });
    const { version, license } = JSON.parse(readFileSync(join(root, addon, 'package.json'), 'utf8'));
    const origin = { name: '@tensorflow/tfjs-node-gpu', version, license };
    writeFileSync(join(partial, 'tfjs-node-gpu/origin.json'), `${JSON.stringify(origin)}\n`);
    const { stdout: commit } = runCommand('git', ['-C', root, 'rev-parse', 'HEAD'], { env });
    const build = { key, commit: /^[0-9a-f]{40}$/.test(commit.trim()) ? commit.trim() : null };
    writeFileSync(join(partial, 'build.json'), `${JSON.stringify(build)}\n`);
    rmSync(dist, { recursive: true, force: true });
    renameSync(partial, dist);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return true;
}

/** Whether dist/ was made from src/ as it is. */
export const isPackageBuilt = (root) => keyBuilt(root) === keyOf(root, sourcesOf(root));

const sourcesOf = (root) => filesIn(join(root, 'src')).filter((file) => !native.test(file));

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();

function keyOf(root, sources) {
  const hash = createHash('sha256');
  for (const file of [config, 'tsconfig.json', 'package-lock.json', ...sources.map((each) => `src/${each}`)])
    hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function keyBuilt(root) {
  try {
    return JSON.parse(readFileSync(join(root, 'dist/build.json'), 'utf8')).key;
  } catch {
    return null;
  }
}
