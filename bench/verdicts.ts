/**
 * Question: how often are the report's verdicts false, how often do its intervals hold the true value, and what can they see?
 * Command:  node --import tsx bench/verdicts.ts      (writes the table of docs/statistics.md; minutes)
 *
 * Normal configuration effects of variance `ratio` times that of seeds. Two kinds of absent effect: x and y independent between
 * configurations, and x and y both driven by the knob but independent at a fixed knob. The interval's true value is the
 * rank correlation of a bivariate normal of means, 6/pi asin(r/2), r their correlation (0.8 between the effects).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../src/random/random.ts';
import {
  betweenConfigurations,
  level,
  type Pair,
  withinConfigurations,
} from '../src/statistics/association.ts';

const designs = [
  [3, 3],
  [4, 3],
  [5, 1],
  [5, 3],
  [6, 3],
  [8, 3],
  [12, 5],
] as const;
const ratios = [0, 1, 3, 5] as const;
const repeats = Number(process.argv[2] ?? 2000);
const random = randomStream(2024);

const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

interface World {
  readonly configurations: number;
  readonly seeds: number;
  readonly ratio: number;
  /** Correlation of the configurations' effects on x and y. */
  readonly shared: number;
  /** What the knob, 0 to 1 over the configurations, adds to x and y. */
  readonly knob: number;
}

function sweep({ configurations, seeds, ratio, shared, knob }: World): readonly Pair[] {
  return Array.from({ length: configurations }).flatMap((_, configuration) => {
    const common = (knob * configuration) / (configurations - 1);
    const [first, other] = [normal(), normal()];
    const size = Math.sqrt(ratio);
    const x = common + size * first;
    const y = common + size * (shared * first + Math.sqrt(1 - shared ** 2) * other);
    return Array.from({ length: seeds }, () => ({ configuration, x: x + normal(), y: y + normal() }));
  });
}

/** The share of sweeps in which something holds; a percentage with one decimal. */
function share(world: World, holds: (pairs: readonly Pair[]) => boolean): string {
  let count = 0;
  for (let i = 0; i < repeats; i++) if (holds(sweep(world))) count += 1;
  return ((100 * count) / repeats).toFixed(1);
}

const judged = (p: number | null | undefined): boolean => p !== null && p !== undefined && p <= level + 1e-12;
const quantityVerdict = (pairs: readonly Pair[]): boolean => judged(betweenConfigurations(pairs)?.p);
const knobVerdict = (pairs: readonly Pair[]): boolean =>
  quantityVerdict(pairs.map((pair) => ({ ...pair, x: pair.configuration })));
const withinVerdict = (pairs: readonly Pair[]): boolean => judged(withinConfigurations(pairs)?.p);

function row(configurations: number, seeds: number, ratio: number): string {
  const world = { configurations, seeds, ratio, shared: 0, knob: 0 };
  const effect = { ...world, shared: 0.8 };
  const r = (0.8 * ratio) / (ratio + 1 / seeds);
  const truth = (6 / Math.PI) * Math.asin(r / 2);
  const held = (pairs: readonly Pair[]): boolean => {
    const ends = betweenConfigurations(pairs)?.ci95;
    return ends !== null && ends !== undefined && ends[0] <= truth && truth <= ends[1];
  };
  const enough = configurations >= 5;
  const cells = [
    `${configurations} x ${seeds}`,
    ratio,
    share(world, knobVerdict),
    share(world, quantityVerdict),
    seeds > 1 ? share({ ...world, knob: 5 }, withinVerdict) : '-',
    enough ? share(effect, held) : 'none',
    enough ? share({ ...world, knob: 5 }, knobVerdict) : '0',
    enough ? share(effect, quantityVerdict) : '0',
  ];
  return `| ${cells.join(' | ')} |`;
}

const heads = [
  'configurations x seeds',
  'ratio',
  'false: knob',
  'false: between',
  'false: within, common knob',
  'coverage',
  'power: knob of 5 seed deviations',
  'power: effects correlate at 0.8',
];
const table = [
  `| ${heads.join(' | ')} |`,
  `| ${heads.map(() => '---').join(' | ')} |`,
  ...designs.flatMap(([configurations, seeds]) => ratios.map((ratio) => row(configurations, seeds, ratio))),
].join('\n');

const page = join(import.meta.dirname, '../docs/statistics.md');
const marked = /(<!-- verdicts -->\n)[\s\S]*?(\n<!-- end -->)/;
const error = (100 * Math.sqrt((0.05 * 0.95) / repeats)).toFixed(1);
const text = `\n${repeats} simulated sweeps per cell; values in %. A cell near 5 or 95 has a standard error of ${error}.\n\n${table}\n`;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(marked, (_, start: string, end: string) => start + text + end),
);
console.log(table);
