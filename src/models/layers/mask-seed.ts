import { hashName, hashWords } from '../../random/random.ts';

/**
 * The two words that a layer's random mask is a function of, from the run's seed, the step and the layer. Two seeds never share a mask.
 * A sum of seed and layer would: layer 1 of seed 0 would have the mask of layer 0 of seed 1.
 */
export const maskSeed = (
  [seed, step]: readonly [number, number],
  { kind, index }: { readonly kind: string; readonly index: number },
): readonly [number, number] => [seed, hashWords(hashName(kind), index, step)];
