import { randomStream } from '../random/random.ts';

/** How often chance alone gives a statistic at least as far from 0, on either side. */
export interface PermutationResult {
  readonly p: number;
  /** Whether all arrangements were looked at, and not drawn ones. */
  readonly exact: boolean;
}

type Values = readonly number[];
const mostExact = 50_000;
const drawn = 9_999;

/**
 * Two-sided permutation test of sum x_i y_i, where y may be exchanged within each block and nowhere else.
 *
 * x and y are centred scores (ranks, say); `blocks` lists the positions that are exchangeable. All arrangements are
 * counted where each block has at most 50,000 and the sums take at most as many values, so p is exact; else
 * p = (1 + hits) / (1 + 9,999) over seeded draws, which is valid too (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010).
 * One block of everything is Pitman's test (1937).
 */
export function permutationTest(
  x: Values,
  y: Values,
  blocks: readonly (readonly number[])[],
): PermutationResult {
  const observed = Math.abs(x.reduce((sum, value, at) => sum + value * y[at]!, 0));
  const reached = observed - 1e-9 * Math.max(1, observed);
  const sums = distributionOfSums(x, y, blocks);
  if (sums !== null) {
    let p = 0;
    for (const [sum, probability] of sums) if (Math.abs(sum) >= reached) p += probability;
    return { p: Math.min(1, p), exact: true };
  }
  const random = randomStream(0);
  const shuffled = [...y];
  let hits = 1;
  for (let draw = 0; draw < drawn; draw++) {
    for (const block of blocks) {
      for (let last = block.length - 1; last > 0; last--) {
        const [from, to] = [block[random.below(last + 1)]!, block[last]!];
        [shuffled[from], shuffled[to]] = [shuffled[to]!, shuffled[from]!];
      }
    }
    let sum = 0;
    for (let at = 0; at < x.length; at++) sum += x[at]! * shuffled[at]!;
    if (Math.abs(sum) >= reached) hits += 1;
  }
  return { p: hits / (drawn + 1), exact: false };
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Each value of the sum with its probability, block after block; null where a block or the values are too many. */
function distributionOfSums(
  x: Values,
  y: Values,
  blocks: readonly (readonly number[])[],
): ReadonlyMap<number, number> | null {
  if (blocks.some((block) => factorial(block.length) > mostExact)) return null;
  let all = new Map([[0, 1]]);
  for (const block of blocks) {
    const own = new Map<number, number>();
    const arrangements = factorial(block.length);
    for (const sum of arrangedSums(x, y, block)) own.set(sum, (own.get(sum) ?? 0) + 1);
    const next = new Map<number, number>();
    for (const [sum, probability] of all)
      for (const [other, count] of own)
        next.set(sum + other, (next.get(sum + other) ?? 0) + (probability * count) / arrangements);
    if (next.size > mostExact) return null;
    all = next;
  }
  return all;
}

/** One block's part of the sum under each of its n! arrangements. */
function arrangedSums(x: Values, y: Values, block: readonly number[]): Values {
  const sums: number[] = [];
  const own = block.map((at) => y[at]!);
  const place = (index: number, sum: number): void => {
    if (index === block.length) {
      sums.push(sum);
      return;
    }
    for (let from = index; from < own.length; from++) {
      [own[index], own[from]] = [own[from]!, own[index]!];
      place(index + 1, sum + x[block[index]!]! * own[index]!);
      [own[index], own[from]] = [own[from]!, own[index]!];
    }
  };
  place(0, 0);
  return sums;
}
