import { meanOverSeeds } from '../../src/report/aggregate.ts';
import { axisFor, channel } from '../../src/report/figures/axis.ts';
import type { Row } from '../../src/report/figures/figure.ts';
import { correlationText } from '../../src/report/number-text.ts';
import { groupBy } from '../../src/statistics/group-by.ts';
import { correlationOf } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import { fits, type Group, groupsOf, known } from './configuration-means.ts';
import { wasRun } from './per-regime.ts';
import { knobLabel, regimeTitle } from './regimes.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

/** A quantity of the results as a figure shows it. */
export interface Shown {
  readonly id: string;
  readonly title: string;
  readonly factor: number;
  readonly logarithmic: boolean;
}

/** Student's factor of two seeds is 12.7: their interval would fill the panel. */
const fewestForBars = 3;

/** Mean over seeds with the ends of Student's 95 % interval, or the mean alone of fewer than three; null where no seed has the quantity. */
function mean(runs: Group, { id, factor }: Shown): readonly number[] | null {
  const found = meanOverSeeds(known(runs, id));
  if (found === null) return null;
  const half = runs.length < fewestForBars ? 0 : (found.halfWidth ?? 0);
  return [found.mean, found.mean - half, found.mean + half].map((value) => value * factor);
}

/** One row per configuration of each knob's sweep at the end of its runs. The base is in every knob's sweep. */
export const pointsOf = ({ regime, studies }: RegimeRuns, x: Shown, y: Shown): readonly Row[] =>
  studies.filter(wasRun).flatMap((each) => {
    return groupsOf(sampleOf([each])).flatMap((runs): Row[] => {
      const [atX, atY] = [mean(runs, x), mean(runs, y)];
      if (atX === null || atY === null) return [];
      return [
        {
          ...{
            regime: regime.id,
            knob: knobLabel(each.study),
            value: runs[0]!.parameter,
            seeds: runs.length,
          },
          ...{ x: atX[0]!, xLow: atX[1]!, xHigh: atX[2]!, y: atY[0]!, yLow: atY[1]!, yHigh: atY[2]! },
          hollow: regime.mustFit && !fits(runs),
        },
      ];
    });
  });

/** One row per run of each knob's sweep at its end. */
export const runsOf = ({ regime, studies }: RegimeRuns, y: Shown): readonly Row[] =>
  studies.filter(wasRun).flatMap((each) =>
    atEnd(sampleOf([each]).rows).flatMap(({ parameter, seed, values }): Row[] => {
      const value = values[y.id] ?? null;
      return value === null
        ? []
        : [{ regime: regime.id, knob: knobLabel(each.study), value: parameter, seed, y: value * y.factor }];
    }),
  );

const numbers = (rows: readonly Row[], fields: readonly string[]): readonly number[] =>
  rows.flatMap((row) => fields.map((field) => row[field] as number));

const colour = {
  ...{ field: 'knob', type: 'nominal', title: 'knob', sort: null },
  scale: { scheme: 'tableau10' },
} as const;

/** `ρ = −0.36 [−0.70, 0.11], n = 20` over the configurations of all of a regime's knobs. */
function correlationTitle({ studies }: RegimeRuns, x: Shown, y: Shown): string {
  const { rows, configurationOf } = sampleOf(studies);
  const found = correlationOf(atEnd(rows), { from: x.id, to: y.id, sign: 1 }, configurationOf);
  return found === null || found === 'few' ? '' : `ρ = ${correlationText(found)}, n = ${found.n}`;
}

/** Means of configurations with their intervals over seeds both ways; a line joins a knob's values in their order. */
export function scatterPanel(runs: RegimeRuns, x: Shown, y: Shown): object {
  const rows = pointsOf(runs, x, y);
  const at = (field: 'x' | 'y', shown: Shown, from: string = field) =>
    channel(
      from,
      shown.title,
      // A logarithmic axis has no place for an interval that reaches 0.
      axisFor(
        numbers(rows, [field, `${field}Low`, `${field}High`]).filter(
          (value) => !shown.logarithmic || value > 0,
        ),
        shown.logarithmic,
      ),
    );
  const rule = { type: 'rule', opacity: 0.35, clip: true };
  return {
    ...{ width: 250, height: 220, data: { values: [...rows] } },
    title: { text: regimeTitle(runs.regime), subtitle: correlationTitle(runs, x, y) },
    layer: [
      {
        mark: { type: 'line', opacity: 0.5, strokeWidth: 1.2 },
        encoding: {
          x: at('x', x),
          y: at('y', y),
          color: colour,
          order: { field: 'value', type: 'quantitative' },
        },
      },
      {
        mark: rule,
        encoding: { x: at('x', x, 'xLow'), x2: { field: 'xHigh' }, y: at('y', y), color: colour },
      },
      {
        mark: rule,
        encoding: { x: at('x', x), y: at('y', y, 'yLow'), y2: { field: 'yHigh' }, color: colour },
      },
      {
        mark: { type: 'point', size: 60, opacity: 1 },
        encoding: {
          ...{ x: at('x', x), y: at('y', y), color: colour, fill: colour },
          fillOpacity: { condition: { test: 'datum.hollow', value: 0 }, value: 1 },
        },
      },
    ],
  };
}

/** A quantity at the end of every run of a knob's sweep, over the knob's values; all panels of a regime have one axis. */
export function knobPanels(runs: RegimeRuns, y: Shown): object {
  const rows = runsOf(runs, y);
  const axis = axisFor(numbers(rows, ['y']), y.logarithmic);
  const value = { field: 'value', type: 'ordinal' } as const;
  return {
    hconcat: [...groupBy(rows, ({ knob }) => String(knob))].map(([knob, own]) => ({
      ...{ width: 170, height: 170, title: `(${runs.regime.id}) ${knob}`, data: { values: [...own] } },
      layer: [
        {
          mark: { type: 'line', opacity: 0.6 },
          encoding: {
            x: { ...value, title: knob.split(',')[0] },
            y: { ...channel('y', y.title, axis), aggregate: 'mean' },
          },
        },
        {
          mark: { type: 'point', size: 40, opacity: 0.9 },
          encoding: { x: value, y: channel('y', y.title, axis) },
        },
      ],
    })),
  };
}
