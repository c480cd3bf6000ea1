/** Where a record holds a number that is not finite, such as `measures.0.geometricComplexity.value is NaN`; null where none is. */
export const notFiniteIn = (record: unknown, path: readonly string[] = []): string | null => {
  if (typeof record === 'number') return Number.isFinite(record) ? null : `${path.join('.')} is ${record}`;
  if (typeof record !== 'object' || record === null) return null;
  for (const [key, value] of Object.entries(record)) {
    const found = notFiniteIn(value, [...path, key]);
    if (found !== null) return found;
  }
  return null;
};
