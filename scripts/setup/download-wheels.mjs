import { mkdirSync, rmSync } from 'node:fs';
import { SetupProblem } from './problem.mjs';
import { lastError, runCommand } from './run-command.mjs';

const airGapped = 'without a network set GCNC_TENSORFLOW to a wheel or folder (docs/setup.md)';

/** Throws unless Python is there, and pip with it where `pip` is set. */
export function requirePython(env, { pip }) {
  const python = runCommand('python3', ['--version'], { env });
  if (!python.ok)
    throw new SetupProblem(
      'python3 was not found; install Python 3 with pip (Debian: apt-get install python3 python3-pip), which fetches and unpacks TensorFlow',
    );
  if (pip && !runCommand('python3', ['-m', 'pip', '--version'], { env }).ok)
    throw new SetupProblem(
      `python3 has no pip; install it (Debian: apt-get install python3-pip; elsewhere: python3 -m ensurepip); ${airGapped}`,
    );
}

/**
 * Downloads the wheels of a requirements file into a folder. pip checks their hashes, goes through the user's own index and
 * proxy, and takes up what an interrupted call left there.
 */
export function downloadWheels({ requirements, tags, wheels }, folder, env) {
  mkdirSync(folder, { recursive: true });
  const args = ['-m', 'pip', 'download', '--no-deps', '--require-hashes', '--only-binary=:all:'];
  args.push('--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', '--abi', 'none');
  for (const tag of tags) args.push('--platform', tag);
  args.push('--disable-pip-version-check', '--exists-action', 'i', '-r', requirements, '-d', folder);
  if (!process.stderr.isTTY) args.push('--quiet', '--progress-bar', 'off');
  const { ok, stderr, ended } = runCommand('python3', args, { env, show: true });
  if (ok) return;
  const what = `${wheels[0].name} ${wheels[0].version}`;
  if (/DO NOT MATCH THE HASHES|hash mismatch/i.test(stderr)) {
    rmSync(folder, { recursive: true, force: true });
    const file = /^\s*(?:from )?(\S+==\S+) from/m.exec(stderr)?.[1] ?? what;
    throw new SetupProblem(
      `${file}: the downloaded wheel has not the SHA-256 that ${requirements} pins, and was thrown away; try again, and if it stays so, ask who runs your package index (python3 -m pip config list)`,
    );
  }
  if (/No space left|Errno 28/.test(stderr))
    throw new SetupProblem(
      `no space left to download ${what} into ${folder} (or pip's temporary folder, TMPDIR); free some, or set GCNC_CACHE_DIR to a folder on another disk`,
    );
  throw new SetupProblem(
    `${what} could not be downloaded (pip: ${lastError(stderr) || ended}); check the network and pip's index, and try again; ${airGapped}`,
  );
}
