import { cdnvBoundMeaning } from '../../measures/bound.ts';
import { measureRows } from '../../measures/measure-rows.ts';
import { collapseEstimateOf } from '../../measures/record.ts';
import type { MeasureRecord } from '../../on-request/measure-on-request.ts';
import type { Figure } from '../figures/figure.ts';
import { inlineSvg } from '../html/figure-grid.ts';
import { html, type Markup, raw } from '../html/markup.ts';
import { pageStyle } from '../html/style.ts';
import { scrollingTable } from '../html/table.ts';
import { brief } from '../number-text.ts';
import type { ExtremeImage } from './extreme-images.ts';

const style = `${pageStyle}
.images { display: flex; flex-wrap: wrap; gap: .75rem 1rem; padding: 0; list-style: none; }
.images li { width: 7.5rem; font-size: .9rem; overflow-wrap: anywhere; }
.images img { display: block; width: 64px; height: 64px; object-fit: contain; image-rendering: pixelated; }
`;

export interface CheckpointPageContent {
  readonly record: MeasureRecord;
  readonly figures: readonly Figure[];
  readonly drawings: ReadonlyMap<string, string>;
  readonly most: readonly ExtremeImage[];
  readonly least: readonly ExtremeImage[];
  /** Where the data is not what the network was trained on. */
  readonly note: string;
}

/** One checkpoint on one split: one file without scripts that loads nothing. */
export function checkpointPage(content: CheckpointPageContent): string {
  const { record, figures, drawings, most, least, note } = content;
  const { geometricComplexity: gc } = record;
  const of = (section: Figure['section']): Markup =>
    html`<div class="figures">${figures
      .filter((figure) => figure.section === section)
      .map(
        ({ id, title, caption, description }) => html`<figure id="figure-${id}"><h3>${title}</h3>
${raw(inlineSvg(drawings.get(id) ?? '', id, description))}
<figcaption>${caption}</figcaption></figure>`,
      )}</div>`;
  const ranked =
    gc.estimator === 'exact'
      ? 'Each value is exact.'
      : 'Each value is an estimate, with ± its standard error over probes where it has several. So the order is one too, and the values shown are on average more extreme than the true ones; --estimator exact gives the values themselves.';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${record.split} of ${record.data}: geometric complexity and neural collapse of a checkpoint</title>
<style>${raw(style)}</style>
</head>
<body>
<header><h1>${record.checkpoint}</h1>
<p class="soft">${record.split} of ${record.data}, ${record.examples} examples, layer ${record.layer} (${record.dimension} wide), inference mode</p></header>
<main id="main">
${note === '' ? null : html`<section id="problems"><div class="problems"><p>${note}</p></div></section>`}
<section id="measures"><h2 id="measures-title">Measures</h2>
${headline(record)}
${measures(record)}</section>
<section id="embeddings"><h2>Embeddings</h2>${of('training')}</section>
<section id="pairs"><h2>Pairs of classes</h2>${of('answer')}</section>
<section id="images"><h2>Images by their own geometric complexity</h2>
<p class="soft">Of the ${gc.examples} images that were measured. ${ranked}</p>
${images('The most complex', most)}
${images('The least complex', least)}</section>
</main>
<footer>Made by gcnc; every number is that of gcnc measure with the same options.</footer>
</body>
</html>
`.markup;
}

function headline({ geometricComplexity: gc, loss, accuracy }: MeasureRecord): Markup {
  const interval = gc.ci95 === null ? '' : ` (95 % interval ${brief(gc.ci95[0])} to ${brief(gc.ci95[1])})`;
  const fit =
    loss === null || accuracy === null
      ? null
      : html`<br>Loss ${brief(loss)}, accuracy ${(100 * accuracy).toFixed(2)} %.`;
  return html`<p class="lead">Geometric complexity <strong>${brief(gc.value)}</strong>${interval}: ${gc.estimator}, ${gc.examples} of ${gc.ofExamples} examples, ${gc.precision}, per ${gc.inputSpace} input unit squared.${fit}</p>`;
}

function measures({ neuralCollapse, pathFlatness, bound }: MeasureRecord): Markup {
  const text = (value: number | null): string => (value === null ? '–' : brief(value));
  const rows = [
    ...measureRows.map(({ key, label, meaning }) => {
      const value = neuralCollapse[key];
      const estimate = collapseEstimateOf(neuralCollapse, key);
      // The caption's number is that of the embeddings; an estimate is from fewer.
      const defined = estimate === undefined ? meaning : `${meaning}; ${estimate.examples} examples`;
      return {
        label,
        value,
        ci95: estimate?.ci95 ?? null,
        meaning: value === null ? (neuralCollapse.undefinedBecause?.[key] ?? '') : defined,
      };
    }),
    {
      label: 'nearest-mean bound',
      value: bound.cdnv,
      ci95: null,
      meaning: `${cdnvBoundMeaning}; above 1 it says nothing`,
    },
    {
      label: 'squared gradient along the path',
      value: pathFlatness,
      ci95: null,
      meaning: 'mean squared gradient norm over all steps of training',
    },
  ];
  return scrollingTable(
    'measures-caption',
    `Of ${neuralCollapse.examples} examples of ${neuralCollapse.classes} classes, in float32, sums in float64`,
    [
      { head: 'measure', cells: rows.map(({ label }) => label) },
      { head: 'value', cells: rows.map(({ value }) => text(value)), align: 'right' },
      {
        head: '95 % interval over examples',
        cells: rows.map(({ ci95 }) => (ci95 === null ? '' : `${brief(ci95[0])} to ${brief(ci95[1])}`)),
      },
      { head: 'meaning', cells: rows.map(({ meaning }) => html`<span class="wrap">${meaning}</span>`) },
    ],
  );
}

const images = (title: string, some: readonly ExtremeImage[]): Markup =>
  html`<h3>${title}</h3><ul class="images">${some.map(
    ({ example, class: name, value, standardError, thumbnail }) =>
      html`<li><img src="${thumbnail}" alt="Example ${example}, ${name}" width="64" height="64"><strong>${brief(value)}</strong>${standardError === null || standardError === 0 ? '' : ` ± ${brief(standardError)}`}<br><span class="soft">${name}, example ${example}</span></li>`,
  )}</ul>`;
