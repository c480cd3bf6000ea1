import type { Results } from '../aggregate.ts';
import type { Figure } from '../figures/figure.ts';
import { counted } from '../number-text.ts';
import { inputSpaces, problemsOf } from '../problems.ts';
import { underTrainedRule } from '../under-trained.ts';
import { answers, correlationTable } from './answers.ts';
import { html, type Markup, raw } from './markup.ts';
import { configTables, environmentTable, resultsTable, runsTable } from './run-tables.ts';
import { pageStyle } from './style.ts';

export interface PageOptions {
  readonly figures: readonly Figure[];
  /** SVG text by the figure's id. */
  readonly drawings: ReadonlyMap<string, string>;
  /** Put at the end of the body: what keeps `gcnc watch` live. The report on disk has none. */
  readonly script?: string;
}

/** The whole page as one text; it refers to nothing outside but the figures' own files beside it. */
export function reportPage(results: Results, { figures, drawings, script }: PageOptions): string {
  const { sweep, finished } = results;
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
<header>
<h1>${sweep.name}</h1>
<p class="soft" id="standing">${standing(results)}</p>
<nav aria-label="Sections"><ul>${sections(finished.length > 0).map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main id="main" tabindex="-1">
${problems(results)}
${finished.length > 0 ? resultSections(results, figures, drawings) : null}
${figureSection('training', 'During training', figures, drawings)}
<h2 id="runs">Runs</h2>
${runsTable(results)}
<h2 id="configurations">Configurations</h2>
${configTables(results)}
<h2 id="environment">Environment</h2>
${environmentTable(results)}
<h2 id="meaning">What the numbers are</h2>
${meaning(results)}
</main>
<footer>Made by gcnc from ${counted(sweep.runs.length, 'run')} in ${sweep.name}/.</footer>
${script === undefined ? null : html`<script>${raw(script)}</script>`}
</body>
</html>
`;
  return page.markup;
}

const sections = (hasResults: boolean): readonly (readonly [string, string])[] => [
  ...(hasResults
    ? ([
        ['answer', 'Answer'],
        ['results', 'Results'],
        ['relations', 'What goes with what'],
        ['final', 'Final values'],
      ] as const)
    : []),
  ['training', 'During training'],
  ['runs', 'Runs'],
  ['configurations', 'Configurations'],
  ['environment', 'Environment'],
  ['meaning', 'What the numbers are'],
];

function standing({ sweep, finished, configurations }: Results): string {
  const beats = sweep.runs.flatMap(({ heartbeat }) => heartbeat ?? []).sort();
  const last = beats.at(-1)?.slice(0, 16).replace('T', ' ');
  const when = last === undefined ? '' : `, as of ${last} UTC`;
  return `${finished.length} of ${counted(sweep.runs.length, 'run')} done, ${counted(configurations.length, 'configuration')}${when}`;
}

function problems(results: Results): Markup | null {
  const found = problemsOf(results);
  if (found.length === 0) return null;
  return html`<section class="problems" aria-labelledby="problems"><h2 id="problems">To know before reading on</h2>
<ul>${found.map((problem) => html`<li>${problem}</li>`)}</ul></section>`;
}

function resultSections(
  results: Results,
  figures: readonly Figure[],
  drawings: ReadonlyMap<string, string>,
): Markup {
  return html`<h2 id="answer">Which way it moved</h2>
${answers(results)}
<h2 id="results">Results</h2>
${resultsTable(results)}
${figureSection('relations', 'What goes with what', figures, drawings)}
${results.finished.length > 1 ? correlationTable(results) : null}
${figureSection('final', 'Final values', figures, drawings)}`;
}

const whyNone: Readonly<Record<Figure['section'], string>> = {
  relations: 'a scatter plot needs two finished runs',
  final: 'one configuration, or too many; the table has the numbers',
  training: 'no checkpoints of runs that did not fail',
};

function figureSection(
  section: Figure['section'],
  title: string,
  figures: readonly Figure[],
  drawings: ReadonlyMap<string, string>,
): Markup {
  const shown = figures.filter((figure) => figure.section === section);
  const body =
    shown.length === 0
      ? html`<p>Nothing to draw: ${whyNone[section]}.</p>`
      : html`<div class="figures">${shown.map((figure) => drawn(figure, drawings.get(figure.id) ?? ''))}</div>`;
  return html`<h2 id="${section}">${title}</h2>
${body}`;
}

function drawn({ id, title, caption, description }: Figure, svg: string): Markup {
  const file = (ending: string): Markup =>
    html`<a href="figures/${id}.${ending}" aria-label="${title}, ${ending}">${ending}</a>`;
  return html`<figure id="figure-${id}">
<h3>${title}</h3>
${raw(inlineSvg(svg, description))}
<figcaption>${caption} <span class="files">${file('svg')} ${file('csv')} ${file('vl.json')}</span></figcaption>
</figure>
`;
}

/** Scales with its column, and is one picture with a name to a screen reader. */
function inlineSvg(svg: string, description: string): string {
  const label = html`${description}`.markup;
  return svg.replace(
    /^<svg([^>]*?) width="[\d.]+" height="[\d.]+"/,
    (_, before: string) => `<svg${before} role="img" aria-label="${label}"`,
  );
}

function meaning(results: Results): Markup {
  const spaces = inputSpaces(results).join(', ') || 'normalized';
  const probed = results.finished[0]?.final.measures[0]?.geometricComplexity;
  return html`<dl>
<dt>GC, geometric complexity</dt><dd>Mean over examples of the squared Frobenius norm of the embedding’s Jacobian, in inference
mode; squared embedding units per squared input unit (${spaces} inputs)${probed ? `; estimator ${probed.estimator}, ${probed.examples} examples, ${probed.probes} probes each, layer ${probed.layer} (${probed.dimension} wide), ${probed.precision}` : ''}.</dd>
<dt>CDNV</dt><dd>Class-distance normalised variance: (Var_i + Var_j) / (2 ‖μ_i − μ_j‖²), mean over pairs of classes.</dd>
<dt>Geometric collapse</dt><dd>The same with each class’s GC in place of its variance; bounds CDNV up to a constant of the inputs.</dd>
<dt>NC1</dt><dd>tr(S_W S_B⁺) / C of the within- and between-class covariances.</dd>
<dt>Few-shot accuracy</dt><dd>Mean over seeded episodes on classes that training never saw; a readout is fitted on frozen embeddings.
The intervals shown here are over training seeds, not over episodes.</dd>
<dt>Under-trained</dt><dd>${underTrainedRule.replace('under-trained: ', 'Marked where: ')}. A network that does not fit has low GC too.</dd>
</dl>`;
}
