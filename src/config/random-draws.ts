import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Plain } from './located.ts';
import type { SweepBlock } from './sweep-block-schema.ts';

type Random = NonNullable<SweepBlock['random']>;
export type Distribution = Random['keys'][string];

/** Why a distribution cannot be drawn from; null where it can. */
export function emptyRange(distribution: Distribution): string | null {
  if ('choice' in distribution) return null;
  const [low, high] = Object.values(distribution)[0] as [number, number];
  const isEmpty = 'integer' in distribution ? low > high : low >= high;
  return isEmpty ? `the range [${low}, ${high}] is empty; give the lower bound first` : null;
}

/**
 * `n` values of one key, from a stream of the seed and the key's name: another key more or less changes none of them, and
 * a larger n only adds. Rounded to 10 significant digits: the last ones of a power differ between machines.
 */
export function drawValues(
  key: string,
  distribution: Distribution,
  n: number,
  seed: number,
): readonly Plain[] {
  const digest = createHash('sha256').update(`${seed} ${key}`).digest();
  const stream = xoroshiro128plus(digest.readInt32LE(0));
  return Array.from({ length: n }, () => {
    if ('choice' in distribution)
      return distribution.choice[uniformInt(stream, 0, distribution.choice.length - 1)]!;
    if ('integer' in distribution) return uniformInt(stream, ...distribution.integer);
    const u = uniformFloat64(stream);
    if ('uniform' in distribution) {
      const [low, high] = distribution.uniform;
      return rounded(low + (high - low) * u, low, high);
    }
    const [low, high] = distribution.logUniform;
    return rounded(low * (high / low) ** u, low, high);
  });
}

const rounded = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, Number(value.toPrecision(10))));
