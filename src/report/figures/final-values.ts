import { finalMean, type Results } from '../aggregate.ts';
import { range } from '../number-text.ts';
import { fixedQuantity, type Quantity } from '../quantities.ts';
import { numericKeys } from '../trends.ts';
import { type AxisChoice, axisFor, axisTitle, channel, reach } from './axis.ts';
import type { Figure, Row } from './figure.ts';
import { ordered, type SeriesStyle, seriesEncodings, seriesLabel } from './series-style.ts';
import { panel } from './vega-style.ts';

const shown = [
  'sourceTrainAccuracy',
  'sourceTestAccuracy',
  'sourceGc',
  'sourceGeometricCollapse',
  'targetCdnv',
  'targetNc1',
];
const mostRows = 40;

/** The last checkpoint's values: against the swept number where one varies, else one row per configuration. */
export function finalFigures(results: Results, style: SeriesStyle): readonly Figure[] {
  const key = results.variedKeys.length === 1 ? numericKeys(results)[0] : undefined;
  if (results.configurations.length < 2) return [];
  if (key === undefined && results.configurations.length > mostRows) return [];
  return [...shown.map(fixedQuantity), ...results.fewshot].flatMap((quantity) =>
    finalFigure(results, style, quantity, key),
  );
}

function finalFigure(
  results: Results,
  style: SeriesStyle,
  quantity: Quantity,
  key: string | undefined,
): readonly Figure[] {
  const rows = ordered(results).flatMap((index): Row[] => {
    const configuration = results.configurations[index]!;
    const found = finalMean(configuration, quantity);
    if (found === null) return [];
    const { mean, halfWidth, n } = found;
    const scaled = (value: number): number => value * quantity.factor;
    return [
      {
        configuration: seriesLabel(results, index),
        ...(key === undefined ? {} : { [results.shortNames[key]!]: configuration.parameters[key] as number }),
        mean: scaled(mean),
        low: halfWidth === null ? null : scaled(mean - halfWidth),
        high: halfWidth === null ? null : scaled(mean + halfWidth),
        n,
      },
    ];
  });
  if (rows.length === 0) return [];
  const name = quantity.label.charAt(0).toUpperCase() + quantity.label.slice(1);
  const title = key === undefined ? name : `${results.shortNames[key]} → ${quantity.label}`;
  const seeds = rows.some(({ n }) => Number(n) > 1);
  return [
    {
      id: `final-${quantity.id}`,
      section: 'final',
      title,
      caption: seeds
        ? `Mean over ${range(
            rows.map(({ n }) => Number(n)),
            'seed',
          )} at the last checkpoint, bar: 95 % t‑interval.`
        : 'Last checkpoint, one seed: no interval.',
      description: `Final ${quantity.label}: one point per configuration with its interval over seeds; the table above has the numbers.`,
      rows,
      spec:
        key === undefined ? rowSpec(style, quantity, rows) : sweptSpec(results, style, quantity, rows, key),
    },
  ];
}

/** An axis for the means with their intervals; shares of 100 stay within it. */
function valueAxis(quantity: Quantity, rows: readonly Row[]): AxisChoice {
  const points = rows.map(({ mean, high }) => ({
    mean: Number(mean),
    halfWidth: high === null ? null : Number(high) - Number(mean),
  }));
  const reached = reach(points, quantity.logarithmic);
  const within = (value: number): number => Math.min(100, Math.max(0, value));
  return axisFor(quantity.unit === '%' ? reached.map(within) : reached, quantity.logarithmic);
}

/** Where a logarithmic axis has no place for an interval's low end, it ends below the frame, which cuts it. */
const drawnRows = (rows: readonly Row[], { type, domain }: AxisChoice): readonly Row[] =>
  rows.map((row) =>
    type === 'log' && row.low !== null ? { ...row, low: Math.max(Number(row.low), domain[0] / 2) } : row,
  );

function sweptSpec(
  results: Results,
  style: SeriesStyle,
  quantity: Quantity,
  rows: readonly Row[],
  key: string,
) {
  const field = results.shortNames[key]!;
  const values = rows.map((row) => row[field] as number);
  const value = valueAxis(quantity, rows);
  const y = channel('mean', axisTitle(quantity), value);
  const swept = axisFor(values, true);
  const x = channel(
    field.replaceAll('.', '\\.'),
    field,
    rows.length <= 7 ? { ...swept, ticks: values } : swept,
  );
  return layers(
    style,
    drawnRows(rows, value),
    { x, y },
    { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
    300,
  );
}

function rowSpec(style: SeriesStyle, quantity: Quantity, rows: readonly Row[]) {
  const value = valueAxis(quantity, rows);
  const x = channel('mean', axisTitle(quantity), value);
  const y = {
    field: 'configuration',
    type: 'nominal' as const,
    title: null,
    sort: null,
    axis: { labelLimit: 170, grid: true },
  };
  const height = 70 + 24 * rows.length;
  return layers(
    style,
    drawnRows(rows, value),
    { x, y },
    { x: { ...x, field: 'low' }, x2: { field: 'high' }, y },
    height,
  );
}

type Encoding = Readonly<Record<string, unknown>>;

/** Points with their intervals; the axis names the configurations, so that there is no legend. */
function layers(
  style: SeriesStyle,
  rows: readonly Row[],
  point: Encoding,
  interval: Encoding,
  height: number,
) {
  const { colour, shape } = seriesEncodings(style.kind === 'few' ? style : { kind: 'alike' });
  const silent = (encoding: object): object =>
    'field' in encoding ? { ...encoding, legend: null } : encoding;
  const color = silent(colour);
  const shapes = 'shape' in shape ? { shape: silent(shape.shape) } : {};
  const layer = [
    {
      transform: [{ filter: 'isValid(datum.low)' }],
      mark: { type: 'rule', strokeWidth: 1.8, clip: true },
      encoding: { ...interval, color },
    },
    { mark: { type: 'point', filled: true, size: 80, opacity: 1 }, encoding: { ...point, color, ...shapes } },
  ];
  return panel(
    { kind: 'alike' },
    { data: { values: [...rows] }, layer } as unknown as Parameters<typeof panel>[1],
    height,
  );
}
