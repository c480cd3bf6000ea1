import { parameterText, type SeedMean } from './aggregate.ts';
import type { ComparedRow, Comparison } from './compare.ts';
import { cellOf, csvText } from './csv.ts';
import type { Cell } from './figures/figure.ts';
import { measuredHow } from './measured-how.ts';
import { meanColumn } from './number-text.ts';
import { problemsOf } from './problems.ts';
import { storedUnit } from './quantities.ts';
import { intervalNotes, shownMeans } from './shown-means.ts';
import { type Column, pieces, plainTable } from './terminal-table.ts';
import { underTrainedRule } from './under-trained.ts';

/** Keys first, then the number of finished runs, then each quantity as mean ± half of a 95 % interval. */
function columnsOf({ keys, quantities, results }: Comparison, rows: readonly ComparedRow[]) {
  const parameters = keys.map(
    (key): Column => ({
      head: results.shortNames[key]!,
      cells: rows.map(({ configuration }) => parameterText(configuration, key)),
    }),
  );
  const counts = rows.map(({ configuration: { finished, runs } }) => {
    const mark = finished.some((run) => run.underTrained !== null) ? ' †' : '';
    return `${finished.length}/${runs.length}${mark}`;
  });
  const measured = quantities.map((quantity): Column => {
    const { label, unit, factor } = quantity;
    return {
      head: unit === '%' ? `${label} %` : label,
      cells: meanColumn(
        shownMeans(
          rows.map(({ configuration }) => configuration),
          quantity,
          results.configurations,
        ),
        factor,
        rows.map(({ configuration: { finished } }) => finished.length),
      ),
    };
  });
  return { fixed: [...parameters, { head: 'n', cells: counts }], measured };
}

function notesOf(comparison: Comparison): readonly string[] {
  const { results, repeated } = comparison;
  const marked = results.finished.some((run) => run.underTrained !== null);
  return [
    ...intervalNotes(results.configurations, 'all'),
    ...measuredHow(results.finished),
    ...(marked ? [`† ${underTrainedRule}`] : []),
    ...(repeated > 0 ? [`${repeated} runs are in several of the folders and count once`] : []),
    ...problemsOf(results).map((problem) => `! ${problem}`),
  ];
}

/** Tables of at most 100 columns of text, each with the keys at its left. */
export function compareText(comparison: Comparison, rows: readonly ComparedRow[]): string {
  const { fixed, measured } = columnsOf(comparison, rows);
  const tables = pieces(fixed, measured);
  const drawn = (tables.length > 0 ? tables : [fixed]).map(plainTable);
  return `${[...drawn, notesOf(comparison).join('\n')].join('\n\n')}\n`;
}

/** One Markdown table. */
export function compareMarkdown(comparison: Comparison, rows: readonly ComparedRow[]): string {
  const { fixed, measured } = columnsOf(comparison, rows);
  const columns = [...fixed, ...measured];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.trim().replaceAll('|', '\\|')).join(' | ')} |`;
  const body = rows.map((_, row) => line(columns.map(({ cells }) => cells[row]!)));
  const head = line(columns.map((column) => column.head));
  const rule = line(columns.map((_, index) => (index < fixed.length ? '---' : '---:')));
  return `${[head, rule, ...body].join('\n')}\n\n${notesOf(comparison).join('. ')}.\n`;
}

/** RFC 4180, unrounded: keys, runs, finished, and `<quantity>`, `<quantity>_halfWidth95`, `<quantity>_n`. */
export function compareCsv({ keys, quantities }: Comparison, rows: readonly ComparedRow[]): string {
  return csvText(
    rows.map(({ configuration: { parameters, runs, finished }, means }) => {
      const record: Record<string, Cell> = {};
      for (const key of keys) record[key] = cellOf(parameters[key]);
      Object.assign(record, { runs: runs.length, finished: finished.length });
      for (const { id } of quantities) {
        const mean = means.get(id) ?? null;
        record[id] = mean?.mean ?? null;
        record[`${id}_halfWidth95`] = mean?.halfWidth ?? null;
        record[`${id}_n`] = mean?.n ?? 0;
      }
      return record;
    }),
  );
}

/** One JSON object: `{keys, quantities, repeated, problems, configurations: [{parameters, runs, finished, seeds, values}]}`. */
export function compareJson(
  { keys, quantities, repeated, results }: Comparison,
  rows: readonly ComparedRow[],
): string {
  const configurations = rows.map(({ configuration: { parameters, runs, finished }, means }) => ({
    parameters,
    runs: runs.map(({ folder }) => folder),
    finished: finished.length,
    seeds: finished.map(({ seed }) => seed),
    underTrained: finished.filter((run) => run.underTrained !== null).length,
    values: Object.fromEntries(quantities.map(({ id }) => [id, seedMeanJson(means.get(id) ?? null)])),
  }));
  const described = quantities.map(({ id, label, ...rest }) => ({ id, label, unit: storedUnit(rest) }));
  return `${JSON.stringify({ keys, quantities: described, repeated, configurations, problems: problemsOf(results) })}\n`;
}

function seedMeanJson(seedMean: SeedMean | null) {
  if (seedMean === null) return null;
  const { mean, n, halfWidth } = seedMean;
  return { mean, n, ci95: halfWidth === null ? null : [mean - halfWidth, mean + halfWidth] };
}
