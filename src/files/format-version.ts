import { InputError } from '../input-error.ts';

/** The version of config.yaml, state.json, status.json and metrics.jsonl. A file that names none is of before version 1, and is read. */
export const formatVersion = 1;

/** Throws InputError where a record names a newer format than this program reads. */
export function refuseNewer(record: unknown): void {
  const { format } = (record ?? {}) as { readonly format?: unknown };
  if (typeof format === 'number' && format > formatVersion)
    throw new InputError(
      `written by a newer version of gcnc (format ${format}); this version reads formats up to ${formatVersion}`,
    );
}
