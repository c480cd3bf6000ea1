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

/** 1, 2 and 5 times powers of ten, or the powers alone where those are many. */
function logTicks([low, high]: readonly [number, number]): readonly number[] {
  const ticks = (steps: readonly number[]): number[] => {
    const first = Math.floor(Math.log10(low));
    const decades = Array.from(
      { length: Math.ceil(Math.log10(high)) - first + 1 },
      (_, i) => 10 ** (first + i),
    );
    return decades
      .flatMap((decade) => steps.map((step) => Number((step * decade).toPrecision(1))))
      .filter((tick) => tick >= low && tick <= high);
  };
  const fine = ticks([1, 2, 5]);
  return fine.length > 7 ? ticks([1]) : fine;
}

/** The parts of a Vega-Lite position channel. */
export const channel = (field: string, title: string, { type, domain, ticks }: AxisChoice) => ({
  field,
  type: 'quantitative' as const,
  title,
  scale: { type, domain: [...domain], nice: false, ...(type === 'linear' ? { zero: false } : {}) },
  axis: {
    tickCount: 5,
    ...(ticks === null ? {} : { values: [...ticks], labelOverlap: true, format: '~g' }),
  },
});

/** `source GC (embedding² / input²)`. */
export const axisTitle = ({ label, longLabel, unit }: Quantity): string =>
  unit === null ? label : `${longLabel ?? label} (${unit})`;
