import { powerOfTwoScale } from '../linear-algebra/magnitude.ts';
import { hashName, permutation, randomStream } from '../random/random.ts';
import type { Embeddings } from './embeddings.ts';
import { type Measured, undefinedBecause } from './measured.ts';

/** Examples that neighbours are looked for among: drawn where a split has more, since all pairs are compared. */
export const mostExamples = 1000;
const discarded = 0.1;

/**
 * Intrinsic dimension by the ratio of second to first neighbour distances (Facco et al. 2017): the slope through the origin of
 * -log(1 - F) against log(r2 / r1), F the empirical distribution, the largest tenth of the ratios left out.
 */
export function twoNn({ values, labels, dimension }: Embeddings): Measured {
  const drawn = [...permutation(labels.length, randomStream(hashName('two-nn')))].slice(0, mostExamples);
  const scale = powerOfTwoScale(values);
  const rows = drawn.map((example) =>
    Float64Array.from(
      values.subarray(example * dimension, (example + 1) * dimension),
      (value) => value / scale,
    ),
  );
  const nearest = rows.map(() => [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number]);
  const offer = (pair: [number, number], distance: number): void => {
    if (distance < pair[0]) [pair[0], pair[1]] = [distance, pair[0]];
    else if (distance < pair[1]) pair[1] = distance;
  };
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < i; j++) {
      let distance = 0;
      const [a, b] = [rows[i]!, rows[j]!];
      for (let k = 0; k < dimension; k++) distance += (a[k]! - b[k]!) ** 2;
      offer(nearest[i]!, distance);
      offer(nearest[j]!, distance);
    }
  const ratios = nearest
    .filter(([first, second]) => first > 0 && second < Number.POSITIVE_INFINITY)
    .map(([first, second]) => 0.5 * Math.log(second / first))
    .sort((a, b) => a - b);
  const kept = Math.floor(ratios.length * (1 - discarded));
  if (kept < 3)
    return undefinedBecause(`${ratios.length} examples differ from their neighbours; at least 4 are needed`);
  let cross = 0;
  let squares = 0;
  for (let i = 0; i < kept; i++) {
    cross -= ratios[i]! * Math.log(1 - (i + 1) / ratios.length);
    squares += ratios[i]! ** 2;
  }
  return squares > 0 ? cross / squares : undefinedBecause('all neighbours are equally far');
}
