import { fewestConfigurations } from '../../statistics/association.ts';
import type { Results } from '../aggregate.ts';
import { chainOf } from '../chain.ts';
import { holmSentence } from '../conclusion.ts';
import { type EqualLoss, equalLossOf, equalLossRemark, meanAtLoss, meanEpochText } from '../equal-loss.ts';
import { endsName } from '../moment.ts';
import { associationText, brief } from '../number-text.ts';
import { type Trend, trendsOf, verdictText } from '../trends.ts';
import { conclusion } from './answers.ts';
import { html, type Markup } from './markup.ts';
import { quantityColumn } from './quantity-column.ts';
import { scrollingTable, type TableColumn } from './table.ts';

/** The runs where their training losses are the same: values, and the correlations beside those at equal steps. */
export function equalLossSection(results: Results, atLoss: number | undefined): Markup {
  const equal = equalLossOf(results, atLoss);
  const remark = equalLossRemark(equal, results.finished.length);
  if (equal.loss === null) return html`<p>Not compared: ${remark}.</p>`;
  const lead = html`<p>Source training loss (inference mode) of <strong>${brief(equal.loss)} nat</strong>, ${equal.chosen === 'lowest' ? 'the lowest that the largest number of runs pass' : 'as asked for'}.
A setting that trains faster is further along after equal steps; here it is not.${remark === null ? null : html` ${remark}.`}</p>`;
  if (equal.passed.size === 0) return lead;
  const trends = trendsOf(results, equal.moment);
  const chain = chainOf(results, trends);
  return html`${lead}
<p>${conclusion(chain)} ${holmSentence(chain)}</p>
${valuesTable(results, equal)}
${linksTable(endsName(results), trendsOf(results), trends)}`;
}

function valuesTable({ configurations, quantities }: Results, equal: EqualLoss): Markup {
  const passed = configurations.map(({ finished }) => finished.flatMap((run) => equal.passed.get(run) ?? []));
  const columns: TableColumn[] = [
    { head: 'configuration', cells: configurations.map(({ label }) => label) },
    {
      head: 'runs',
      unit: 'passing/done',
      cells: configurations.map(({ finished }, at) => `${passed[at]!.length}/${finished.length}`),
    },
    {
      head: 'epoch',
      unit: 'mean',
      align: 'right',
      cells: passed.map(meanEpochText),
    },
    ...quantities
      .filter(({ id }) => id !== 'sourceTrainLoss')
      .map((quantity) => {
        const means = configurations.map((each) => meanAtLoss(each, equal, quantity));
        return quantityColumn(
          quantity,
          quantity.label,
          means,
          passed.map(({ length }) => length),
        );
      }),
  ];
  return scrollingTable(
    'equal-loss-caption',
    'Mean ± half of Student’s 95 % interval over training seeds plus what interpolation between checkpoints may have missed (one more checkpoint bends the line by as much). One seed has the latter alone',
    columns,
  );
}

function linksTable(ends: string, steps: readonly Trend[], loss: readonly Trend[]): Markup {
  const column = (head: string, cells: readonly string[]): TableColumn => ({ head, cells });
  return scrollingTable(
    'equal-loss-links-caption',
    `Rank correlations over configurations’ means with 95 % intervals and permutation p values. At equal loss, interval and value hold for interpolation errors at their worst. A verdict needs ${fewestConfigurations} configurations`,
    [
      column(
        'pair',
        steps.map(({ from, to }) => `${from} → ${to}`),
      ),
      ...(
        [
          [ends, steps],
          ['equal loss', loss],
        ] as const
      ).flatMap(([name, trends]) => [
        column(
          name,
          trends.map(({ overMeans }) => associationText(overMeans)),
        ),
        column(
          'configurations',
          trends.map(({ configurations }) => String(configurations)),
        ),
        column(
          `reported trend, ${name}`,
          trends.map(({ verdict }) => verdictText[verdict]),
        ),
      ]),
    ],
  );
}
