import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupProblem } from './problem.mjs';
import { lastError, runCommand } from './run-command.mjs';

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes node_modules/.package-lock.json as the last step of an
 * installation, so an interrupted one counts as none. Optional packages of other platforms may be absent.
 */
export function packagesAreThere(root) {
  const installed = readLock(join(root, 'node_modules/.package-lock.json'));
  if (installed === null) return false;
  const wanted = readLock(join(root, 'package-lock.json')) ?? {};
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || installed[path]?.version === version,
  );
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `npm ci` without install scripts: TensorFlow's would download from a host that not every network reaches. */
export function installPackages(root, env) {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { found, ok, ended, stderr } = runCommand('npm', args, { env, cwd: root, show: true });
  if (!found) throw new SetupProblem('npm was not found; install Node 20.15 or newer with npm');
  if (ok) return;
  if (/ENOSPC/.test(stderr)) throw new SetupProblem(`no space left for ${root}/node_modules; free some`);
  const cause = stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter(
      (line) =>
        line !== '' && !/^(code|errno|syscall|network This|network In|A complete log|Log files)/.test(line),
    )[0];
  const offline = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET|EAI_AGAIN|network/.test(stderr)
    ? '; check the network, or `npm config get registry`'
    : '';
  throw new SetupProblem(
    `npm ci failed: ${cause ?? (lastError(stderr) || ended)}${offline}; then run npm run setup again`,
  );
}
