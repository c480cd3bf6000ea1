import { associationText } from '../../src/report/number-text.ts';
import { withinConfigurations } from '../../src/statistics/association.ts';
import { pairsOf } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import { markdownTable } from '../tables.ts';
import { type JudgedLink, judged, judgementText, reading } from './judgement.ts';
import { knobLinks, type Link, pooledLinks } from './links.ts';
import { momentNames } from './moments.ts';
import { perRegime } from './per-regime.ts';
import type { RegimeRuns } from './study-runs.ts';

/** At equal steps, over the seeds of each configuration: a knob does not vary there. */
function withinText({ claim, sample }: Link): string {
  if (claim.from === 'parameter') return '-';
  const found = withinConfigurations(pairsOf(atEnd(sample.rows), claim, sample.configurationOf));
  if (found === null) return '-';
  const { value, p, runs, configurations } = found;
  return `${associationText({ value, p, n: runs, ci95: null })}, ${runs} runs of ${configurations}`;
}

/** One row per link: what the paper reports, each moment's verdict, and what they say together. */
export const linkTable = (links: readonly JudgedLink[]): string =>
  markdownTable(
    ['from', 'to', 'reported', ...momentNames, 'together', 'within configurations'],
    links.map((each) => [
      each.link.from,
      each.link.to,
      each.link.claim.sign > 0 ? 'rises' : 'falls',
      ...each.judgements.map((judgement) => judgementText(judgement, each.link.claim.sign)),
      reading(each),
      withinText(each.link),
    ]),
  );

/** Every link of every regime: the knobs' over their own configurations, the others pooled over all knobs. */
export const linksText = (all: readonly RegimeRuns[]): string =>
  [
    "Spearman's rho over the means of n configurations with its 95 % interval, its permutation p value, and the verdict ([docs/statistics.md](../../docs/statistics.md)). A knob's links are over its own configurations, the others over those of all knobs of the regime. Within configurations: the correlation of ranks over seeds at equal steps, which has no part in a verdict. Nothing is corrected here for the number of links.",
    perRegime(all, (runs) => linkTable([...knobLinks(runs), ...pooledLinks(runs)].map(judged))),
  ].join('\n\n');
