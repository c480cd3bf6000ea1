import { correlationText } from '../../src/report/number-text.ts';
import type { Association } from '../../src/statistics/association.ts';
import type { RankCorrelation } from '../../src/statistics/rank-correlation.ts';
import { correlationOf, pairsOf, type Verdict, verdictOf, verdictText } from '../claims.ts';
import { atEnd, type Setting } from '../equal-loss.ts';
import type { Link } from './links.ts';
import { equalSteps, momentsOf } from './moments.ts';

/** A verdict, or why there is none to be had from the results. */
export type Outcome = Verdict | 'not run' | 'not measured';

export const isMissing = (outcome: Outcome): boolean => outcome === 'not run' || outcome === 'not measured';

/** A link at one moment. */
export interface Judgement {
  readonly moment: string;
  readonly found: Association | null | 'few';
  readonly outcome: Outcome;
  /** Whether any run is there at this moment. */
  readonly reached: boolean;
}

export interface JudgedLink {
  readonly link: Link;
  /** Equal steps first, then each training loss. */
  readonly judgements: readonly Judgement[];
}

/** Why a link cannot be tested at all: no rows, or none with both ends; null where it can. */
export function missingOf({ claim, sample }: Link): 'not run' | 'not measured' | null {
  if (sample.rows.length === 0) return 'not run';
  return pairsOf(sample.rows, claim).length > 0 ? null : 'not measured';
}

function judgedAt(link: Link, { name, rows }: Setting): Judgement {
  const { claim, sample } = link;
  const configurationOf = claim.from === 'parameter' ? undefined : sample.configurationOf;
  const found = correlationOf(rows, claim, configurationOf);
  const outcome = missingOf(link) ?? verdictOf(found, claim.sign);
  return { moment: name, found, outcome, reached: rows.length > 0 };
}

/** What the results say of a link at equal steps and at each training loss. */
export const judged = (link: Link): JudgedLink => ({
  link,
  judgements: momentsOf(link.sample.rows).map((moment) => judgedAt(link, moment)),
});

/** The same at equal steps alone: the search at equal loss takes a hundred times as long. */
export const judgedAtSteps = (link: Link): Judgement =>
  judgedAt(link, { name: equalSteps, rows: atEnd(link.sample.rows) });

/** `0.70 [0.10, 0.92], p 0.031, n = 12: consistent`, or why there is no such thing. */
export function judgementText({ found, outcome, reached }: Judgement, sign: 1 | -1): string {
  if (isMissing(outcome)) return outcome;
  return reached ? verdictText(found, sign) : 'no run passes it';
}

/** `0.70 [0.10, 0.92]: consistent`, where the table says elsewhere over how many; a smaller count than that is said. */
export function briefText(found: RankCorrelation | null | 'few', outcome: Outcome, of: number): string {
  if (found === null || found === 'few' || isMissing(outcome)) return outcome;
  const fewer = found.n === of ? '' : `, n = ${found.n}`;
  return `${correlationText(found)}${fewer}: ${outcome}`;
}

export const briefJudgementText = ({ found, outcome }: Judgement, of: number): string =>
  briefText(found, outcome, of);

export const atEqualSteps = ({ judgements }: JudgedLink): Outcome =>
  judgements.find(({ moment }) => moment === equalSteps)!.outcome;

const atLosses = ({ judgements }: JudgedLink): readonly Outcome[] =>
  judgements.filter(({ moment }) => moment !== equalSteps).map(({ outcome }) => outcome);

const isTested = (outcome: Outcome): boolean =>
  outcome === 'consistent' || outcome === 'opposite' || outcome === 'undecided';

/** The outcome that all of them share; else what keeps them from one: runs or measures that are missing, or undecided. */
export function shared(outcomes: readonly Outcome[]): Outcome {
  const [first = 'not run', ...others] = outcomes;
  if (others.every((other) => other === first)) return first;
  for (const missing of ['not run', 'not measured'] as const) if (outcomes.includes(missing)) return missing;
  return 'undecided';
}

/** The outcome at equal loss: what all losses say that enough configurations pass. */
export function atEqualLoss(link: JudgedLink): Outcome {
  const all = atLosses(link);
  const tested = all.filter(isTested);
  return shared(tested.length > 0 ? tested : all);
}

/** The outcome at equal loss, or how many of the tested losses say what: `consistent at 1 of 2 losses`. */
export function equalLossText(link: JudgedLink): string {
  const tested = atLosses(link).filter(isTested);
  const said = [...new Set(tested)].filter((outcome) => outcome !== 'undecided');
  if (tested.length === 0 || said.length === 0 || new Set(tested).size === 1)
    return `at equal loss ${atEqualLoss(link)}`;
  const count = (outcome: Outcome): number => tested.filter((each) => each === outcome).length;
  return said.map((outcome) => `${outcome} at ${count(outcome)} of ${tested.length} losses`).join(', ');
}

/** What equal steps and equal loss say together. A confound of fit is shown where a loss turns the verdict, and not by undecided ones. */
export function reading(link: JudgedLink): string {
  const end = atEqualSteps(link);
  if (!isTested(end)) return end;
  if (end === 'undecided') return 'undecided';
  const word = end === 'consistent' ? 'holds' : 'opposite';
  const tested = atLosses(link).filter(isTested);
  const same = tested.filter((outcome) => outcome === end).length;
  if (tested.length === 0) return `${word} at equal steps, not tested at equal loss`;
  if (same === tested.length) return `${word} at equal steps and at equal loss`;
  if (same > 0) return `${word} at equal steps and at ${same} of ${tested.length} losses`;
  const isTurned = end === 'consistent' && tested.includes('opposite');
  return isTurned ? 'confound of fit' : `${word} at equal steps only`;
}
