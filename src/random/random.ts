/**
 * Random numbers as a pure function of what they are for: the same words give the same numbers on every machine and in
 * every order of calls. Integer arithmetic only (the finaliser of MurmurHash3, Appleby 2011).
 */

const scramble = (word: number): number => {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

const goldenRatio = 0x9e3779b9;

/** The largest seed: words are hashed modulo 2^32, so larger ones would repeat the numbers of smaller ones. */
export const seedLimit = 2 ** 32 - 1;

/** Hash of integers (taken modulo 2^32) to 32 bits; the order of the words counts. */
export function hashWords(...words: readonly number[]): number {
  let h = 0;
  for (const word of words)
    h = scramble((Math.imul(h, 5) + scramble((word + goldenRatio) | 0)) ^ goldenRatio);
  return h;
}

/** Hash of a name to 32 bits (FNV-1a over UTF-16 units), for use as a word of `hashWords`. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A sequence of random numbers that starts from a hash of the words. */
export interface RandomStream {
  /** Integer, 0 <= value < bound, for a bound of at most 2^21 without measurable bias. */
  below(bound: number): number;
  /** Multiple of 2^-32, 0 <= value < 1. */
  uniform(): number;
  /** low <= value < high. */
  between(low: number, high: number): number;
}

export function randomStream(...words: readonly number[]): RandomStream {
  let state = hashWords(...words);
  const step = words.length === 0 ? goldenRatio : hashWords(...words, goldenRatio) | 1;
  const uniform = (): number => {
    state = (state + step) | 0;
    return scramble(state) / 0x1_0000_0000;
  };
  return {
    uniform,
    below: (bound) => Math.floor(uniform() * bound),
    between: (low, high) => low + (high - low) * uniform(),
  };
}

/** The numbers 0 to count - 1 in random order (Fisher-Yates). */
export function permutation(count: number, random: RandomStream): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Independent normal values with mean 0 and a standard deviation, two at a time (Box and Muller 1958). */
export function normal(size: number, deviation: number, random: RandomStream): Float32Array {
  const values = new Float32Array(size);
  for (let i = 0; i < size; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    const angle = 2 * Math.PI * random.uniform();
    values[i] = deviation * (radius * Math.cos(angle));
    if (i + 1 < size) values[i + 1] = deviation * (radius * Math.sin(angle));
  }
  return values;
}

const rademacherPurpose = hashName('rademacher');

/** Independent signs, +1 or -1 with equal probability: a function of the words. */
export function rademacher(size: number, ...words: readonly number[]): Float32Array {
  const start = hashWords(rademacherPurpose, ...words);
  const values = new Float32Array(size);
  for (let from = 0; from < size; from += 32) {
    const bits = hashWords(start, from);
    const to = Math.min(size, from + 32);
    for (let i = from; i < to; i++) values[i] = (bits >>> (i - from)) & 1 ? 1 : -1;
  }
  return values;
}
