import { groupBy } from '../../statistics/group-by.ts';
import { type Configuration, meanOverSeeds, type Results } from '../aggregate.ts';
import { fixedQuantity, type Quantity } from '../quantities.ts';
import { axisFor, axisTitle, channel, reach } from './axis.ts';
import { curveSpec } from './curve-spec.ts';
import type { Figure, Row } from './figure.ts';
import { type SeriesStyle, seriesLabel } from './series-style.ts';

const shown = [
  'sourceGc',
  'sourceGeometricCollapse',
  'sourceCdnv',
  'sourceNc1',
  'targetCdnv',
  'sourceTrainLoss',
];

/** One point of a curve: the mean over the seeds that reached the step. */
export interface CurvePoint {
  readonly configuration: Configuration;
  readonly step: number;
  readonly loss: number | null;
  readonly mean: number;
  readonly halfWidth: number | null;
  readonly n: number;
}

/** Each quantity against the training step, and geometric complexity against the training loss; none where no run has checkpoints. */
export function curveFigures(results: Results, style: SeriesStyle): readonly Figure[] {
  const curves = shown.flatMap((id) => {
    const quantity = fixedQuantity(id);
    const points = results.configurations.flatMap((each) => curveOf(each, quantity));
    return points.length === 0 ? [] : [stepFigure(results, style, quantity, points)];
  });
  const complexity = fixedQuantity('sourceGc');
  const atLoss = results.configurations
    .flatMap((each) => curveOf(each, complexity))
    .filter(({ loss }) => loss !== null && loss > 0);
  return atLoss.length === 0 ? curves : [...curves, lossFigure(results, style, complexity, atLoss)];
}

/** Failed runs are left out; a run at work counts as far as it is. */
export function curveOf(configuration: Configuration, quantity: Quantity): readonly CurvePoint[] {
  const checkpoints = configuration.runs
    .filter(({ state }) => state !== 'failed')
    .flatMap((run) => run.checkpoints);
  const loss = fixedQuantity('sourceTrainLoss');
  return [...groupBy(checkpoints, ({ step }) => step)]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([step, group]) => {
      const value = meanOverSeeds(group.map(quantity.read));
      if (value === null) return [];
      return [{ configuration, step, loss: meanOverSeeds(group.map(loss.read))?.mean ?? null, ...value }];
    });
}

const rowsOf = (results: Results, points: readonly CurvePoint[]): readonly Row[] =>
  points.map(({ configuration, step, loss, mean, halfWidth, n }) => ({
    configuration: seriesLabel(results, configuration.index),
    step,
    sourceTrainLoss: loss,
    mean,
    low: halfWidth === null ? null : mean - halfWidth,
    high: halfWidth === null ? null : mean + halfWidth,
    n,
  }));

function stepFigure(
  results: Results,
  style: SeriesStyle,
  quantity: Quantity,
  points: readonly CurvePoint[],
): Figure {
  const seeds = Math.max(...points.map(({ n }) => n));
  const band = seeds > 1 ? `mean over up to ${seeds} seeds, band: 95 % t‑interval` : 'one seed: no band';
  const y = axisFor(reach(points, quantity.logarithmic), quantity.logarithmic);
  const x = axisFor(
    points.map(({ step }) => step),
    false,
  );
  return {
    id: `${quantity.id}-by-step`,
    section: 'training',
    title: `${capital(quantity.label)} during training`,
    caption: `${capital(band)}; in inference mode on ${quantity.id.startsWith('target') ? 'the target classes' : 'source training images'}.`,
    description: `Line chart of ${quantity.label} against the training step, one line per configuration.`,
    rows: rowsOf(results, points),
    spec: curveSpec(
      style,
      drawnRows(results, style, points),
      channel('step', 'training step', x),
      channel('mean', axisTitle(quantity), y),
      y,
    ),
  };
}

function lossFigure(
  results: Results,
  style: SeriesStyle,
  quantity: Quantity,
  points: readonly CurvePoint[],
): Figure {
  const y = axisFor(reach(points, true), true);
  const x = axisFor(
    points.map(({ loss }) => loss!),
    true,
  );
  const loss = channel('sourceTrainLoss', 'source train loss (nat), falling', x);
  const falling = { ...loss, scale: { ...loss.scale, reverse: true } };
  return {
    id: 'sourceGc-by-loss',
    section: 'training',
    title: 'Source GC at equal training loss',
    caption:
      'The same means against the loss on source training images: a vertical line compares configurations that fit equally well.',
    description:
      'Line chart of source geometric complexity against the training loss, one line per configuration.',
    rows: rowsOf(results, points),
    spec: curveSpec(
      style,
      drawnRows(results, style, points),
      falling,
      channel('mean', axisTitle(quantity), y),
      y,
    ),
  };
}

/** What the drawing needs beside the CSV's columns: the series, its colour's value. */
const drawnRows = (results: Results, style: SeriesStyle, points: readonly CurvePoint[]): readonly Row[] =>
  rowsOf(results, points).map((row, index) => {
    const { configuration } = points[index]!;
    const value = style.kind === 'by-value' ? { value: configuration.parameters[style.key] as number } : {};
    return { ...row, ...value, series: configuration.index };
  });

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
