import { fewestConfigurations } from '../statistics/association.ts';
import type { Results } from './aggregate.ts';
import { chainOf, inView } from './chain.ts';
import { conclusionOf, holmSentence } from './conclusion.ts';
import { type EqualLoss, equalLossOf, equalLossRemark, meanAtLoss, meanEpochText } from './equal-loss.ts';
import { endsName } from './moment.ts';
import { directionOf, movementsOf } from './movements.ts';
import { associationText, brief, briefMean, counted, meanColumn } from './number-text.ts';
import { predictorsOf } from './predictor-runs.ts';
import { predictorsText } from './predictors-text.ts';
import { fixedQuantity, type Quantity } from './quantities.ts';
import { type Column, drawTable, pieces, wrapped } from './terminal-table.ts';
import { type Trend, trendsOf, verdictText } from './trends.ts';

/** The summary's second half: what moved, how the quantities go together, what the chain says, and the same at equal loss. */
export function relationsText(results: Results, keys: readonly Column[], atLoss: number | undefined): string {
  const configurations = results.configurations.filter(({ finished }) => finished.length > 0).length;
  const moved = movementLines(results);
  if (configurations < 2)
    return [...moved, 'Which way it moved: too few configurations to say (1 with finished runs)'].join('\n');
  const trends = trendsOf(results);
  const few =
    configurations < fewestConfigurations
      ? `\n${counted(configurations, 'configuration')}: a verdict needs ${fewestConfigurations}; more seeds do not replace them`
      : '';
  const predictors = predictorsOf(results);
  const table = `${correlationTable(trends)}\nover configurations' means (n), p by exchanging them${few}`;
  return [
    [...moved, table].join('\n'),
    chainText(endsName(results), results, trends),
    equalLossText(results, keys, equalLossOf(results, atLoss)),
    ...(predictors === null ? [] : [predictorsText(predictors, 3)]),
  ].join('\n\n');
}

function movementLines(results: Results): readonly string[] {
  const movements = movementsOf(results);
  if (movements === null) return [];
  const [low, high] = movements.ends.map(brief);
  const words = { up: 'rose', down: 'fell', same: 'stayed', unclear: 'not shown to move' };
  const lines = movements.moved.map((movement) => {
    const { quantity, first, last } = movement;
    const { label, unit, factor } = quantity;
    return `  ${label} ${words[directionOf(movement)]}: ${briefMean(first, factor)} -> ${briefMean(last, factor)}${unit === '%' ? ' %' : ''}`;
  });
  const [lowMark, highMark] = movements.underTrained.map((marked) => (marked ? ' †' : ''));
  return [
    `As ${results.shortNames[movements.key]} goes from ${low}${lowMark} to ${high}${highMark}`,
    ...lines,
    '',
  ];
}

function correlationTable(trends: readonly Trend[]): string {
  const rows = trends.flatMap((trend) => [
    [
      `${trend.from} -> ${trend.to}`,
      associationText(trend.overMeans),
      String(trend.configurations),
      verdictText[trend.verdict],
    ],
    ...(trend.trainedRuns === trend.runs
      ? []
      : [
          [
            '  without †',
            associationText(trend.withoutUnderTrained),
            String(trend.trainedConfigurations),
            '',
          ],
        ]),
  ]);
  const heads = ['rank correlation', 'Spearman [95 %], p', 'n', 'the reported trend'];
  const columns = heads.map((head, index) => ({ head, cells: rows.map((row) => row[index]!) }));
  return drawTable(columns, columns.length);
}

/** The chain's sentence and Holm's values. */
function chainText(when: string, results: Results, trends: readonly Trend[]): string {
  const chain = chainOf(results, trends);
  const { head, rest } = conclusionOf(chain);
  const lines = [`The chain, ${when}: ${head.toLowerCase()}${rest}`, holmSentence(chain)];
  return lines
    .filter((line) => line !== '')
    .map(wrapped)
    .join('\n');
}

function equalLossText(results: Results, keys: readonly Column[], equal: EqualLoss): string {
  const remark = equalLossRemark(equal, results.finished.length);
  if (equal.loss === null) return wrapped(`Equal training loss: not compared, ${remark}`);
  const which = equal.chosen === 'lowest' ? 'the lowest that most runs pass' : 'as given';
  const head = wrapped(
    `Equal source training loss, ${brief(equal.loss)} nat (${which}${remark === null ? '' : `; ${remark}`})`,
  );
  if (equal.passed.size === 0) return head;
  const { configurations } = results;
  const counts = configurations.map(({ finished }) => finished.filter((run) => equal.passed.has(run)));
  const column = (quantity: Quantity, text: string): Column => ({
    head: text,
    cells: meanColumn(
      configurations.map((each) => meanAtLoss(each, equal, quantity)),
      quantity.factor,
      counts.map(({ length }) => length),
    ),
  });
  const last = results.fewshot.at(-1);
  const own: Column[] = [...keys, { head: 'n', cells: counts.map((runs) => String(runs.length)) }];
  const columns: Column[] = [
    {
      head: 'mean\nepoch',
      cells: counts.map((runs) => meanEpochText(runs.map((run) => equal.passed.get(run)!))),
    },
    column(fixedQuantity('sourceGc'), 'source GC\nemb²/in²'),
    column(fixedQuantity('targetCdnv'), 'target\nCDNV'),
    ...(last === undefined ? [] : [column(last, `${last.label.replace(', ', '\n')} %`)]),
  ];
  const trends = trendsOf(results, equal.moment).filter((trend) => inView(results, trend));
  return [
    head,
    ...pieces(own, columns).map((piece) => drawTable(piece, keys.length)),
    '± over seeds, plus what interpolation between checkpoints may have missed (all that one seed has)',
    `\n${correlationTable(trends)}`,
    chainText('equal loss', results, trends),
  ].join('\n');
}
