/** What stands in nested data under a dotted key; undefined where nothing does. */
export const valueUnder = (data: unknown, key: string): unknown =>
  key
    .split('.')
    .reduce<unknown>(
      (at, part) =>
        typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[part] : undefined,
      data,
    );
