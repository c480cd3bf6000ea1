/** Text that is HTML already: only `html` and `raw` make it, so that everything else is escaped. */
export interface Markup {
  readonly markup: string;
}
type Part = Markup | string | number | null | readonly Part[];

export const raw = (markup: string): Markup => ({ markup });

/** A template whose values are escaped, except those that are markup; arrays are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return raw(strings.map((text, index) => text + render(parts[index] ?? null)).join(''));
}

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return 'markup' in part ? part.markup : part.map(render).join('');
}

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
