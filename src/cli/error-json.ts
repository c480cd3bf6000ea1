import { existsSync } from 'node:fs';
import { InputError, type InputErrorCode } from '../input-error.ts';

/** What a command with `--json` prints in place of its result. What is not known is null. */
export interface ErrorRecord {
  /** `usage`: the command line; `wrong-input`: any other mistake in the input; `program-failed`: not the user's. */
  readonly code: InputErrorCode | 'usage' | 'wrong-input' | 'program-failed';
  readonly exitCode: number;
  readonly message: string;
  readonly file: string | null;
  /** From 1, as the column. */
  readonly line: number | null;
  readonly column: number | null;
  readonly key: string | null;
  /** The name that was probably meant. */
  readonly suggestion: string | null;
}

/** The record of an error whose line of text is `message`. */
export function errorRecord(
  error: unknown,
  message: string,
  exitCode: number,
  isUsage: boolean,
): ErrorRecord {
  const details = error instanceof InputError ? error.details : {};
  const place = error instanceof InputError ? placeIn(message) : null;
  const otherwise = exitCode === 2 ? 'wrong-input' : 'program-failed';
  return {
    code: isUsage ? 'usage' : (details.code ?? (place?.isMissing ? 'no-such-file' : otherwise)),
    exitCode,
    message,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    key: details.key ?? null,
    suggestion: /\bdid you mean (\S+?)\?/i.exec(message)?.[1] ?? null,
  };
}

/** Every message begins with its place where it has one: `FILE:LINE:COLUMN: ` or `FILE: `. */
function placeIn(message: string) {
  const [, placed, line, column] = /^(.+?):(\d+):(\d+): /.exec(message) ?? [];
  if (placed !== undefined)
    return { file: placed, line: Number(line), column: Number(column), isMissing: false };
  const [, missing] =
    /^(?:model\.weights: |data\.split: |--[\w-]+ )?(.+?): no such (?:file|folder)\b/.exec(message) ?? [];
  if (missing !== undefined) return { file: missing, line: null, column: null, isMissing: true };
  const ends = [...message.matchAll(/(?:, line (\d+))?: /g)];
  for (const end of ends) {
    const file = message.slice(0, end.index);
    const at = end[1] === undefined ? null : Number(end[1]);
    if (existsSync(file)) return { file, line: at, column: null, isMissing: false };
  }
  return null;
}
