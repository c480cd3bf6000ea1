import type { Results } from '../aggregate.ts';
import { brief, correlationText, counted } from '../number-text.ts';
import { movementsOf, type Trend, trendsOf, verdictText } from '../trends.ts';
import { html, type Markup } from './markup.ts';
import { scrollingTable } from './table.ts';

/** The question of the study at a glance: what moved and whether as reported, then the chain's links with their correlations. */
export function answers(results: Results): Markup {
  const trends = trendsOf(results).filter((trend) => inChain(results, trend));
  const claim = html`<p class="soft">The study’s claim (Munn, Dherin and Gonzalvo, 2024): what lowers the geometric complexity (GC)
of the source embedding lowers neural collapse measures on the target classes and raises few-shot accuracy.</p>`;
  if (results.finished.length < 3)
    return html`${movements(results)}<p>Too few runs to say which way geometric complexity, neural collapse and few-shot accuracy move
together: ${results.finished.length} finished, a rank correlation needs 3, its interval 4.</p>${claim}`;
  return html`${movements(results)}
<p class="lead">${conclusion(trends)}</p>
${fewConfigurations(trends)}
${claim}
<ul class="answers" aria-label="Spearman’s rank correlations over the finished runs, with 95 % intervals">${trends.map(card)}</ul>`;
}

/** Seeds of one configuration are no new evidence about what its parameter does. */
function fewConfigurations(trends: readonly Trend[]): Markup | null {
  const most = Math.max(...trends.map(({ configurations }) => configurations));
  const runs = Math.max(...trends.map(({ runs: count }) => count));
  return most >= 5 || runs === most
    ? null
    : html`<p class="soft">${counted(runs, 'run')} of only ${counted(most, 'configuration')}: the intervals take runs as independent and are
narrower than new configurations would give.</p>`;
}

/** The verdicts of the chain's links in one sentence. */
function conclusion(trends: readonly Trend[]): Markup {
  const judged = trends.filter(({ verdict }) => verdict !== 'no-claim');
  const named = (verdict: Trend['verdict']): string =>
    judged
      .filter((trend) => trend.verdict === verdict)
      .map(({ from, to }) => `${from} → ${to}`)
      .join('; ');
  if (judged.length > 0 && judged.every(({ verdict }) => verdict === 'consistent'))
    return html`<strong class="consistent">Consistent with the reported trend</strong> in every link of the chain.`;
  const opposite = named('opposite');
  const consistent = named('consistent');
  if (opposite !== '')
    return html`<strong class="opposite">Not reproduced in this setting</strong>: the opposite of the reported trend in ${opposite}${consistent === '' ? '' : `; consistent with it in ${consistent}`}.`;
  return consistent === ''
    ? html`<strong>Undecided</strong>: no link of the chain has an interval that excludes 0.`
    : html`<strong>Partly consistent with the reported trend</strong>: in ${consistent}; the other links are undecided.`;
}

/** The links source GC -> target CDNV -> accuracy; the table of correlations has the others too. */
const inChain = ({ fewshot }: Results, { fromId, toId }: Trend): boolean =>
  toId === 'sourceGc' ||
  (fromId === 'sourceGc' && toId === 'targetCdnv') ||
  (['sourceGc', 'targetCdnv'].includes(fromId) && toId === fewshot.at(-1)?.id);

function card({ from, to, spearman, runs, configurations, verdict }: Trend): Markup {
  const [value, ...interval] = correlationText(spearman).split(' ');
  return html`<li><span class="pair">${from} → ${to}</span>
<span class="value">${value!} <span class="interval">${interval.join(' ')}</span></span>
<span class="${verdict}">reported trend: ${verdictText[verdict]}</span>
<span class="soft count">Spearman, ${counted(runs, 'run')} of ${counted(configurations, 'configuration')}</span></li>`;
}

function movements(results: Results): Markup | null {
  const found = movementsOf(results);
  if (found === null || found.moved.length === 0) return null;
  const parts = found.moved.map(({ quantity: { label, longLabel, unit, factor }, first, last }) => {
    const word = last === first ? 'stays' : last > first ? 'rises' : 'falls';
    return html`<span class="moved">${(longLabel ?? label).replace(/, (.*)$/, ' ($1)')} <strong>${word}</strong> from ${brief(first * factor)} to ${brief(last * factor)}${unit === '%' ? ' %' : ''}</span>`;
  });
  const listed = parts.map(
    (part, index) => html`${index === 0 ? '' : index === parts.length - 1 ? ' and ' : ', '}${part}`,
  );
  return html`<p class="lead">As ${results.shortNames[found.key]!} goes from ${brief(found.ends[0])} to ${brief(found.ends[1])}, ${listed}.</p>`;
}

/** Every correlation with both coefficients, over runs and over the configurations' means. */
export function correlationTable(results: Results): Markup {
  const trends = trendsOf(results);
  const marked = trends.some(({ withoutUnderTrained }) => withoutUnderTrained !== null);
  const column = (head: string, text: (trend: Trend) => string) => ({ head, cells: trends.map(text) });
  const caption =
    'Rank correlations with 95 % intervals by Fisher’s z (Bonett and Wright for Spearman, Fieller for Kendall’s tau-b), which take the runs as independent';
  return scrollingTable('correlations-caption', caption, [
    column('pair', ({ from, to }) => `${from} → ${to}`),
    column('Spearman', ({ spearman }) => correlationText(spearman)),
    column('Kendall', ({ kendall }) => correlationText(kendall)),
    column('runs', ({ runs }) => String(runs)),
    column('Spearman over configuration means', ({ overMeans, spearman }) =>
      correlationText(overMeans ?? spearman),
    ),
    ...(marked
      ? [
          column('Spearman without under-trained', ({ withoutUnderTrained, spearman }) =>
            correlationText(withoutUnderTrained ?? spearman),
          ),
        ]
      : []),
    column('reported trend', ({ verdict }) => verdictText[verdict]),
  ]);
}
