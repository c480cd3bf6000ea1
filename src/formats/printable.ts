/** A name out of a file, fit for a line of a terminal. */
export const printable = (name: string, mostCharacters = 80): string =>
  name.replace(/[^\x20-\x7e]/g, '?').slice(0, mostCharacters);
