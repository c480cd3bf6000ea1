/** The 97.5 % quantile of the standard normal distribution. */
export const normalQuantile = 1.959963984540054;

/** 95 % interval of a share of independent examples (Wilson 1927): within [0, 1], and not of width 0 at its ends. */
export function wilsonInterval(right: number, count: number): readonly [number, number] {
  const share = right / count;
  const square = normalQuantile ** 2 / count;
  const centre = (share + square / 2) / (1 + square);
  const half = Math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
