import { execFile, spawnSync } from 'node:child_process';

const maxBuffer = 64 * 1024 * 1024;

/**
 * Runs a program to its end. What it prints on standard output goes to our standard error where `show` is set, so that a
 * command's own standard output stays clean. `found` is false where there is no such program.
 */
export function runCommand(command, args, { env, cwd, show = false }) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    env,
    cwd,
    encoding: 'utf8',
    maxBuffer,
    stdio: ['ignore', show ? 2 : 'pipe', 'pipe'],
  });
  if (error !== undefined && error.code !== 'ENOENT' && error.code !== 'EACCES') throw error;
  return {
    found: error === undefined,
    ok: status === 0,
    ended: signal === null ? `exit code ${status}` : signal,
    stdout: stdout ?? '',
    stderr: stderr ?? '',
  };
}

/** The same beside others: resolves when the program has ended, of itself or because `signal` was aborted; never rejects. */
export const startCommand = (command, args, { env, signal }) =>
  new Promise((resolve) => {
    execFile(command, args, { env, signal, encoding: 'utf8', maxBuffer }, (error, stdout, stderr) => {
      const found = error === null || (error.code !== 'ENOENT' && error.code !== 'EACCES');
      const { code, signal: killer, message } = error ?? {};
      const ended = killer ?? (typeof code === 'number' ? `exit code ${code}` : message);
      resolve({ found, ok: error === null, ended, stdout, stderr });
    });
  });

/** The line that says most: the last that names an error, else the last. */
export function lastError(printed) {
  const lines = printed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}
