import { laterDefaults } from '../config/format-1.ts';

/** A run's resolved config as plain data: read without the schema, so that runs of another version are read too. */
export type PlainRecord = Readonly<Record<string, unknown>>;

/** A nested record as dotted keys; arrays stay values. */
export function flatten(record: PlainRecord, prefix = ''): PlainRecord {
  const entries = Object.entries(record).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(flatten(value as PlainRecord, `${prefix}${key}.`))
      : [[prefix + key, value]],
  );
  return Object.fromEntries(entries);
}

const later = flatten(laterDefaults);

/** A run's config as dotted keys. A key that came later and is left out has its default: the run is the same. */
export const flatConfig = (config: PlainRecord): PlainRecord => ({ ...later, ...flatten(config) });

const contents = 'contents.';

/** Whether a key has several values. What a path held is not known of an earlier version's runs, and then tells none apart. */
export const hasSeveral = (key: string, values: readonly unknown[]): boolean =>
  new Set(
    values
      .filter((value) => value !== undefined || !key.startsWith(contents))
      .map((value) => JSON.stringify(value)),
  ).size > 1;

/** What tells configs apart of a value: of a path what it held, where all configs that say so agree. */
export function comparer(configs: readonly PlainRecord[]): (value: unknown) => unknown {
  const digests = new Map<string, unknown>();
  for (const config of configs)
    for (const [key, digest] of Object.entries(config)) {
      if (!key.startsWith(contents)) continue;
      const path = key.slice(contents.length);
      digests.set(path, digests.has(path) && digests.get(path) !== digest ? null : digest);
    }
  return (value) => (typeof value === 'string' ? digests.get(value) : undefined) ?? value;
}
