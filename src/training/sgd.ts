import { applyMomentum, assignVariable, readVariable } from '../backend/kernels/momentum.ts';
import { add, multiply } from '../backend/kernels/pointwise.ts';
import { cast, dispose, scalar, type Tensor } from '../backend/tensor.ts';
import type { RunConfig } from '../config/schema.ts';
import { isBiasOrNorm, type WeightSpec } from '../models/weights.ts';
import type { TrainedParameter } from './parameters.ts';

export type SgdConfig = Pick<
  RunConfig['training'],
  'momentum' | 'nesterov' | 'l2' | 'weightDecay' | 'decayBiasAndNorm'
>;

/** Ready-made scalars of one step; dispose of them after it. */
export interface SgdStep {
  readonly config: SgdConfig;
  readonly rate: Tensor;
  readonly l2: Tensor;
  /** 1 - rate * weightDecay */
  readonly shrink: Tensor;
}

export const sgdStep = (config: SgdConfig, rate: number): SgdStep => ({
  config,
  rate: scalar(rate),
  l2: scalar(config.l2),
  shrink: scalar(1 - rate * config.weightDecay),
});

export const disposeSgdStep = ({ rate, l2, shrink }: SgdStep): void => dispose(rate, l2, shrink);

const decays = (config: SgdConfig, spec: WeightSpec): boolean =>
  config.decayBiasAndNorm || !isBiasOrNorm(spec);

/**
 * PyTorch's SGD for one weight: `l2` joins the gradient before the momentum (weight_decay there), `weightDecay` shrinks the
 * weight itself before the update (Loshchilov and Hutter 2019, arXiv 1711.05101). Disposes of the gradient.
 */
export const updateParameter = (
  { spec, weights, velocity }: TrainedParameter,
  gradient: Tensor,
  { config, rate, l2, shrink }: SgdStep,
): void => {
  let total = cast(gradient, 'float32');
  dispose(gradient);
  if (config.l2 > 0 && decays(config, spec)) total = withL2(total, weights, l2);
  if (config.weightDecay > 0 && decays(config, spec)) shrinkInPlace(weights, shrink);
  applyMomentum(weights, velocity, total, { rate, ...config });
  dispose(total);
};

const withL2 = (gradient: Tensor, weights: TrainedParameter['weights'], l2: Tensor): Tensor => {
  const value = readVariable(weights);
  const pull = multiply(value, l2);
  const total = add(gradient, pull);
  dispose(value, pull, gradient);
  return total;
};

const shrinkInPlace = (weights: TrainedParameter['weights'], shrink: Tensor): void => {
  const value = readVariable(weights);
  const smaller = multiply(value, shrink);
  dispose(value);
  assignVariable(weights, smaller);
  dispose(smaller);
};
