import { correlationText } from '../../src/report/number-text.ts';
import { fitIds, predictorTable } from '../../src/report/predictors.ts';
import type { RankCorrelation } from '../../src/statistics/rank-correlation.ts';
import { correlationOf, logistic } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import { markdownTable } from '../tables.ts';
import type { CheckpointValues } from '../values.ts';
import { fittedOnly, groupsOf } from './configuration-means.ts';
import { isMissing, missingOf, type Outcome } from './judgement.ts';
import { type Link, pooledLinks } from './links.ts';
import { equalSteps, momentNames, momentsOf } from './moments.ts';
import { perRegimeWithTargets } from './per-regime.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

/** What is left of a link at one moment over configurations' means, with the fit held fixed. */
export interface BeyondFit {
  readonly moment: string;
  readonly left: RankCorrelation | null;
  readonly outcome: Outcome;
}

/** At equal loss the loss is the same in all runs, and source test accuracy alone is left to hold fixed. */
const controlsAt = (moment: string): readonly string[] =>
  moment === equalSteps ? fitIds : ['sourceTestAccuracy'];

/** Consistent, or the opposite, where the interval excludes zero. */
export function outcomeOf(left: RankCorrelation | null, sign: 1 | -1): Outcome {
  if (left === null || left.ci95 === null) return 'too few configurations';
  const [low, high] = left.ci95;
  if (low <= 0 && high >= 0) return 'undecided';
  return Math.sign(left.value) === sign ? 'consistent' : 'opposite';
}

function leftAt(link: Link, moment: string, rows: readonly CheckpointValues[]): RankCorrelation | null {
  const { claim, sample, from, to } = link;
  const runs = rows.map((row) => ({ configuration: sample.configurationOf(row), values: row.values }));
  const quantities = [{ id: claim.from, label: from, kind: 'source' as const }];
  const table = predictorTable(runs, quantities, { id: claim.to, label: to }, controlsAt(moment));
  return table.predictors[0]!.givenFit;
}

/** A link at each moment: training loss and source test accuracy are held fixed at equal steps, the accuracy alone at equal loss. */
export const beyondFit = (link: Link): readonly BeyondFit[] =>
  momentsOf(link.sample.rows).map(({ name, rows }) => {
    const left = leftAt(link, name, rows);
    return { moment: name, left, outcome: missingOf(link) ?? outcomeOf(left, link.claim.sign) };
  });

/** `+0.51 [−0.35, 0.90], n = 10: undecided`, or why there is no such thing. */
export const beyondFitCell = ({ left, outcome }: BeyondFit): string =>
  left === null || isMissing(outcome) ? outcome : `${correlationText(left)}, n = ${left.n}: ${outcome}`;

/** The same at equal steps over the configurations alone that fit: there a difference in fit is small to begin with. */
export function fittedCell(link: Link): string {
  const sample = fittedOnly(link.sample);
  return sample.rows.length === 0 ? 'none fits' : beyondFitCell(beyondFit({ ...link, sample })[0]!);
}

const heldLabels: Readonly<Record<(typeof fitIds)[number], string>> = {
  sourceTrainLoss: 'training loss',
  sourceTestAccuracy: 'source test accuracy',
};

/** How what is held fixed goes with GC and with accuracy: near 1 or -1, little of either is left to correlate. */
function heldFixedTable({ studies }: RegimeRuns): string {
  const sample = sampleOf(studies);
  const rows = [sample, fittedOnly(sample)].flatMap((each, at) => {
    const n = groupsOf(each).length;
    if (n === 0) return [];
    const rho = (from: string, to: string): string => {
      const found = correlationOf(atEnd(each.rows), { from, to, sign: 1 }, each.configurationOf);
      return found === null || found === 'few' ? 'too few configurations' : correlationText(found);
    };
    return fitIds.map((held) => [
      heldLabels[held],
      `${at === 0 ? 'all' : 'fit alone'}, n = ${n}`,
      ...[rho(held, 'sourceGc'), rho(held, logistic)],
    ]);
  });
  return markdownTable(['held fixed', 'configurations', 'with source GC', 'with 5-shot logistic'], rows);
}

/** What is left of each pooled link beyond the fit. */
export const beyondFitText = (all: readonly RegimeRuns[]): string =>
  [
    'Partial rank correlation over the means of n configurations with its 95 % interval. At equal steps training loss and source test accuracy are held fixed, at equal loss the accuracy alone. A link is consistent or the opposite where the interval excludes zero. What interpolation may have missed is not in these intervals.',
    "The second table of a regime has Spearman's rho of what is held fixed with the ends of the link, at equal steps.",
    perRegimeWithTargets(all, (runs) => {
      const links = pooledLinks(runs).filter(({ claim }) => claim.from !== 'pathFlatness');
      if (links.length === 0) return 'Its sweeps are of different data sets.';
      return [linksTable(links), heldFixedTable(runs)].join('\n\n');
    }),
  ].join('\n\n');

const linksTable = (links: readonly Link[]): string =>
  markdownTable(
    ['from', 'to', 'reported', ...momentNames, `${equalSteps}, configurations that fit alone`],
    links.map((link) => [
      link.from,
      link.to,
      link.claim.sign > 0 ? 'rises' : 'falls',
      ...beyondFit(link).map(beyondFitCell),
      fittedCell(link),
    ]),
  );
