import type { Figure } from '../figures/figure.ts';
import { html, type Markup, raw } from './markup.ts';

/** Figures side by side, as many a row as fit; title, drawing and caption are level across a row. */
export const figureGrid = (figures: readonly Figure[], drawings: ReadonlyMap<string, string>): Markup =>
  html`<div class="figures">${figures.map((figure) => drawn(figure, drawings.get(figure.id) ?? ''))}</div>`;

function drawn({ id, title, caption, description }: Figure, svg: string): Markup {
  const file = (ending: string): Markup =>
    html`<a href="figures/${id}.${ending}" aria-label="${title}, ${ending}">${ending}</a>`;
  return html`<figure id="figure-${id}">
<h3>${title}</h3>
${raw(inlineSvg(svg, id, description))}
<figcaption>${caption} <span class="files">${file('svg')} ${file('csv')} ${file('vl.json')}</span></figcaption>
</figure>
`;
}

/** Scales with its column, is one picture with a name to a screen reader, and its ids are its own on the page. */
export function inlineSvg(svg: string, figure: string, description: string): string {
  const label = html`${description}`.markup;
  return svg
    .replaceAll(/ id="([^"]+)"/g, ` id="${figure}-$1"`)
    .replaceAll(/url\(#([^)]+)\)/g, `url(#${figure}-$1)`)
    .replace(
      /^<svg([^>]*?) width="[\d.]+" height="[\d.]+"/,
      (_, before: string) => `<svg${before} role="img" aria-label="${label}"`,
    );
}
