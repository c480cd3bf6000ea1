import { readFloats, type Tensor } from '../../backend/tensor.ts';

/** Factor on the square of each input channel's derivatives: 1 in normalised pixels, 1 / std^2 in pixels from 0 to 1. */
export type ChannelFactors = readonly number[];

/** Sums of w_k a_k^2, one per example, in float64, where `tensor` holds [examples, ..., channels]. */
export const squaredNorms = (tensor: Tensor, factors: ChannelFactors = [1]): Float64Array => {
  const values = readFloats(tensor);
  const examples = tensor.shape[0]!;
  const size = values.length / examples;
  const sums = new Float64Array(examples);
  for (let example = 0, at = 0; example < examples; example++)
    for (let c = 0; c < factors.length; c++) {
      let sum = 0;
      for (at = example * size + c; at < (example + 1) * size; at += factors.length) sum += values[at]! ** 2;
      sums[example]! += factors[c]! * sum;
    }
  return sums;
};
