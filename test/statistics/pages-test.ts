import { type PermutationResult, permutationTest } from '../../src/statistics/permutation-test.ts';
import { ranks } from '../../src/statistics/rank-correlation.ts';

/** Page's L of blocks of treatments, each row one block, and the permutation test of the same ranks within blocks. */
export function pagesTest(data: readonly (readonly number[])[]): { readonly L: number } & PermutationResult {
  const k = data[0]!.length;
  const ranked = data.flatMap(ranks);
  const treatments = data.flatMap((block) => block.map((_, at) => at + 1));
  const blocks = data.map((block, row) => block.map((_, at) => row * k + at));
  const L = ranked.reduce((sum, rank, at) => sum + rank * treatments[at]!, 0);
  const centre = (values: readonly number[]): number[] => values.map((each) => each - (k + 1) / 2);
  return { L, ...permutationTest(centre(treatments), centre(ranked), blocks) };
}
