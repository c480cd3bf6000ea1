import type { Results } from '../aggregate.ts';
import { associationText, correlationText } from '../number-text.ts';
import { predictorsOf } from '../predictor-runs.ts';
import type { Predictor } from '../predictors.ts';
import { behindText, givenFitText, ownCount, predictorSentences } from '../predictors-text.ts';
import { html, type Markup } from './markup.ts';
import { scrollingTable, type TableColumn } from './table.ts';

/** Which measure ranks few-shot accuracy best; null where none was evaluated. */
export function predictorsSection(results: Results): Markup | null {
  const table = predictorsOf(results);
  if (table === null) return null;
  const known = table.predictors.filter(({ rho }) => rho !== null);
  const left = table.predictors.filter(({ rho }) => rho === null);
  const column = (head: string, cell: (each: Predictor) => string): TableColumn => ({
    head,
    cells: known.map(cell),
  });
  const unsaid = left.length === 0 ? null : html`<p class="soft">Left out: ${reasonsText(left)}.</p>`;
  return html`<p>${predictorSentences(table).join(' ')}</p>
${scrollingTable(
  'predictors-caption',
  `Spearman with ${table.accuracy.label} over configurations’ means, permutation p values, 95 % intervals by Fisher’s z. “Given the fit” holds training loss and source test accuracy fixed. “Behind the best” is the best |rho| of the same kind less this one’s, with Zou’s interval for two correlations of the same configurations. No value is corrected for the number of measures: the table finds what to test next`,
  [
    column('measure', ({ label }) => label),
    column('of', ({ kind }) => ofKind[kind]),
    column('configurations', ({ configurations }) => String(configurations)),
    column('Spearman', ({ rho }) => associationText(rho)),
    column('given the fit', givenFitText),
    column('source GC given the measure', (each) =>
      ownCount(correlationText(each.complexityGiven), each.complexityGiven, each),
    ),
    column('behind the best', behindText),
  ],
)}
${unsaid}`;
}

const ofKind = {
  source: 'source',
  target: 'target classes',
  elsewhere: 'elsewhere',
  control: 'fit',
} as const;

const reasonsText = (left: readonly Predictor[]): string => {
  const reasons = [...new Set(left.map(({ because }) => because ?? 'undefined'))];
  return reasons
    .map((reason) => {
      const labels = left
        .filter(({ because }) => (because ?? 'undefined') === reason)
        .map(({ label }) => label);
      return `${reason}: ${labels.join(', ')}`;
    })
    .join('; ');
};
