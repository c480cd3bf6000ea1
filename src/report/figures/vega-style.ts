import type { TopLevelSpec } from 'vega-lite';
import type { SeriesStyle } from './series-style.ts';

/** A panel is drawn this wide and shown at about this width on a telephone, so that its text stays legible. */
const panelWidth = 380;
const panelHeight = 300;
const legendRow = 18;

const ink = 'currentColor';
const font = 'Helvetica, Arial, sans-serif';

const config = {
  font,
  background: 'transparent',
  view: { stroke: ink, strokeOpacity: 0.35 },
  axis: {
    labelColor: ink,
    titleColor: ink,
    tickColor: ink,
    domainColor: ink,
    gridColor: ink,
    gridOpacity: 0.12,
    tickOpacity: 0.5,
    domainOpacity: 0.5,
    labelFontSize: 12,
    titleFontSize: 12.5,
    titleFontWeight: 'normal' as const,
    titlePadding: 8,
  },
  legend: {
    orient: 'bottom' as const,
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal' as const,
    symbolSize: 70,
    symbolStrokeWidth: 2,
    rowPadding: 3,
    columnPadding: 14,
    titleLimit: 340,
    offset: 6,
    layout: { bottom: { direction: 'vertical' as const, anchor: 'start' as const, margin: 4 } },
  },
  aria: false,
};

type Rest = Partial<Extract<TopLevelSpec, { layer: unknown }>> &
  Pick<Extract<TopLevelSpec, { layer: unknown }>, 'layer'>;

/** A panel of fixed outer size; the legend's rows are added to its height, not taken from the drawing. */
export function panel(style: SeriesStyle, rest: Rest, height: number = panelHeight): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: panelWidth,
    height: height + legendHeight(style),
    autosize: { type: 'fit', contains: 'padding' },
    padding: 4,
    config,
    ...rest,
  } as TopLevelSpec;
}

function legendHeight(style: SeriesStyle): number {
  if (style.kind === 'alike') return 0;
  if (style.kind === 'by-value') return 3 * legendRow;
  const columns = style.labels.some((label) => label.length > 14) ? 1 : 4;
  return (1 + Math.ceil(style.labels.length / columns)) * legendRow;
}
