import { fewestConfigurations } from '../../statistics/association.ts';
import type { Results } from '../aggregate.ts';
import { chainOf, inView } from '../chain.ts';
import { conclusionOf, holmSentence } from '../conclusion.ts';
import { directionOf, type Movement, movementsOf } from '../movements.ts';
import { associationText, brief, briefMean, correlationText, counted, range } from '../number-text.ts';
import { type Trend, trendsOf, verdictText } from '../trends.ts';
import { html, type Markup } from './markup.ts';
import { scrollingTable } from './table.ts';

/** The question of the study at a glance: what moved and whether as reported, then the chain's links with their correlations. */
export function answers(results: Results): Markup {
  const all = trendsOf(results);
  const chain = chainOf(results, all);
  const claim = html`<p class="soft">The study’s claim (Munn, Dherin and Gonzalvo, 2024): what lowers the geometric complexity (GC)
of the source embedding lowers neural collapse measures on the target classes and raises few-shot accuracy.</p>`;
  if (results.finished.length < 3)
    return html`${movements(results)}<p>Too few configurations to say which way geometric complexity, neural collapse and few-shot accuracy
move together: ${counted(results.finished.length, 'run')} finished, a verdict needs ${fewestConfigurations} configurations.</p>${claim}`;
  return html`${movements(results)}
<p class="lead">${conclusion(chain)}</p>
<p class="soft">Each verdict rests on a permutation test over configurations’ means at the 5 % level; the chain’s sentence is corrected for its
links by Holm’s method. ${holmSentence(chain)} Seeds of one configuration are no new evidence about what its parameter does.</p>
${claim}
<ul class="answers" aria-label="Spearman’s rank correlations over configurations’ means, with 95 % intervals">${all
    .filter((trend) => inView(results, trend))
    .map(card)}</ul>`;
}

/** The verdicts of the chain's links in one sentence. */
export function conclusion(chain: readonly Trend[]): Markup {
  const { verdict, head, rest } = conclusionOf(chain);
  return html`<strong class="${verdict}">${head}</strong>${rest}`;
}

function card({ from, to, overMeans, runs, configurations, verdict }: Trend): Markup {
  const [value, ...interval] = associationText(overMeans).split(' ');
  return html`<li><span class="pair">${from} → ${to}</span>
<span class="value">${value!} <span class="interval">${interval.join(' ')}</span></span>
<span class="${verdict}">reported trend: ${verdictText[verdict]}</span>
<span class="soft count">Spearman, ${counted(configurations, 'configuration')} (${counted(runs, 'run')})</span></li>`;
}

function movements(results: Results): Markup | null {
  const found = movementsOf(results);
  if (found === null || found.moved.length === 0) return null;
  const words = {
    up: html`<strong>rises</strong>`,
    down: html`<strong>falls</strong>`,
    same: html`<strong>stays</strong>`,
    unclear: html`is not shown to move:`,
  };
  const parts = found.moved.map((movement) => {
    const { quantity, first, last } = movement;
    const { label, longLabel, unit, factor } = quantity;
    return html`<span class="moved">${(longLabel ?? label).replace(/, (.*)$/, ' ($1)')} ${words[directionOf(movement)]} from ${briefMean(first, factor)} to ${briefMean(last, factor)}${unit === '%' ? ' %' : ''}</span>`;
  });
  const listed = parts.map(
    (part, index) => html`${index === 0 ? '' : index === parts.length - 1 ? ' and ' : ', '}${part}`,
  );
  const [low, high] = found.ends.map((end, at) => `${brief(end)}${found.underTrained[at] ? ' †' : ''}`);
  return html`<p class="lead">As ${results.shortNames[found.key]!} goes from ${low!} to ${high!}, ${listed}${seedsText(found.moved)}.</p>`;
}

/** ` (means of 2 to 3 seeds, ± half of the 95 % interval)`. */
function seedsText(moved: readonly Movement[]): string {
  const counts = moved.flatMap(({ first, last }) => [first.n, last.n]);
  const half = counts.some((n) => n > 1) ? ', ± half of the 95 % interval' : ': no interval';
  return ` (means of ${range(counts, 'seed')}${half})`;
}

/** `+0.83 [0.20, 0.98], p 0.017 (6 configurations)`. */
const withoutUnderTrained = ({ withoutUnderTrained: found, trainedConfigurations }: Trend): string =>
  `${associationText(found)} (${counted(trainedConfigurations, 'configuration')})`;

/** Every correlation between configurations, within them and over runs. */
export function correlationTable(results: Results): Markup {
  const trends = trendsOf(results);
  const marked = trends.some(({ trainedRuns, runs }) => trainedRuns < runs);
  const column = (head: string, text: (trend: Trend) => string) => ({ head, cells: trends.map(text) });
  const caption =
    'Rank correlations: over configurations’ means with 95 % intervals by Fisher’s z (Bonett and Wright) and permutation p values; within configurations over seeds, where the swept number is fixed; over runs without interval, as runs of one configuration are not independent';
  return scrollingTable('correlations-caption', caption, [
    column('pair', ({ from, to }) => `${from} → ${to}`),
    column('Spearman between configurations', ({ overMeans }) => associationText(overMeans)),
    column('configurations', ({ configurations }) => String(configurations)),
    column('reported trend', ({ verdict }) => verdictText[verdict]),
    column('within configurations', ({ withinConfigurations: within }) =>
      within === null
        ? '–'
        : `${associationText({ value: within.value, n: within.runs, ci95: null, p: within.p })} (${counted(within.runs, 'run')} of ${counted(within.configurations, 'configuration')})`,
    ),
    ...(marked
      ? [
          column('between, without under-trained', (trend) =>
            trend.trainedRuns === trend.runs ? associationText(trend.overMeans) : withoutUnderTrained(trend),
          ),
        ]
      : []),
    column('Spearman over runs', ({ spearman }) => correlationText(spearman)),
    column('Kendall over runs', ({ kendall }) => correlationText(kendall)),
    column('runs', ({ runs }) => String(runs)),
  ]);
}
