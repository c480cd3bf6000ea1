import { fewestConfigurations } from '../../src/statistics/association.ts';
import {
  cells,
  correlations,
  designs,
  differenceName,
  knobs,
  predictorPairs,
  ratios,
  resamples,
} from './cells.ts';
import { type Counted, keyOf } from './results.ts';

const percent = (found: Counted | undefined): string =>
  found === undefined ? '-' : ((100 * found.count) / found.sweeps).toFixed(1);

const markdown = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((line) => `| ${line.join(' | ')} |`).join('\n');

const columns = [
  ['false: knob', 'false knob'],
  ['false: between', 'false between'],
  ['false: within', 'false within'],
  ['false: within, common knob', 'false within, common knob'],
  ['coverage, no effect', 'coverage, nothing'],
  ['coverage, effects correlate at 0.8', 'coverage, effect'],
  ['coverage, common knob', 'coverage, common knob'],
  ['bootstrap, effects correlate at 0.8', 'bootstrap, effect'],
  ['bootstrap, common knob', 'bootstrap, common knob'],
] as const;

/** The tables of docs/statistics.md, from what has been counted. */
export function verdictTables(counted: ReadonlyMap<string, Counted>): string {
  const of = (configurations: number, seeds: number, ratio: number, quantity: string): string => {
    const world = { configurations, seeds, ratio, shared: 0, knob: 0 };
    return percent(counted.get(keyOf({ quantity, world, holds: () => false })));
  };
  const main = designs.flatMap(([configurations, seeds]) =>
    ratios.map((ratio) => [
      `${configurations} x ${seeds}`,
      String(ratio),
      ...columns.map(([, quantity]) => of(configurations, seeds, ratio, quantity)),
    ]),
  );
  const power = designs
    .filter(([configurations]) => configurations >= fewestConfigurations)
    .map(([configurations, seeds]) => [
      `${configurations} x ${seeds}`,
      ...knobs.map((each) => of(configurations, seeds, 1, `power knob ${each}`)),
      ...correlations.map((each) => of(configurations, seeds, 3, `power correlation ${each}`)),
    ]);
  const differences = [...new Set(designs.map(([configurations]) => configurations))]
    .filter((configurations) => configurations >= fewestConfigurations)
    .map((configurations) => [
      String(configurations),
      ...predictorPairs.map((pair) => of(configurations, 1, 0, differenceName(pair))),
    ]);
  const found = cells.flatMap((cell) => counted.get(keyOf(cell))?.sweeps ?? []);
  const [least, most] = [Math.min(...found), Math.max(...found)];
  const error = (sweeps: number): string => (100 * Math.sqrt((0.05 * 0.95) / sweeps)).toFixed(1);
  return [
    `${most} simulated sweeps per cell (bootstrap: ${least}, ${resamples} resamples each); values in %. A cell near 5 or 95 has a standard error of ${error(most)} (bootstrap: ${error(least)}).`,
    markdown(['configurations x seeds', 'ratio', ...columns.map(([head]) => head)], main),
    "Power: how often a real effect gets a verdict. Left at ratio 1, by what the knob adds from its lowest to its highest value, in seed deviations; right at ratio 3, by the correlation of the configurations' effects.",
    markdown(
      [
        'configurations x seeds',
        ...knobs.map((each) => `knob ${each}`),
        ...correlations.map((each) => `correlation ${each}`),
      ],
      power,
    ),
    'Coverage of the interval for the difference between two predictors, by their correlations with accuracy:',
    markdown(
      ['configurations', ...predictorPairs.map(({ first, second }) => `${first} and ${second}`)],
      differences,
    ),
  ].join('\n\n');
}
