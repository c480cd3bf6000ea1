const bars = '▁▂▃▄▅▆▇█';

/** One character a value, at most `width` of them (evenly picked, the last kept), on a logarithmic scale where all are positive. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const count = Math.min(width, values.length);
  const picked = Array.from({ length: count }, (_, i) =>
    count === 1 ? values.at(-1)! : values[Math.round((i * (values.length - 1)) / (count - 1))]!,
  );
  const known = picked.filter((value) => value !== null);
  const logarithmic = known.every((value) => value > 0);
  const scaled = picked.map((value) => (value === null || !logarithmic ? value : Math.log(value)));
  const low = Math.min(...scaled.filter((value) => value !== null));
  const high = Math.max(...scaled.filter((value) => value !== null));
  const bar = (value: number): string =>
    bars[high === low ? 3 : Math.round(((value - low) / (high - low)) * (bars.length - 1))]!;
  return scaled.map((value) => (value === null ? ' ' : bar(value))).join('');
}
