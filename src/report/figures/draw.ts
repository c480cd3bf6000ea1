import type { Figure } from './figure.ts';

/** Average width of a sans-serif character over its font size. */
const characterWidth = 0.58;

type WidthOf = (item: { readonly fontSize?: number }, text: unknown) => number;

/**
 * Draws figures as SVG texts without a browser. Text widths are estimated by the number of characters, so that the drawing is
 * the same on every machine. Vega is loaded here only: it takes half a second.
 */
export async function drawFigures(figures: readonly Figure[]): Promise<ReadonlyMap<string, string>> {
  const vega = await import('vega');
  const { compile } = await import('vega-lite');
  const { textMetrics } = vega as unknown as { textMetrics: { width: WidthOf } };
  textMetrics.width = (item, text) => characterWidth * (item.fontSize ?? 11) * String(text ?? '').length;
  const drawn = new Map<string, string>();
  for (const { id, spec } of figures) {
    const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
    drawn.set(id, await view.toSVG());
    view.finalize();
  }
  return drawn;
}
