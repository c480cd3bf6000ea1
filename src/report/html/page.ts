import type { Results } from '../aggregate.ts';
import type { Figure } from '../figures/figure.ts';
import { counted } from '../number-text.ts';
import { html, type Markup, raw } from './markup.ts';
import { pageSections } from './sections.ts';
import { pageStyle } from './style.ts';

export interface PageOptions {
  readonly figures: readonly Figure[];
  /** SVG text by the figure's id. */
  readonly drawings: ReadonlyMap<string, string>;
  /** Put at the end of the body: what keeps `gcnc watch` live. The report on disk has none. */
  readonly script?: string;
  /** The training loss at which runs are compared beside their ends; by default the lowest that most pass. */
  readonly atLoss?: number | undefined;
}

/** A part of the page that `gcnc watch` replaces by itself; its element has the part's id. */
export interface PagePart {
  readonly id: string;
  readonly content: Markup | null;
}

/** The whole page as one text; it refers to nothing outside but the figures' own files beside it. */
export function reportPage(results: Results, options: PageOptions): string {
  const { sweep } = results;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${sweep.name}: geometric complexity and neural collapse</title>
<style>${raw(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
${pageBody(pageParts(results, options))}
<footer>Made by gcnc from the runs in ${sweep.name}/.</footer>
${options.script === undefined ? null : html`<script>${raw(options.script)}</script>`}
</body>
</html>
`;
  return page.markup;
}

/** The page's parts in their order: the header, then the sections. Those without content are kept, hidden, for they may come. */
export function pageParts(results: Results, { figures, drawings, atLoss }: PageOptions): readonly PagePart[] {
  const sections = pageSections(results, figures, drawings, atLoss);
  const links = sections.filter(({ title, body }) => title !== null && body !== null);
  const header = html`<h1>${results.sweep.name}</h1>
<p class="soft" id="standing">${standing(results)}</p>
<nav aria-label="Sections"><ul>${links.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
  return [
    { id: 'top', content: header },
    ...sections.map(({ id, title, body }) => ({
      id,
      content:
        body === null
          ? null
          : html`${title === null ? null : html`<h2 id="${id}-title">${title}</h2>\n`}${body}`,
    })),
  ];
}

function pageBody([top, ...sections]: readonly PagePart[]): Markup {
  return html`<header id="top" data-part>
${top!.content}
</header>
<main id="main" tabindex="-1">
${sections.map(
  ({ id, content }) =>
    html`<section id="${id}" data-part aria-labelledby="${id}-title"${content === null ? raw(' hidden') : null}>
${content}
</section>
`,
)}</main>`;
}

/** `9 of 12 runs done, 4 configurations, as of 2026-11-24 16:08 UTC`. */
export function standing({ sweep, finished, configurations }: Results): string {
  const beats = sweep.runs.flatMap(({ heartbeat }) => heartbeat ?? []).sort();
  const last = beats.at(-1)?.slice(0, 16).replace('T', ' ');
  const when = last === undefined ? '' : `, as of ${last} UTC`;
  return `${finished.length} of ${counted(sweep.runs.length, 'run')} done, ${counted(configurations.length, 'configuration')}${when}`;
}
