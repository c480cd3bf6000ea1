import { hashName, normal, permutation, rademacher, randomStream } from '../../random/random.ts';

export type ProbeDistribution = 'rademacher' | 'gaussian' | 'sphere';

const gaussianPurpose = hashName('gaussian probe');
const rowsPurpose = hashName('sampled rows');
const maskPurpose = hashName('masked entries');

/** What a random number is for: a probe is a function of them, so that neither batches nor their order change it. */
export interface ProbeOf {
  readonly seed: number;
  readonly example: number;
  readonly probe: number;
}

/** A random direction with E[v v^T] = 1: signs, normal values, or uniform on the sphere of radius sqrt(size). */
export const direction = (
  distribution: ProbeDistribution,
  size: number,
  { seed, example, probe }: ProbeOf,
): Float32Array => {
  if (distribution === 'rademacher') return rademacher(size, seed, example, probe);
  const values = normal(size, 1, randomStream(gaussianPurpose, seed, example, probe));
  if (distribution === 'gaussian') return values;
  const scale = Math.sqrt(size / values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value * scale);
};

/** `count` of the Jacobian's rows, without repetition. */
export const sampledRows = (rows: number, count: number, { seed, example }: ProbeOf): Int32Array =>
  permutation(rows, randomStream(rowsPurpose, seed, example)).subarray(0, count);

/** Whether each entry of one row of the Jacobian is looked at, each with probability `share`, independently. */
export const entryMask = (
  size: number,
  share: number,
  { seed, example }: Pick<ProbeOf, 'seed' | 'example'>,
  row: number,
): Uint8Array => {
  const random = randomStream(maskPurpose, seed, example, row);
  return Uint8Array.from({ length: size }, () => (random.uniform() < share ? 1 : 0));
};
