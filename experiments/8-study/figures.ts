import type { TopLevelSpec } from 'vega-lite';
import { meanOverSeeds } from '../../src/report/aggregate.ts';
import type { Figure, Row } from '../../src/report/figures/figure.ts';
import { groupBy } from '../../src/statistics/group-by.ts';
import { logistic } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import type { CheckpointValues } from '../values.ts';
import { hasTargets, wasRun } from './per-regime.ts';
import { knobLabel, regimeTitle } from './regimes.ts';
import { type RegimeRuns, type StudyRuns, sampleOf } from './study-runs.ts';

interface Axis {
  readonly id: string;
  readonly title: string;
  readonly factor: number;
  readonly type: 'linear' | 'log';
}

const gc: Axis = { id: 'sourceGc', title: 'source GC (embedding² / input²)', factor: 1, type: 'log' };
const cdnv: Axis = { id: 'targetCdnv', title: 'target CDNV', factor: 1, type: 'linear' };
const directional: Axis = {
  id: 'targetCdnvDirectional',
  title: 'directional target CDNV',
  factor: 1,
  type: 'linear',
};
const accuracy: Axis = { id: logistic, title: '5-shot accuracy, logistic (%)', factor: 100, type: 'linear' };

const font = 'Helvetica, Arial, sans-serif';
const config = {
  font,
  background: 'white',
  axis: { gridOpacity: 0.4, titleFontWeight: 'normal', titleFontSize: 12, labelFontSize: 11 },
  legend: { orient: 'bottom', titleFontWeight: 'normal', labelFontSize: 11, symbolStrokeWidth: 2 },
  title: { fontSize: 12.5, fontWeight: 'normal', anchor: 'start' },
  aria: false,
} as const;
const size = { width: 250, height: 220 } as const;

const wasShown = (runs: RegimeRuns): boolean =>
  runs.regime.isPooled && hasTargets(runs) && runs.studies.some(wasRun);

/** Mean over seeds with Student's 95 % interval; none where no seed has it. */
const mean = (rows: readonly CheckpointValues[], { id, factor }: Axis) => {
  const found = meanOverSeeds(rows.map(({ values }) => values[id] ?? null));
  if (found === null) return null;
  const half = found.halfWidth ?? 0;
  return [found.mean, found.mean - half, found.mean + half].map((value) => value * factor);
};

const knobsOf = (studies: readonly StudyRuns[], hash: string): string => {
  const names = studies
    .filter(({ rows }) => rows.some((row) => row.hash === hash))
    .map(({ study }) => knobLabel(study));
  return names.length > 1 ? 'base' : (names[0] ?? '');
};

/** One row per configuration at the end of its runs: both means, their intervals, and the knob that made it. */
function points({ regime, studies }: RegimeRuns, x: Axis, y: Axis): readonly Row[] {
  const { rows, configurationOf } = sampleOf(studies);
  return [...groupBy(atEnd(rows), configurationOf).values()].flatMap((runs): Row[] => {
    const [atX, atY] = [mean(runs, x), mean(runs, y)];
    if (atX === null || atY === null) return [];
    const [first] = runs as [CheckpointValues];
    return [
      {
        ...{ regime: regimeTitle(regime), knob: knobsOf(studies, first.hash), seeds: runs.length },
        ...{ x: atX[0]!, xLow: atX[1]!, xHigh: atX[2]!, y: atY[0]!, yLow: atY[1]!, yHigh: atY[2]! },
      },
    ];
  });
}

const scale = ({ type }: Axis) => ({
  type,
  nice: false,
  padding: 12,
  ...(type === 'linear' ? { zero: false } : {}),
});
const position = (axis: Axis, field: string, title = axis.title) =>
  ({ field, type: 'quantitative', title, scale: scale(axis), axis: { tickCount: 5, format: '~g' } }) as const;
const colour = {
  ...{ field: 'knob', type: 'nominal', title: 'knob', sort: null },
  scale: { scheme: 'tableau10' },
} as const;

/** Means of configurations with their intervals over seeds, both ways. */
const scatter = (runs: RegimeRuns, x: Axis, y: Axis) => ({
  ...size,
  title: regimeTitle(runs.regime),
  data: { values: [...points(runs, x, y)] },
  layer: [
    {
      mark: { type: 'rule', opacity: 0.45 },
      encoding: {
        x: position(x, 'xLow', x.title),
        x2: { field: 'xHigh' },
        y: position(y, 'y'),
        color: colour,
      },
    },
    {
      mark: { type: 'rule', opacity: 0.45 },
      encoding: {
        x: position(x, 'x'),
        y: position(y, 'yLow', y.title),
        y2: { field: 'yHigh' },
        color: colour,
      },
    },
    {
      mark: { type: 'point', filled: true, size: 60, opacity: 1 },
      encoding: { x: position(x, 'x'), y: position(y, 'y'), color: colour },
    },
  ],
});

/** Source GC at the end of every run of one knob's sweep, over the knob's values. */
const knobPanel = ({ regime }: RegimeRuns, { study, rows }: StudyRuns) => ({
  width: 170,
  height: 170,
  title: `(${regime.id}) ${knobLabel(study)}`,
  data: {
    values: atEnd(rows).flatMap(({ parameter, seed, values }) =>
      values.sourceGc == null ? [] : [{ parameter, seed, y: values.sourceGc }],
    ),
  },
  layer: [
    {
      mark: { type: 'line', opacity: 0.6 },
      encoding: {
        x: { field: 'parameter', type: 'ordinal', title: knobLabel(study) },
        y: { ...position(gc, 'y'), aggregate: 'mean' },
      },
    },
    {
      mark: { type: 'point', size: 40, opacity: 0.9 },
      encoding: { x: { field: 'parameter', type: 'ordinal' }, y: position(gc, 'y') },
    },
  ],
});

const specOf = (parts: object): TopLevelSpec =>
  ({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    padding: 8,
    config,
    ...parts,
  }) as TopLevelSpec;

const figure = (id: string, title: string, caption: string, rows: readonly Row[], parts: object): Figure => ({
  ...{
    id,
    section: 'answer',
    title,
    caption,
    description: `${title}. ${caption}`,
    rows,
    spec: specOf(parts),
  },
});

/** The three figures of the first page, over the regimes with target classes that were run. */
export function studyFigures(all: readonly RegimeRuns[]): readonly Figure[] {
  const shown = all.filter(wasShown);
  if (shown.length === 0) return [];
  const ends = 'One point per configuration at the end of its runs: mean over seeds with its 95 % interval.';
  return [
    figure(
      'knobs',
      'Source GC over each knob',
      'One point per run at its end; the line joins means.',
      shown.flatMap(({ regime, studies }) =>
        studies.flatMap(({ study, rows }) =>
          atEnd(rows).map(({ parameter, seed, values }) => ({
            ...{
              regime: regime.id,
              knob: knobLabel(study),
              parameter,
              seed,
              sourceGc: values.sourceGc ?? null,
            },
          })),
        ),
      ),
      {
        vconcat: shown.map((runs) => ({
          hconcat: runs.studies.filter(wasRun).map((study) => knobPanel(runs, study)),
        })),
      },
    ),
    figure(
      'middle-link',
      'Target CDNV over source GC',
      ends,
      shown.flatMap((runs) => points(runs, gc, cdnv)),
      { hconcat: shown.map((runs) => scatter(runs, gc, cdnv)) },
    ),
    figure(
      'last-link',
      '5-shot accuracy over target CDNV and its directional form',
      ends,
      shown.flatMap((runs) => points(runs, cdnv, accuracy)),
      {
        vconcat: [cdnv, directional].map((x) => ({
          hconcat: shown.map((runs) => scatter(runs, x, accuracy)),
        })),
      },
    ),
  ];
}
