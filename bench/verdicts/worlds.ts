import { type RandomStream, randomStream } from '../../src/random/random.ts';
import type { Pair } from '../../src/statistics/association.ts';
import { spearman } from '../../src/statistics/rank-correlation.ts';

/** Where simulated sweeps come from. Seeds vary by 1 in x and in y, independently. */
export interface World {
  readonly configurations: number;
  readonly seeds: number;
  /** Variance of the configurations' own effects over that of seeds. */
  readonly ratio: number;
  /** Correlation of the configurations' effects on x and y. */
  readonly shared: number;
  /** What the knob, evenly from 0 to 1 over the configurations, adds to both x and y, in seed deviations. */
  readonly knob: number;
}

export const normal = (random: RandomStream): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

/** One configuration's x and y without its seeds' noise. */
function configuration({ ratio, shared, knob }: World, at: number, random: RandomStream) {
  const [first, other] = [normal(random), normal(random)];
  const size = Math.sqrt(ratio);
  return {
    x: knob * at + size * first,
    y: knob * at + size * (shared * first + Math.sqrt(1 - shared ** 2) * other),
  };
}

/** All runs of one sweep. */
export function simulatedSweep(world: World, random: RandomStream): readonly Pair[] {
  return Array.from({ length: world.configurations }).flatMap((_, index) => {
    const { x, y } = configuration(world, index / (world.configurations - 1), random);
    return Array.from({ length: world.seeds }, () => ({
      configuration: index,
      x: x + normal(random),
      y: y + normal(random),
    }));
  });
}

const many = 200_000;

/**
 * Spearman's rho of the means of infinitely many configurations. Without a knob 6/pi asin(r/2), r the correlation of the means
 * (Kruskal, J. Am. Stat. Assoc. 53, 1958); with one, from 200,000 configurations whose knobs lie evenly over its range.
 */
export function trueRho(world: World): number {
  const { ratio, shared, knob, seeds } = world;
  if (knob === 0) return (6 / Math.PI) * Math.asin((shared * ratio) / (ratio + 1 / seeds) / 2);
  const random = randomStream(1, seeds, ratio, knob);
  const noise = 1 / Math.sqrt(seeds);
  const means = Array.from({ length: many }, (_, index) => {
    const { x, y } = configuration(world, (index + 0.5) / many, random);
    return { x: x + noise * normal(random), y: y + noise * normal(random) };
  });
  return spearman(
    means.map(({ x }) => x),
    means.map(({ y }) => y),
  )!.value;
}
