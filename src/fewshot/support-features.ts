import { centredGram } from './gram.ts';
import type { LinearRule, SupportSet } from './readouts.ts';

/**
 * The support set as its readout sees it, features around the support's mean m and, where asked, of length 1:
 * z_i = (x_i - m) / l_i. Both are done on the inner products.
 */
export function centredSupport(
  support: SupportSet,
  normalize: boolean,
): { readonly support: SupportSet; readonly lengths: Float64Array } {
  const examples = support.labels.length;
  const { centred } = centredGram(support.gram, examples);
  const lengths = new Float64Array(examples).fill(1);
  if (normalize)
    for (let i = 0; i < examples; i++) lengths[i] = Math.sqrt(Math.max(0, centred[i * examples + i]!)) || 1;
  for (let i = 0; i < examples; i++)
    for (let j = 0; j < examples; j++) centred[i * examples + j]! /= lengths[i]! * lengths[j]!;
  return { support: { ...support, gram: centred }, lengths };
}

/** The coefficients over x_i of a rule over z_i: sum_i a_i (x_i - m) / l_i, m itself being the mean of the x_i. */
export function overRawFeatures(rule: LinearRule, lengths: Float64Array): Float64Array {
  const examples = lengths.length;
  const ways = rule.bias.length;
  const coefficients = new Float64Array(ways * examples);
  for (let c = 0; c < ways; c++) {
    let mean = 0;
    for (let i = 0; i < examples; i++) mean += rule.coefficients[c * examples + i]! / lengths[i]! / examples;
    for (let i = 0; i < examples; i++)
      coefficients[c * examples + i] = rule.coefficients[c * examples + i]! / lengths[i]! - mean;
  }
  return coefficients;
}
