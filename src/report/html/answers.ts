import type { Results } from '../aggregate.ts';
import { brief, correlationText, counted } from '../number-text.ts';
import { movementsOf, type Trend, trendsOf, verdictText } from '../trends.ts';
import { html, type Markup } from './markup.ts';
import { scrollingTable } from './table.ts';

/** The question of the study at a glance: the chain's links with their correlations, and how far the quantities moved. */
export function answers(results: Results): Markup {
  const trends = trendsOf(results);
  if (results.finished.length < 3)
    return html`<p>Too few runs to say which way geometric complexity, neural collapse and few-shot accuracy move
together: ${results.finished.length} finished, a rank correlation needs 3, its interval 4.</p>${movements(results)}`;
  return html`<p>The study’s claim: what lowers the geometric complexity (GC) of the source embedding lowers the neural
collapse measures on the target classes and raises few-shot accuracy. Spearman’s rank correlations over the finished runs, with
95 % intervals:</p>
<ul class="answers">${trends.filter((trend) => inChain(results, trend)).map(card)}</ul>
${movements(results)}`;
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
<span class="soft">(${counted(runs, 'run')}, ${counted(configurations, 'configuration')})</span></li>`;
}

function movements(results: Results): Markup | null {
  const found = movementsOf(results);
  if (found === null || found.moved.length === 0) return null;
  const parts = found.moved.map(({ quantity: { label, unit, factor }, first, last }) => {
    const word = last === first ? 'stayed' : last > first ? 'rose' : 'fell';
    return `${label} ${word} from ${brief(first * factor)} to ${brief(last * factor)}${unit === '%' ? ' %' : ''}`;
  });
  return html`<p>As ${results.shortNames[found.key]!} goes from ${brief(found.ends[0])} to ${brief(found.ends[1])}: ${parts.join('; ')}.</p>`;
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
