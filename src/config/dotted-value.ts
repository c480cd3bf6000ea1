import type { Path } from './located.ts';

/** What stands in nested data under a dotted key or a path; undefined where nothing does. */
export const valueUnder = (data: unknown, key: string | Path): unknown =>
  (typeof key === 'string' ? key.split('.') : key).reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null
        ? (at as Readonly<Record<PropertyKey, unknown>>)[part]
        : undefined,
    data,
  );
