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
  for (let at = 0; at < x.length; at++) mean[at % channels]! += x[at]! / rows;
  for (let at = 0; at < x.length; at++)
    variance[at % channels]! += (x[at]! - mean[at % channels]!) ** 2 / rows;
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
  for (let at = 0; at < x.length; at++) {
    const c = at % channels;
    const deviation = Math.sqrt(variance[c]! + epsilon);
    const sum = (scale[c]! * (x[at]! - mean[c]!)) / deviation + offset[c]! + (shortcut?.[at] ?? 0);
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
  const normalized = (at: number): number =>
    (x[at]! - mean[at % channels]!) / Math.sqrt(variance[at % channels]! + epsilon);
  const shortcut = Float64Array.from(gradient, (value, at) => (y && !(y[at]! > 0) ? slope * value : value));
  const offset = new Float64Array(channels);
  const scale = new Float64Array(channels);
  for (let at = 0; at < x.length; at++) {
    offset[at % channels]! += shortcut[at]!;
    scale[at % channels]! += shortcut[at]! * normalized(at);
  }
  const dx = shortcut.map((value, at) => {
    const c = at % channels;
    const factor = weights.scale[c]! / Math.sqrt(variance[c]! + epsilon);
    return factor * (training ? value - offset[c]! / rows - (normalized(at) * scale[c]!) / rows : value);
  });
  return { x: dx, scale, offset, shortcut };
};
