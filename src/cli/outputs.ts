import { closeSync, existsSync, mkdirSync, openSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { temporaryName, writeFileAtomic } from '../files/atomic.ts';
import { InputError } from '../input-error.ts';

/** A file that an option asks for; none where the path is absent. */
export interface OutputFile {
  /** Such as `--pairs`. */
  readonly option: string;
  readonly path: string | undefined;
}

/**
 * Looks before anything is computed whether files can be written, by writing beside them; folders that are missing are made later. Throws
 * InputError that names the option.
 */
export function checkOutputFiles(outputs: readonly OutputFile[]): void {
  const seen = new Map<string, string>();
  for (const { option, path } of outputs) {
    if (path === undefined) continue;
    checkName(option, path, 'a file');
    const there = statOf(path);
    if (there?.isDirectory()) throw new InputError(`${option} ${path}: is a folder; give a file`);
    // It would be replaced, not written to.
    if (there !== null && !there.isFile())
      throw new InputError(`${option} ${path}: is a device or a pipe; give a file`);
    probe(option, path, dirname(path));
    const other = seen.get(resolve(path));
    if (other !== undefined)
      throw new InputError(`${option} ${path}: is the file of ${other} too; give two files`);
    seen.set(resolve(path), option);
  }
}

/** The same for a folder that is written into, made where it is missing. */
export function checkOutputFolder(option: string, path: string): void {
  refuseFile(option, path);
  probe(option, path, path);
}

/** Throws InputError where there is a file in place of a folder; nothing is written. */
export function refuseFile(option: string, path: string): void {
  checkName(option, path, 'a folder');
  if (statOf(path)?.isDirectory() === false)
    throw new InputError(`${option} ${path}: is a file; give a folder`);
}

/**
 * What `write` gives; what the file system says meanwhile becomes an InputError of one line that names the option. Errors of other kinds
 * stay what they are.
 */
export function writingTo<T>(option: string, path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw outputError(option, path, error);
  }
}

/** The same of what is written in the course of other work. */
export const writingLater = <T>(option: string, path: string, write: () => Promise<T>): Promise<T> =>
  write().catch((error: unknown) => {
    throw outputError(option, path, error);
  });

/** Writes each file that was asked for. The first error is given back, so that the result can be printed before it is thrown. */
export function writeOutputs(
  files: readonly (OutputFile & { readonly text: () => string })[],
): InputError | null {
  let first: InputError | null = null;
  for (const { option, path, text } of files) {
    if (path === undefined) continue;
    const content = text();
    try {
      writingTo(option, path, () => {
        mkdirSync(dirname(path), { recursive: true });
        writeFileAtomic(path, content);
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      first ??= error;
    }
  }
  return first;
}

/** An empty name, and `-`, which stands for standard output: what writes there does not ask here. */
function checkName(option: string, path: string, wanted: string): void {
  if (path === '') throw new InputError(`${option}: is empty; give ${wanted}`);
  if (path === '-')
    throw new InputError(`${option} -: is not written to standard output; give ${wanted}, or ./-`);
}

/** Null where there is nothing, or where it cannot be told. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** Makes and deletes a file in the folder, or in the nearest one above it that is there: rights alone do not tell of /proc. */
function probe(option: string, path: string, folder: string): void {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const name = temporaryName(join(nearest, 'probe'));
  writingTo(option, path, () => {
    closeSync(openSync(name, 'w'));
    rmSync(name, { force: true });
  });
}

function outputError(option: string, path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || typeof code !== 'string') return error;
  if (code === 'EFBIG' && syscall === undefined) return new InputError(`${option} ${error.message}`);
  if (syscall === undefined) return error;
  return new InputError(
    `${option} ${path}: cannot be written (${code}); give a path in a folder that can be written`,
  );
}
