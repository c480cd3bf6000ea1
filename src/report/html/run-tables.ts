import { groupBy } from '../../statistics/group-by.ts';
import { finalMean, parameterText, type Results, valueText } from '../aggregate.ts';
import { flatten, type PlainRecord } from '../flat-config.ts';
import { counted } from '../number-text.ts';
import type { Quantity } from '../quantities.ts';
import { underTrainedRule } from '../under-trained.ts';
import { elsewhereTables } from './elsewhere-tables.ts';
import { html, type Markup } from './markup.ts';
import { quantityColumn } from './quantity-column.ts';
import { scrollingTable, type TableColumn } from './table.ts';

/** One row per configuration: mean and half-width over seeds of every quantity at the last checkpoint; source, then target. */
export function resultsTables(results: Results): Markup {
  const { finished, elsewhere } = results;
  const quantities = results.quantities.filter((each) => !elsewhere.some(({ id }) => id === each.id));
  const marked = finished.some(({ underTrained }) => underTrained !== null);
  // Sharpness and flatness of the path are of the source too.
  const target = quantities.filter(({ id }) => /^(target|fewshot)/.test(id));
  const source = quantities.filter((each) => !target.includes(each));
  const caption = 'mean ± half of Student’s 95 % interval over training seeds, last checkpoint';
  return html`${resultsTable(results, source, 'source', `Source classes: ${caption}`)}
${resultsTable(results, target, 'target', `Classes that training never saw: ${caption}`)}
${elsewhereTables(results)}
${marked ? html`<p class="soft">† ${underTrainedRule}.</p>` : null}`;
}

function resultsTable(
  { configurations }: Results,
  quantities: readonly Quantity[],
  which: 'source' | 'target',
  caption: string,
): Markup {
  const columns: TableColumn[] = [
    { head: 'configuration', cells: configurations.map(({ label }) => label) },
    {
      head: 'runs',
      unit: 'done/planned',
      cells: configurations.map((each) => {
        const mark = each.finished.some(({ underTrained }) => underTrained !== null) ? ' †' : '';
        return `${each.finished.length}/${each.runs.length}${mark}`;
      }),
    },
    ...quantities.map((quantity) => {
      const means = configurations.map((each) => finalMean(each, quantity));
      return quantityColumn(
        quantity,
        quantity.label.replace(new RegExp(`^${which} `), ''),
        means,
        configurations.map(({ finished }) => finished.length),
      );
    }),
  ];
  return scrollingTable(`results-${which}-caption`, caption, columns);
}

/** Every run of the plan with its state: nothing is left out for having failed. */
export function runsTable({ sweep, finished }: Results): Markup {
  const { runs } = sweep;
  const ofRun = new Map(finished.map((each) => [each.run, each]));
  return scrollingTable('runs-caption', 'In the plan’s order', [
    { head: 'run', cells: runs.map(({ name }) => name) },
    { head: 'state', cells: runs.map(({ state }) => state) },
    {
      head: 'last step',
      cells: runs.map((run) => String(run.checkpoints.at(-1)?.step ?? '–')),
      align: 'right',
    },
    { head: 'started (UTC)', cells: runs.map(({ start }) => start?.slice(0, 19).replace('T', ' ') ?? '–') },
    {
      head: 'remark',
      cells: runs.map((run) => {
        const under = ofRun.get(run)?.underTrained;
        const remark = run.reason ?? (under ? `under-trained: ${under}` : '');
        return html`<span class="wrap">${remark}</span>`;
      }),
    },
  ]);
}

/** The keys that differ as a table, those that all runs share folded away. */
export function configTables({ sweep, configurations, variedKeys }: Results): Markup {
  const known = sweep.runs.find(({ config }) => config !== null)?.config;
  const shared = known ? withoutKeys(flatten(known), [...variedKeys, 'seed']) : [];
  const differing =
    variedKeys.length === 0
      ? html`<p>All runs have one configuration${sweep.runs.length > 1 ? ' and differ in the seed only' : ''}.</p>`
      : scrollingTable('configs-caption', 'Keys that differ', [
          { head: '', cells: configurations.map(({ index }) => String(index + 1)) },
          ...variedKeys.map((key) => ({
            head: key,
            cells: configurations.map((each) => parameterText(each, key)),
          })),
          {
            head: 'seeds',
            cells: configurations.map(({ runs }) =>
              runs.map((run) => valueText(run.config?.seed ?? '?')).join(', '),
            ),
          },
        ]);
  return html`${differing}
${shared.length === 0 ? null : html`<details><summary>${shared.length} keys that all runs share</summary>${pairs('shared-caption', 'Shared keys', shared)}</details>`}`;
}

/** env.json of the runs: what all share, and what differs with the number of runs. */
export function environmentTable({ sweep }: Results): Markup {
  const known = sweep.runs.flatMap(({ environment }) => (environment === null ? [] : [flatten(environment)]));
  if (known.length === 0) return html`<p>No run has written an env.json.</p>`;
  const keys = [...new Set(known.flatMap((each) => Object.keys(each)))].filter(
    (key) => !['attempt', 'time', 'argv', 'slurmJob'].includes(key),
  );
  const rows = keys.flatMap((key): [string, unknown][] => {
    const texts = known.map((each) => (each[key] == null ? 'none' : valueText(each[key])));
    const values = [...groupBy(texts, (text) => text)].map(([text, { length }]) => ({ text, length }));
    if (values.length === 1) return values[0]!.text === 'none' ? [] : [[key, values[0]!.text]];
    if (values.length > 4) return [[key, `${values.length} different values`]];
    return [[key, values.map(({ text, length }) => `${text} (${counted(length, 'run')})`).join('; ')]];
  });
  return pairs(
    'environment-caption',
    `As recorded by ${known.length} of ${counted(sweep.runs.length, 'run')}`,
    rows,
  );
}

const withoutKeys = (record: PlainRecord, keys: readonly string[]): [string, unknown][] =>
  Object.entries(record).filter(([key]) => !keys.includes(key));

const pairs = (id: string, caption: string, rows: readonly (readonly [string, unknown])[]): Markup =>
  scrollingTable(id, caption, [
    { head: 'key', cells: rows.map(([key]) => key) },
    { head: 'value', cells: rows.map(([, value]) => html`<span class="wrap">${valueText(value)}</span>`) },
  ]);
