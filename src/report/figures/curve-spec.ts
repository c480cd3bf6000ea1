import { groupBy } from '../../statistics/group-by.ts';
import type { AxisChoice, channel } from './axis.ts';
import type { Row } from './figure.ts';
import { dashOf, type SeriesStyle, seriesEncodings } from './series-style.ts';
import { panel } from './vega-style.ts';

type Channel = ReturnType<typeof channel>;
const mostSymbols = 9;

/** Lines of means with bands of intervals and a few symbols a line. The rows have series, step, mean, low and high. */
export function curveSpec(
  style: SeriesStyle,
  rows: readonly Row[],
  x: Channel,
  y: Channel,
  { type, domain }: AxisChoice,
) {
  const { colour: color, shape } = seriesEncodings(style);
  const values = withSymbols(rows).map((row) => {
    const low = row.low ?? null;
    const drawn = low === null || type === 'linear' ? low : Math.max(Number(low), domain[0] / 2);
    return { ...row, low: drawn, dash: [...dashOf(style, row.configuration)] };
  });
  const detail = { field: 'series', type: 'nominal' as const };
  const strokeDash = { field: 'dash', type: 'nominal' as const, scale: null, legend: null };
  const few = style.kind !== 'by-value';
  const band = {
    transform: [{ filter: 'isValid(datum.low)' }],
    mark: { type: 'area' as const, clip: true, fillOpacity: 0.18, strokeOpacity: 0 },
    encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color, detail },
  };
  const line = {
    mark: { type: 'line' as const, clip: true, strokeWidth: few ? 2 : 1 },
    encoding: { x, y, color, strokeDash, detail, order: { field: 'step', type: 'quantitative' as const } },
  };
  const symbols = {
    transform: [{ filter: 'datum.symbol' }],
    mark: { type: 'point' as const, clip: true, filled: true, size: 45, opacity: 1 },
    encoding: { x, y, color, ...shape, detail },
  };
  const hasBand = values.some(({ low }) => low !== null);
  return panel(style, {
    data: { values },
    layer: [...(few && hasBand ? [band] : []), line, ...(few ? [symbols] : [])],
  });
}

/** Marks at most nine points of each series, the last among them, to carry its symbol. */
function withSymbols(rows: readonly Row[]): readonly Row[] {
  return [...groupBy(rows, ({ series }) => series).values()].flatMap((group) => {
    const every = Math.ceil(group.length / mostSymbols);
    return group.map((row, index) => ({ ...row, symbol: (group.length - 1 - index) % every === 0 }));
  });
}
