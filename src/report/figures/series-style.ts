import { parameterText, type Results } from '../aggregate.ts';
import { numericKeys } from '../trends.ts';

/** Okabe and Ito's colours without yellow and black: those that are seen on white and on dark alike, and by all. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#888888'];
const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'];
const dashes = [
  [1, 0],
  [7, 3],
  [2, 2],
  [8, 3, 2, 3],
  [4, 2],
  [10, 2],
  [2, 4],
];

/** How configurations are told apart in every figure: the same look for the same configuration. */
export type SeriesStyle =
  | { readonly kind: 'few'; readonly title: string; readonly labels: readonly string[] }
  | { readonly kind: 'by-value'; readonly key: string; readonly title: string; readonly logarithmic: boolean }
  | { readonly kind: 'alike' };

/** The field that the rows carry for it: `configuration` (the label) or `value` (of the first numeric key). */
export function seriesStyle(results: Results): SeriesStyle {
  const { configurations, variedKeys, shortNames } = results;
  if (configurations.length === 1) return { kind: 'alike' };
  if (configurations.length <= colours.length) {
    const title = variedKeys.length === 1 ? shortNames[variedKeys[0]!]! : 'configuration';
    return { kind: 'few', title, labels: ordered(results).map((index) => seriesLabel(results, index)) };
  }
  const key = numericKeys(results)[0];
  if (key === undefined) return { kind: 'alike' };
  const values = configurations.map(({ parameters }) => parameters[key] as number);
  const logarithmic = Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 5;
  return { kind: 'by-value', key, title: shortNames[key]!, logarithmic };
}

/** A configuration's name in a legend: the value alone where one key varies, for the legend's title names the key. */
export function seriesLabel({ configurations, variedKeys }: Results, index: number): string {
  const configuration = configurations[index]!;
  return variedKeys.length === 1 ? parameterText(configuration, variedKeys[0]!) : configuration.label;
}

/** Indices of the configurations, by the swept number where one numeric key varies. */
export function ordered(results: Results): readonly number[] {
  const indices = results.configurations.map(({ index }) => index);
  const key = results.variedKeys.length === 1 ? numericKeys(results)[0] : undefined;
  if (key === undefined) return indices;
  const sweptValue = (index: number): number => results.configurations[index]!.parameters[key] as number;
  return indices.toSorted((a, b) => sweptValue(a) - sweptValue(b));
}

const legend = (style: SeriesStyle) =>
  style.kind === 'few' && style.labels.some((label) => label.length > 14)
    ? { columns: 1, labelLimit: 320 }
    : { columns: 4 };

/** The dash of a configuration's line, which no legend shows: its symbols tell it. */
export const dashOf = (style: SeriesStyle, label: unknown): readonly number[] =>
  style.kind === 'few' ? dashes[style.labels.indexOf(String(label))]! : dashes[0]!;

/** Encodings of colour and shape. */
export function seriesEncodings(style: SeriesStyle) {
  if (style.kind === 'alike') return { colour: { value: colours[0]! }, shape: {} };
  if (style.kind === 'by-value') {
    const scale = {
      scheme: { name: 'plasma' as const, extent: [0.25, 0.8] },
      ...(style.logarithmic ? { type: 'log' as const } : {}),
    };
    const colour = {
      field: 'value',
      type: 'quantitative' as const,
      title: style.title,
      scale,
      legend: { type: 'gradient' as const, gradientLength: 200, tickCount: 3 },
    };
    return { colour, shape: {} };
  }
  const domain = [...style.labels];
  const base = {
    field: 'configuration',
    type: 'nominal' as const,
    title: style.title,
    legend: legend(style),
  };
  return {
    colour: { ...base, scale: { domain, range: colours.slice(0, domain.length) } },
    shape: { shape: { ...base, scale: { domain, range: shapes.slice(0, domain.length) } } },
  };
}
