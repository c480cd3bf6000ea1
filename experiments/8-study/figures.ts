import type { TopLevelSpec } from 'vega-lite';
import type { Figure, Row } from '../../src/report/figures/figure.ts';
import { logistic } from '../claims.ts';
import { knobPanels, pointsOf, runsOf, type Shown, scatterPanel } from './figure-panels.ts';
import { isOnFirstPage } from './per-regime.ts';
import type { RegimeRuns } from './study-runs.ts';

const gc: Shown = {
  ...{ id: 'sourceGc', title: 'source GC (embedding² / input²)' },
  ...{ factor: 1, logarithmic: true },
};
const sourceCdnv: Shown = { id: 'sourceCdnv', title: 'source CDNV', factor: 1, logarithmic: true };
const cdnv: Shown = { id: 'targetCdnv', title: 'target CDNV', factor: 1, logarithmic: false };
const directional: Shown = {
  ...{ id: 'targetCdnvDirectional', title: 'directional target CDNV' },
  ...{ factor: 1, logarithmic: false },
};
const collapses = [sourceCdnv, cdnv, directional];
const accuracy: Shown = {
  ...{ id: logistic, title: '5-shot accuracy, logistic (%)' },
  ...{ factor: 100, logarithmic: false },
};

const config = {
  ...{ font: 'Helvetica, Arial, sans-serif', background: 'white', aria: false },
  axis: { gridOpacity: 0.4, titleFontWeight: 'normal', titleFontSize: 12, labelFontSize: 11 },
  legend: {
    ...{ orient: 'bottom', columns: 4, labelLimit: 300 },
    ...{ titleFontWeight: 'normal', labelFontSize: 11, symbolStrokeWidth: 2 },
  },
  title: { fontSize: 12.5, fontWeight: 'normal', anchor: 'start' },
} as const;

const figure = (id: string, title: string, rows: readonly Row[], parts: object): Figure => ({
  ...{ id, section: 'answer', title, caption: title, description: title, rows },
  spec: {
    ...{ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', padding: 8, config },
    ...parts,
  } as TopLevelSpec,
});

/** The three figures of the first page, over the regimes with target classes that were run. */
export function studyFigures(all: readonly RegimeRuns[]): readonly Figure[] {
  const shown = all.filter(isOnFirstPage);
  if (shown.length === 0) return [];
  const links = (x: Shown, y: Shown): readonly Row[] => shown.flatMap((runs) => pointsOf(runs, x, y));
  const panels = (x: Shown, y: Shown): object => ({
    hconcat: shown.map((runs) => scatterPanel(runs, x, y)),
  });
  return [
    figure(
      'knobs',
      'Source GC over each knob',
      shown.flatMap((runs) => runsOf(runs, gc)),
      { vconcat: shown.map((runs) => knobPanels(runs, gc)) },
    ),
    figure(
      'middle-link',
      'CDNV of the source and of the target over source GC',
      collapses.flatMap((each) => links(gc, each)),
      { vconcat: collapses.map((each) => panels(gc, each)) },
    ),
    figure(
      'last-link',
      '5-shot accuracy over target CDNV and its directional form',
      [...links(cdnv, accuracy), ...links(directional, accuracy)],
      { vconcat: [panels(cdnv, accuracy), panels(directional, accuracy)] },
    ),
  ];
}
