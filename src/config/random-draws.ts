import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { canonicalJson } from '../files/canonical-json.ts';
import type { Plain } from './located.ts';
import type { RandomBlock } from './sweep-block-schema.ts';

export type Distribution = RandomBlock['keys'][string];

/** Why a distribution cannot be drawn from; null where it can. */
export function emptyRange(distribution: Distribution): string | null {
  if ('choice' in distribution) return null;
  const [low, high] = Object.values(distribution)[0] as [number, number];
  const isEmpty = 'integer' in distribution ? low > high : low >= high;
  return isEmpty ? `the range [${low}, ${high}] is empty; give the lower bound first` : null;
}

/** How many different combinations the keys have; Infinity where one has a continuous range. */
export const combinationCount = (keys: RandomBlock['keys']): number =>
  productOver(keys, (each) =>
    'choice' in each ? new Set(each.choice.map(canonicalJson)).size : integersOf(each),
  );

/**
 * The first `n` different combinations that are drawn, values in the keys' order; fewer where there are no more. A larger n only adds.
 */
export function drawCombinations({ n, seed, keys }: RandomBlock): readonly (readonly Plain[])[] {
  const streams = Object.entries(keys).map(([key, distribution]) => valuesOf(key, distribution, seed));
  const equallyLikely = productOver(keys, (each) =>
    'choice' in each ? each.choice.length : integersOf(each),
  );
  const drawn = new Map<string, readonly Plain[]>();
  // A combination that is left is missed by 100 times as many draws in a row once in e^100. A continuous range may be so narrow that it
  // has few values too.
  const likely = (): number => (Number.isFinite(equallyLikely) ? equallyLikely : drawn.size + 1);
  for (let repeats = 0; drawn.size < n && repeats < 100 * likely(); ) {
    const values = streams.map((next) => next());
    const text = canonicalJson(values);
    repeats = drawn.has(text) ? repeats + 1 : 0;
    if (repeats === 0) drawn.set(text, values);
  }
  return [...drawn.values()];
}

const productOver = (keys: RandomBlock['keys'], sizeOf: (each: Distribution) => number): number =>
  Object.values(keys).reduce((product, each) => product * sizeOf(each), 1);

const integersOf = (distribution: Exclude<Distribution, { choice: unknown }>): number =>
  'integer' in distribution
    ? distribution.integer[1] - distribution.integer[0] + 1
    : Number.POSITIVE_INFINITY;

/**
 * Values of one key, from a stream of the seed and the key's name: another key more or less changes none of them. Rounded to 10
 * significant digits: the last ones of a power differ between machines.
 */
function valuesOf(key: string, distribution: Distribution, seed: number): () => Plain {
  const digest = createHash('sha256').update(`${seed} ${key}`).digest();
  const stream = xoroshiro128plus(digest.readInt32LE(0));
  return () => {
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
  };
}

const rounded = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, Number(value.toPrecision(10))));
