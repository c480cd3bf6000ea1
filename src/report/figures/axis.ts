import type { Quantity } from '../quantities.ts';

/** A position scale with its ticks, fixed before Vega sees it, so that panels of one quantity can share it. */
export interface AxisChoice {
  readonly type: 'linear' | 'log';
  readonly domain: readonly [number, number];
  /** Null leaves the ticks to Vega. */
  readonly ticks: readonly number[] | null;
}

/** Logarithmic where the quantity asks for it, all values are positive and they span a factor of 5 or more. */
export function axisFor(values: readonly number[], logarithmic: boolean): AxisChoice {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (logarithmic && low > 0 && high / low >= 5) {
    const margin = (high / low) ** 0.06;
    const domain = [low / margin, high * margin] as const;
    return { type: 'log', domain, ticks: logTicks(domain) };
  }
  const margin = high > low ? 0.06 * (high - low) : 0.1 * Math.abs(high) || 1;
  return { type: 'linear', domain: [low - margin, high + margin], ticks: null };
}

/** Times powers of ten: the coarsest that give four ticks. */
const tickSteps = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]];

/** Round numbers over a logarithmic domain; powers of ten alone where they suffice. */
function logTicks([low, high]: readonly [number, number]): readonly number[] {
  const ticks = (steps: readonly number[]): number[] => {
    const first = Math.floor(Math.log10(low));
    const decades = Array.from(
      { length: Math.ceil(Math.log10(high)) - first + 1 },
      (_, i) => 10 ** (first + i),
    );
    return decades
      .flatMap((decade) => steps.map((step) => Number((step * decade).toPrecision(2))))
      .filter((tick) => tick >= low && tick <= high);
  };
  const choices = tickSteps.map(ticks);
  return choices.find((each) => each.length >= 4) ?? choices.at(-1)!;
}

/** The means, and the intervals as far as they do not dwarf the means: a band of two seeds is cut at the frame. */
export function reach(
  points: readonly { readonly mean: number; readonly halfWidth: number | null }[],
  logarithmic: boolean,
): readonly number[] {
  const means = points.map(({ mean }) => mean);
  const log = logarithmic && means.every((mean) => mean > 0);
  const on = (value: number): number => (log ? Math.log(value) : value);
  const back = (value: number): number => (log ? Math.exp(value) : value);
  const low = Math.min(...means.map(on));
  const high = Math.max(...means.map(on));
  const room = 0.5 * (high - low) || (log ? 0.1 : 0.1 * Math.abs(high));
  const ends = points.flatMap(({ mean, halfWidth }) =>
    halfWidth === null ? [] : [mean - halfWidth, mean + halfWidth].filter((end) => !log || end > 0),
  );
  return [...means, ...ends.map((end) => back(Math.min(high + room, Math.max(low - room, on(end)))))];
}

/** A title of more characters is cut off at the height of a panel. */
const lineLength = 36;

/** A long title in two lines, broken at the last space that the first has room for. */
const inLines = (title: string): string | string[] => {
  const at = title.length <= lineLength ? -1 : title.lastIndexOf(' ', lineLength);
  return at < 0 ? title : [title.slice(0, at), title.slice(at + 1)];
};

/** The parts of a Vega-Lite position channel. */
export const channel = (field: string, title: string, { type, domain, ticks }: AxisChoice) => ({
  field,
  type: 'quantitative' as const,
  title: inLines(title),
  scale: { type, domain: [...domain], nice: false, ...(type === 'linear' ? { zero: false } : {}) },
  axis: {
    // Vega thins out given values that are more than the count.
    tickCount: ticks === null ? 5 : ticks.length,
    ...(ticks === null ? {} : { values: [...ticks], labelOverlap: 'greedy' as const, format: '~g' }),
  },
});

/** `source GC (embedding² / input²)`. */
export const axisTitle = ({ label, longLabel, unit }: Quantity): string =>
  unit === null ? label : `${longLabel ?? label} (${unit})`;
