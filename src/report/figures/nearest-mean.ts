import { boundShots } from '../../measures/few-shot-bound.ts';
import type { MeasureKey } from '../../measures/measure-rows.ts';
import type { SplitLine } from '../../measures/record.ts';
import type { CheckpointLine } from '../../pipeline/records.ts';
import type { Results } from '../aggregate.ts';
import { brief, range } from '../number-text.ts';
import type { Quantity } from '../quantities.ts';
import { axisFor, channel } from './axis.ts';
import { curveOf } from './curves.ts';
import type { Figure, Row } from './figure.ts';
import { type SeriesStyle, seriesEncodings, seriesLabel } from './series-style.ts';
import { panel } from './vega-style.ts';

type NearestMean = NonNullable<SplitLine['nearestMean']>;

const nearestMeanOf = ({ measures }: Pick<CheckpointLine, 'measures'>): readonly NearestMean[] =>
  measures.flatMap(({ split, nearestMean }) =>
    split === 'sourceTest' && nearestMean !== undefined ? [nearestMean] : [],
  );

const ratio = { unit: null, factor: 1, logarithmic: true } as const;
const quantity = (id: string, label: string, read: (record: NearestMean) => number | null): Quantity => ({
  ...{ id, label, ...ratio },
  read: (line) => {
    const [record] = nearestMeanOf(line);
    return record === undefined ? null : read(record);
  },
});
/** A bound that is a measure of the training examples, whose means classify. */
const bound = (key: MeasureKey, label: string): Quantity => ({
  ...{ id: key, label, ...ratio },
  read: ({ measures }) => measures.find(({ split }) => split === 'sourceTrain')?.neuralCollapse[key] ?? null,
});

/** The bounds are of the error averaged over classes; records of before have only the share of all examples. */
const error = quantity('nearestMeanError', 'test error', (record) => record.errorOverClasses ?? record.error);
const shown = [
  error,
  quantity('cdnvBound', '4 (k − 1) CDNV: a bound', (record) => record.cdnvBound),
  quantity(
    'geometricCollapseBoundPerRho',
    '4 (k − 1) geometric collapse: a bound, times ρ',
    (record) => record.geometricCollapseBoundPerRho,
  ),
  bound('directionalBound', '4 (k − 1) directional CDNV: a bound'),
  bound('cantelliBound', 'by Cantelli, of known means: a bound'),
  bound('fewShotBound', `with means of ${boundShots} supports: a bound`),
];
const floor = quantity('poincareFloor', 'ρ at least', (record) => record.poincareFloor);
const dashes = [
  [1, 0],
  [6, 4],
  [1, 3],
  [10, 3, 2, 3],
  [3, 3],
  [12, 6],
];
const legendRow = 18;

/** The nearest-mean classifier's error on source test images against what bounds it, over training; none where no run has it. */
export function nearestMeanFigure(results: Results, style: SeriesStyle): readonly Figure[] {
  const rows = shown.flatMap((each) =>
    results.configurations.flatMap((configuration) =>
      curveOf(configuration, each).map(({ step, mean, halfWidth, n }): Row => {
        const value =
          style.kind === 'by-value' ? { value: configuration.parameters[style.key] as number } : {};
        return {
          configuration: seriesLabel(results, configuration.index),
          step,
          quantity: each.label,
          mean,
          low: halfWidth === null ? null : mean - halfWidth,
          high: halfWidth === null ? null : mean + halfWidth,
          n,
          ...value,
          series: `${configuration.index} ${each.id}`,
        };
      }),
    ),
  );
  const drawn = rows.filter(({ mean }) => Number(mean) > 0);
  if (!drawn.some((row) => row.quantity === error.label)) return [];
  const isOverClasses = results.configurations
    .flatMap(({ runs }) => runs.flatMap(({ checkpoints }) => checkpoints.flatMap(nearestMeanOf)))
    .every(({ errorOverClasses }) => (errorOverClasses ?? null) !== null);
  const left = rows.length - drawn.length;
  const leftOut =
    left === 0
      ? ''
      : ` ${left} ${left === 1 ? 'mean of 0 has' : 'means of 0 have'} no place on the logarithmic axis; the CSV has ${left === 1 ? 'it' : 'them'}.`;
  const floors = results.finished.flatMap(({ final }) => floor.read(final) ?? []);
  const least =
    floors.length === 0
      ? ''
      : ` ρ, the classes’ Poincaré constant, is unknown; it is at least ${brief(Math.max(...floors))} here.`;
  return [
    {
      id: 'nearestMean-by-step',
      section: 'training',
      title: 'Nearest-mean classifier and its bounds',
      caption: `Means over ${range(
        rows.map(({ n }) => Number(n)),
        'seed',
      )}: the error on source test images${isOverClasses ? ', averaged over classes,' : ''} and its bounds from the training images. A bound above 1 (the line) says nothing.${leftOut}${least}`,
      description:
        'Line chart of the nearest-mean classifier’s test error and of its bounds by CDNV, by geometric collapse, by directional CDNV, by Cantelli’s inequality and with few supports against the training step.',
      rows: rows.map(({ value: _, series: __, ...row }) => row),
      spec: spec(style, drawn),
    },
  ];
}

function spec(style: SeriesStyle, values: readonly Row[]) {
  const { colour: color, shape } = seriesEncodings(style);
  const numbers = (field: string): readonly number[] => values.map((row) => Number(row[field]));
  const x = channel('step', 'training step', axisFor(numbers('step'), false));
  const y = channel('mean', 'error, and its bounds', axisFor([...numbers('mean'), 1], true));
  const detail = { field: 'series', type: 'nominal' as const };
  // Runs of before have fewer bounds; each keeps its dashes.
  const present = shown.flatMap(({ label }, at) =>
    values.some((row) => row.quantity === label) ? [{ label, dash: dashes[at]! }] : [],
  );
  const strokeDash = {
    field: 'quantity',
    type: 'nominal' as const,
    title: null,
    scale: { domain: present.map(({ label }) => label), range: present.map(({ dash }) => dash) },
    legend: { columns: 1, labelLimit: 340, symbolType: 'stroke' as const, symbolSize: 500 },
  };
  const few = style.kind !== 'by-value';
  const line = {
    mark: { type: 'line' as const, clip: true, strokeWidth: few ? 2 : 1 },
    encoding: { x, y, color, strokeDash, detail, order: { field: 'step', type: 'quantitative' as const } },
  };
  const symbols = {
    transform: [{ filter: `datum.quantity == '${error.label}'` }],
    mark: { type: 'point' as const, clip: true, filled: true, size: 45, opacity: 1 },
    encoding: { x, y, color, ...shape, detail },
  };
  const one = {
    mark: { type: 'rule' as const, strokeWidth: 1, color: 'currentColor', opacity: 0.45 },
    encoding: { y: { datum: 1 } },
  };
  return panel(
    style,
    { data: { values: [...values] }, layer: [one, line, ...(few ? [symbols] : [])] } as Parameters<
      typeof panel
    >[1],
    308 + legendRow * present.length,
  );
}
