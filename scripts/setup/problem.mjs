/** What keeps set-up from going on, and what to do: printed as one line, exit code 1. */
export class SetupProblem extends Error {
  name = 'SetupProblem';
}

const lines = {
  ENOSPC: (path) => `no space left for ${path}; free some, or set GCNC_CACHE_DIR to a folder on another disk`,
  EDQUOT: (path) => `disk quota used up at ${path}; free some, or set GCNC_CACHE_DIR to a folder elsewhere`,
  EACCES: (path) => `no permission to write ${path}; set GCNC_CACHE_DIR to a folder of yours`,
  ENOTDIR: (path) => `${path} cannot be made: a part of it is a file; set GCNC_CACHE_DIR to a folder`,
  EROFS: (path) => `${path} is on a read-only disk; set GCNC_CACHE_DIR to a folder that can be written`,
};

/** One line for any error; the stack only with GCNC_DEBUG=1. */
export function problemLine(error, env) {
  const line = lines[error?.code]?.(error.dest ?? error.path ?? 'the cache folder');
  const text = line ?? (error instanceof Error ? error.message : String(error));
  const known = line !== undefined || error instanceof SetupProblem;
  const debug = env.GCNC_DEBUG === '1' && error instanceof Error ? `\n${error.stack}` : '';
  return `setup: ${text.trim().replaceAll(/\s*\n\s*/g, ' ')}${known || debug ? '' : ' (GCNC_DEBUG=1 shows where)'}${debug}`;
}
