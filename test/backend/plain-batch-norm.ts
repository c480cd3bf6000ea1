export interface PlainWeights {
  readonly scale: Float32Array;
  readonly offset: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

const epsilon = 1e-5;

/** Mean of each channel, and variance divided by rows, in two passes in float64. */
const moments = (x: Float32Array, channels: number) => {
  const rows = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let row = 0; row < x.length; row += channels)
    for (let c = 0; c < channels; c++) mean[c]! += x[row + c]! / rows;
  for (let row = 0; row < x.length; row += channels)
    for (let c = 0; c < channels; c++) variance[c]! += (x[row + c]! - mean[c]!) ** 2 / rows;
  return { mean, variance };
};

const usedMoments = (x: Float32Array, { mean, variance }: PlainWeights, training: boolean) =>
  training
    ? moments(x, mean.length)
    : { mean: Float64Array.from(mean), variance: Float64Array.from(variance) };

/** relu(scale (x - mean) / sqrt(variance + epsilon) + offset + shortcut), of `slope`, and PyTorch's new running statistics, in float64. */
export const plainBatchNorm = (
  x: Float32Array,
  weights: PlainWeights,
  options: { training: boolean; shortcut: Float32Array | null; relu: boolean; slope?: number },
) => {
  const { training, shortcut, relu, slope = 0 } = options;
  const { scale, offset } = weights;
  const channels = scale.length;
  const rows = x.length / channels;
  const { mean, variance } = usedMoments(x, weights, training);
  const y = new Float64Array(x.length);
  const deviation = variance.map((value) => Math.sqrt(value + epsilon));
  for (let row = 0; row < x.length; row += channels)
    for (let c = 0; c < channels; c++) {
      const at = row + c;
      const added = shortcut === null ? 0 : shortcut[at]!;
      const sum = (scale[c]! * (x[at]! - mean[c]!)) / deviation[c]! + offset[c]! + added;
      y[at] = relu && !(sum > 0) ? slope * sum : sum;
    }
  const moved = (old: Float32Array, batch: Float64Array, factor: number) =>
    batch.map((value, c) => 0.9 * old[c]! + 0.1 * factor * value);
  return {
    y,
    mean: moved(weights.mean, mean, 1),
    variance: moved(weights.variance, variance, rows / (rows - 1)),
  };
};

/**
 * Gradients of sum(gradient * y), in float64, times `slope` where `y` is given and not positive. The mean and the deviation of a
 * batch are functions of x: with n = (x - mean) / deviation, dx = scale / deviation (g - mean(g) - n mean(g n)).
 */
export const plainBatchNormGradient = (
  gradient: Float32Array,
  x: Float32Array,
  y: Float32Array | null,
  weights: PlainWeights,
  training: boolean,
  slope = 0,
) => {
  const channels = weights.scale.length;
  const rows = x.length / channels;
  const { mean, variance } = usedMoments(x, weights, training);
  const deviation = variance.map((value) => Math.sqrt(value + epsilon));
  const normalized = (at: number, c: number): number => (x[at]! - mean[c]!) / deviation[c]!;
  const shortcut = new Float64Array(x.length);
  const offset = new Float64Array(channels);
  const scale = new Float64Array(channels);
  for (let row = 0; row < x.length; row += channels)
    for (let c = 0; c < channels; c++) {
      const at = row + c;
      const value = y !== null && !(y[at]! > 0) ? slope * gradient[at]! : gradient[at]!;
      shortcut[at] = value;
      offset[c]! += value;
      scale[c]! += value * normalized(at, c);
    }
  const dx = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += channels)
    for (let c = 0; c < channels; c++) {
      const at = row + c;
      const value = shortcut[at]!;
      const factor = weights.scale[c]! / deviation[c]!;
      dx[at] =
        factor * (training ? value - offset[c]! / rows - (normalized(at, c) * scale[c]!) / rows : value);
    }
  return { x: dx, scale, offset, shortcut };
};
