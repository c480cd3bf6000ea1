const opening = (name: string): string => `<!-- ${name}: written by npm run experiments -->`;
const closing = (name: string): string => `<!-- /${name} -->`;

/** The text between a document's markers of that name; null where they are absent. */
export function between(text: string, name: string): string | null {
  const start = text.indexOf(opening(name));
  const end = text.indexOf(closing(name));
  return start < 0 || end < start ? null : text.slice(start + opening(name).length, end).trim();
}

/** The document with a section at its end, whose markers hold nothing yet. */
export const withMarkers = (text: string, name: string, heading: string): string =>
  `${text.trimEnd()}\n\n## ${heading}\n\n${opening(name)}\n${closing(name)}\n`;

/** The document with what lies between its markers of that name replaced; throws RangeError where they are absent. */
export function replaceBetween(text: string, name: string, content: string): string {
  if (between(text, name) === null) throw new RangeError(`no markers ${opening(name)} … ${closing(name)}`);
  const start = text.indexOf(opening(name)) + opening(name).length;
  return `${text.slice(0, start)}\n\n${content}\n\n${text.slice(text.indexOf(closing(name)))}`;
}
