/** What `make` returns, made at the first call; a promise is made once too, also where it fails. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** The same by key: the caller gives each key one type. */
export const onceEach = (): (<T>(key: string, make: () => T) => T) => {
  const made = new Map<string, unknown>();
  return <T>(key: string, make: () => T): T => {
    if (!made.has(key)) made.set(key, make());
    return made.get(key) as T;
  };
};
