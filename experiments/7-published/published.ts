import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { markdownTable } from '../tables.ts';

const bound = z.number().nullable();
const figureSchema = z.strictObject({
  key: z.string(),
  unit: z.string(),
  published: bound,
  /** It is met within these; null where there is no such bound, both null where it is only measured. */
  least: bound,
  most: bound,
});
const rowsSchema = z.array(
  z.strictObject({
    /** Names results/<id>.json. */
    id: z.string(),
    what: z.string(),
    source: z.string(),
    recipe: z.string(),
    /** The config or script in this folder; its comment names the command. */
    from: z.string(),
    cost: z.string(),
    /** Either the figures, or how near each figure of the results must be to the published value beside it. */
    figures: z.array(figureSchema).optional(),
    within: z.number().optional(),
  }),
);
const resultsSchema = z.object({
  figures: z.record(
    z.string(),
    z.object({
      value: z.number(),
      ci95: z.tuple([z.number(), z.number()]).optional(),
      published: z.number().optional(),
      distance: z.number().optional(),
    }),
  ),
});
type Row = z.infer<typeof rowsSchema>[number];
type Figure = z.infer<typeof figureSchema>;
type Results = z.infer<typeof resultsSchema>['figures'];
export type ResultFigure = Results[string];

const folder = import.meta.dirname;
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

export const publishedRows = (): readonly Row[] => rowsSchema.parse(readJson(join(folder, 'rows.json')));

export const resultsOf = ({ id }: Pick<Row, 'id'>): Results => {
  const path = join(folder, 'results', `${id}.json`);
  return existsSync(path) ? resultsSchema.parse(readJson(path)).figures : {};
};

/** Whether a value lies where a figure counts as met; null where the figure is only measured. */
export const isMet = ({ least, most }: Pick<Figure, 'least' | 'most'>, value: number): boolean | null =>
  least === null && most === null
    ? null
    : value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY);

const number = (value: number, unit: string): string =>
  unit === '%'
    ? value.toFixed(1)
    : value !== 0 && Math.abs(value) < 1e-3
      ? value.toExponential(1)
      : `${Number(value.toPrecision(6))}`;

const condition = ({ published, least, most, unit }: Figure): string => {
  const [low, high] = [least, most].map((each) => (each === null ? null : number(each, unit)));
  if (low === null && high === null) return 'measured';
  if (high === null) return `at least ${low}`;
  if (low === null) return published === 0 ? `at most ${high}` : `at most ${high}`;
  return `${low} to ${high}`;
};

const verdict = (met: boolean | null): string => (met === null ? '-' : met ? 'yes' : '**no**');

const figureRow = (figure: Figure, found: Results[string] | undefined): string[] => {
  const { key, unit, published } = figure;
  const ours =
    found === undefined
      ? 'not run'
      : `${number(found.value, unit)}${found.ci95 === undefined ? '' : ` [${found.ci95.map((each) => number(each, unit)).join(', ')}]`}`;
  return [
    unit === '' ? key : `${key}, ${unit}`,
    published === null ? '-' : number(published, unit),
    condition(figure),
    ours,
    found === undefined ? '-' : verdict(isMet(figure, found.value)),
  ];
};

const comparedRows = (within: number, results: Results): string[][] =>
  Object.entries(results).map(([key, { value, published, distance }]) => [
    key,
    number(published!, ''),
    `relative distance at most ${within}`,
    `${number(value, '')}, ${number(distance!, '')} off`,
    verdict(distance! <= within),
  ]);

/** Two tables: where each row comes from, and its figures. */
export const publishedText = (): string => {
  const rows = publishedRows();
  const sources = rows.map(({ what, source, recipe, from, cost }) => [
    what,
    source,
    recipe,
    from
      .split(', ')
      .map((each) => `[${each}](${each})`)
      .join(', '),
    cost === '' ? '-' : cost,
  ]);
  const figures = rows.flatMap((row) => {
    const results = resultsOf(row);
    const lines =
      row.within === undefined
        ? row.figures!.map((figure) => figureRow(figure, results[figure.key]))
        : comparedRows(row.within, results);
    return lines.map((line, index) => [index === 0 ? row.what : '', ...line]);
  });
  return [
    markdownTable(['what', 'source', 'recipe', 'config or script', 'cost, two cores'], sources),
    markdownTable(['what', 'figure', 'theirs', 'met if', 'ours [95 %]', 'met'], figures),
  ].join('\n\n');
};
