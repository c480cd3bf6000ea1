import type { RandomStream } from '../../src/random/random.ts';
import { spearman } from '../../src/statistics/rank-correlation.ts';

type Group = readonly { readonly x: number; readonly y: number }[];

/**
 * 95 % percentile interval of Spearman's rho of the configurations' means: configurations drawn with replacement, then seeds
 * inside each drawn one (Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). Tried against the interval
 * of src/statistics, which the report uses. Null where every resample is constant.
 */
export function hierarchicalInterval(
  groups: readonly Group[],
  resamples: number,
  random: RandomStream,
): readonly [number, number] | null {
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const means = groups.map(() => {
      const group = groups[random.below(groups.length)]!;
      let [x, y] = [0, 0];
      for (let seed = 0; seed < group.length; seed++) {
        const run = group[random.below(group.length)]!;
        x += run.x;
        y += run.y;
      }
      return { x: x / group.length, y: y / group.length };
    });
    const rho = spearman(
      means.map(({ x }) => x),
      means.map(({ y }) => y),
    );
    if (rho !== null) values.push(rho.value);
  }
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/** Linear between the order statistics, as NumPy's default. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [from, to] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return from + (at - Math.floor(at)) * (to - from);
}
