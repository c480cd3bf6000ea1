import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { expandSweep, type RunSpec } from '../../src/config/expand.ts';
import { loadSweepFile, placeOf } from '../../src/config/load.ts';
import { InputError } from '../../src/input-error.ts';

/** A folder of files by name, gone after the test; returns the path of the folder. */
export function scratchFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  context: TestContext,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-config-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** The runs of a file, with the places of what is wrong in it. */
export function runsOf(path: string, overrides: readonly string[] = []): readonly RunSpec[] {
  const { file, located } = loadSweepFile(path, overrides);
  return expandSweep(file, (at, isKey) => placeOf(located, at, isKey));
}

/** The message of the InputError that a call ends with; anything else is the test's failure. */
export function inputErrorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('expected an InputError, and there was none');
}
