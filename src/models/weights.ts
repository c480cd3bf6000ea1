import type { BatchNormLayer, ConvolutionLayer, Layer, LinearLayer, Network } from './network.ts';

/** A weight as it is on disk: torchvision's name, and PyTorch's layout (convolutions [out, in, h, w], linear [out, in]). */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role:
    | 'filter'
    | 'convolutionBias'
    | 'matrix'
    | 'bias'
    | 'scale'
    | 'offset'
    | 'runningMean'
    | 'runningVariance';
}

/** Values by name, on the host, in PyTorch's layout: a state dict. */
export type StateDict = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly values: Float32Array }
>;

/** Whether gradient descent changes it; batch norm's running statistics are set by the forward pass. */
export const isTrained = ({ role }: WeightSpec): boolean =>
  role !== 'runningMean' && role !== 'runningVariance';

/** Biases and batch norm's scale and offset: what `decayBiasAndNorm: false` leaves out. */
export const isBiasOrNorm = ({ role }: WeightSpec): boolean => role !== 'filter' && role !== 'matrix';

const ofConvolution = ({ name, inChannels, outChannels, geometry, bias }: ConvolutionLayer): WeightSpec[] => [
  {
    name: `${name}.weight`,
    shape: [outChannels, inChannels, geometry.kernel, geometry.kernel],
    role: 'filter',
  },
  ...(bias ? [{ name: `${name}.bias`, shape: [outChannels], role: 'convolutionBias' } as const] : []),
];

const ofBatchNorm = ({ name, channels }: BatchNormLayer): WeightSpec[] => [
  { name: `${name}.weight`, shape: [channels], role: 'scale' },
  { name: `${name}.bias`, shape: [channels], role: 'offset' },
  { name: `${name}.running_mean`, shape: [channels], role: 'runningMean' },
  { name: `${name}.running_var`, shape: [channels], role: 'runningVariance' },
];

const ofLinear = ({ name, inFeatures, outFeatures }: LinearLayer): WeightSpec[] => [
  { name: `${name}.weight`, shape: [outFeatures, inFeatures], role: 'matrix' },
  { name: `${name}.bias`, shape: [outFeatures], role: 'bias' },
];

const weightsOf = (layer: Layer): WeightSpec[] => {
  if (layer.kind === 'convolution') return ofConvolution(layer);
  if (layer.kind === 'batchNorm') return ofBatchNorm(layer);
  if (layer.kind === 'linear') return ofLinear(layer);
  return [];
};

/** Every weight of a network, in the order in which the image meets it. */
export const weightSpecs = (network: Network): readonly WeightSpec[] =>
  network.nodes.flatMap(({ layer }) => weightsOf(layer));

/** Batch-norm layers by name: PyTorch's state dict has a `num_batches_tracked` for each. */
export const batchNormNames = (network: Network): readonly string[] =>
  network.nodes.flatMap(({ layer }) => (layer.kind === 'batchNorm' ? [layer.name] : []));

/** A weight's name and its first value that is NaN or infinite; null where all are finite. */
export const firstNotFinite = (
  state: StateDict,
): { readonly name: string; readonly value: number } | null => {
  for (const [name, { values }] of state) {
    const value = values.find((each) => !Number.isFinite(each));
    if (value !== undefined) return { name, value };
  }
  return null;
};
