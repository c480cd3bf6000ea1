import { markdownTable } from '../tables.ts';
import { beyondFit } from './beyond-fit.ts';
import {
  atEqualLoss,
  isMissing,
  type JudgedLink,
  type Judgement,
  judged,
  judgedAtSteps,
  type Outcome,
  shared,
} from './judgement.ts';
import { knobLinks, type Link, pooledLinks } from './links.ts';
import { hasEnded } from './progress.ts';
import { knobOf } from './regimes.ts';
import type { RegimeRuns } from './study-runs.ts';

/** One verdict that a row of PLAN.md's table asks for. */
export interface Part {
  readonly regime: 'a' | 'b';
  readonly name: string;
  readonly outcome: Outcome;
  /** Of configurations; from the fewest to the most where several moments share a verdict. None where nothing was tested. */
  readonly n: readonly number[];
}

export interface Row {
  /** As PLAN.md's table names it. */
  readonly name: string;
  readonly parts: readonly Part[];
  /** Where PLAN.md's refutation is met. */
  readonly isRefuted: (parts: readonly Part[]) => boolean;
}

const decisive = ['a', 'b'] as const;
type Ask = readonly [name: string, outcome: Outcome, n?: readonly number[]];

const ofRegimes = (all: readonly RegimeRuns[], asks: (runs: RegimeRuns) => readonly Ask[]): readonly Part[] =>
  decisive.flatMap((regime) => {
    const runs = all.find((each) => each.regime.id === regime);
    return runs === undefined
      ? []
      : asks(runs).map(([name, outcome, n = []]) => ({ regime, name, outcome, n }));
  });

const knobs = [
  ['learning-rate', 'learning rate'],
  ['batch-size', 'batch size'],
  ['l2', 'L2'],
] as const;

const counts = (judgements: readonly Judgement[]): readonly number[] =>
  judgements.flatMap(({ found, outcome }) =>
    found === null || found === 'few' || isMissing(outcome) ? [] : [found.n],
  );

const askAtEqualSteps = (name: string, judgement: Judgement): Ask => [
  name,
  judgement.outcome,
  counts([judgement]),
];

const askAtEqualLoss = (name: string, link: JudgedLink): Ask => [
  name,
  atEqualLoss(link),
  counts(link.judgements.slice(1)),
];

const knobAsks = (runs: RegimeRuns): readonly Ask[] =>
  knobs.map(([knob, name]) => {
    const studies = runs.studies.filter(({ study }) => knobOf(study) === knob);
    const link = knobLinks({ ...runs, studies }).find(({ claim }) => claim.to === 'sourceGc');
    return link === undefined ? [name, 'not run'] : askAtEqualSteps(name, judgedAtSteps(link));
  });

const linkOf = (runs: RegimeRuns, from: string, to: RegExp): readonly Link[] =>
  pooledLinks(runs).filter(({ claim }) => claim.from === from && to.test(claim.to));

const accuracy = /^5way_5shot_/;
const orNotRun = (asks: readonly Ask[], ...names: readonly string[]): readonly Ask[] =>
  asks.length > 0 ? asks : names.map((name) => [name, 'not run'] as const);
const readouts = ['5-shot logistic', '5-shot nearest mean'];

const all = (parts: readonly Part[], outcome: Outcome): boolean =>
  parts.length > 0 && parts.every((part) => part.outcome === outcome);
const ofRegime = (parts: readonly Part[], regime: string): readonly Part[] =>
  parts.filter((part) => part.regime === regime);

/** PLAN.md's table of what counts, with what the results say of each verdict that it asks for. */
export function rowsOf(regimes: readonly RegimeRuns[]): readonly Row[] {
  return [
    {
      name: 'knob to GC',
      parts: ofRegimes(regimes, knobAsks),
      isRefuted: (parts) =>
        knobs.some(([, name]) =>
          all(
            parts.filter((part) => part.name === name),
            'opposite',
          ),
        ),
    },
    {
      name: 'GC to target CDNV',
      parts: ofRegimes(regimes, (runs) =>
        orNotRun(
          linkOf(runs, 'sourceGc', /^targetCdnv$/)
            .map(judged)
            .flatMap((link): readonly Ask[] => [
              askAtEqualSteps('equal steps', link.judgements[0]!),
              askAtEqualLoss('equal loss', link),
            ]),
          'equal steps',
          'equal loss',
        ),
      ),
      isRefuted: (parts) =>
        parts.some(({ name, outcome }) => name === 'equal loss' && outcome === 'opposite'),
    },
    {
      name: 'target CDNV to 5-shot accuracy',
      parts: ofRegimes(regimes, (runs) =>
        orNotRun(
          linkOf(runs, 'targetCdnv', accuracy).map((link) => askAtEqualSteps(link.to, judgedAtSteps(link))),
          ...readouts,
        ),
      ),
      isRefuted: (parts) => decisive.some((regime) => all(ofRegime(parts, regime), 'opposite')),
    },
    {
      name: 'GC beyond fit',
      parts: ofRegimes(regimes, (runs) =>
        orNotRun(
          linkOf(runs, 'sourceGc', accuracy).map((link): Ask => {
            const { outcome, left } = beyondFit(link)[0]!;
            return [link.to, outcome, left === null ? [] : [left.n]];
          }),
          ...readouts,
        ),
      ),
      isRefuted: (parts) => all(parts, 'opposite'),
    },
  ];
}

/** Support, refutation, undecided or not run, by PLAN.md's rule alone. */
export function outcomeOf({ parts, isRefuted }: Pick<Row, 'parts' | 'isRefuted'>): string {
  if (all(parts, 'consistent')) return 'support';
  if (isRefuted(parts)) return 'refutation';
  return shared(parts.map(({ outcome }) => outcome)) === 'not run' ? 'not run' : 'undecided';
}

function countText(n: readonly number[]): string {
  if (n.length === 0) return '';
  const [least, most] = [Math.min(...n), Math.max(...n)];
  return least === most ? `, n = ${most}` : `, n = ${least} to ${most}`;
}

/** One row per row of PLAN.md's table. An outcome is marked where runs of the two regimes are still to come. */
export function whatCountsText(regimes: readonly RegimeRuns[]): string {
  const asked = regimes.filter(({ regime }) => decisive.some((id) => id === regime.id));
  const ended = asked.every(({ studies }) => studies.length > 0 && hasEnded(studies));
  const cell = (parts: readonly Part[]): string =>
    parts.map(({ name, outcome, n }) => `${name}: ${outcome}${countText(n)}`).join('; ');
  return markdownTable(
    ['what', 'regime (a)', 'regime (b)', 'outcome'],
    rowsOf(regimes).map((row) => {
      const outcome = outcomeOf(row);
      return [
        row.name,
        ...decisive.map((regime) => cell(ofRegime(row.parts, regime))),
        outcome === 'not run' || ended ? outcome : `${outcome}, so far`,
      ];
    }),
  );
}
