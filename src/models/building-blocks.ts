import type { Builder } from './build.ts';
import type { LayerOfKind, Network } from './network.ts';

type Geometry = LayerOfKind<'convolution'>['geometry'];

/** Of a convolution with an odd kernel that keeps the image's size at stride 1. */
export const square = (kernel: number, stride = 1): Geometry => ({
  kernel,
  stride,
  padding: (kernel - 1) / 2,
});

/** A convolution and the batch norm of what it makes, by their names; returns the norm's node. */
export const convolutionAndNorm = (
  { append, shapeOf }: Builder,
  input: number,
  name: string,
  norm: string,
  outChannels: number,
  geometry: Geometry,
  bias = false,
): number => {
  const inChannels = shapeOf(input).at(-1)!;
  const node = append({ kind: 'convolution', name, inChannels, outChannels, geometry, bias }, input);
  return append({ kind: 'batchNorm', name: norm, channels: outChannels }, node);
};

/** The network whose embedding is the mean of `features` over all positions, with one linear layer called `name` on it. */
export const withClassifier = (
  { append, shapeOf, network }: Builder,
  features: number,
  outputs: Readonly<Record<string, number>>,
  name: string,
  classes: number,
): Network => {
  const embedding = append({ kind: 'globalAveragePool' }, features);
  const [inFeatures] = shapeOf(embedding) as readonly [number];
  const logits = append({ kind: 'linear', name, inFeatures, outFeatures: classes }, embedding);
  return network({ ...outputs, embedding, logits });
};
