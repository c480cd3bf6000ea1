import { applyMomentum, type Update } from '../backend/kernels/momentum.ts';
import { dispose } from '../backend/tensor.ts';
import type { RunConfig } from '../config/schema.ts';
import { isBiasOrNorm } from '../models/weights.ts';
import type { GradientSum } from './gradient-sum.ts';
import type { TrainedParameter } from './parameters.ts';

export type SgdConfig = Pick<
  RunConfig['training'],
  'momentum' | 'nesterov' | 'l2' | 'weightDecay' | 'decayBiasAndNorm'
>;

/**
 * PyTorch's SGD for every weight that has a gradient: `l2` joins the gradient before the momentum (weight_decay there), `weightDecay`
 * shrinks the weight itself before the update (Loshchilov and Hutter 2019, arXiv 1711.05101). Takes the gradients and disposes of them.
 */
export const updateParameters = (
  parameters: readonly TrainedParameter[],
  gradients: GradientSum,
  { momentum, nesterov, l2, weightDecay, decayBiasAndNorm }: SgdConfig,
  rate: number,
): void => {
  const decayed: Update[] = [];
  const free: Update[] = [];
  for (const { spec, weights, velocity } of parameters) {
    const gradient = gradients.take(spec.name);
    if (!gradient) continue;
    const group = decayBiasAndNorm || !isBiasOrNorm(spec) ? decayed : free;
    group.push({ weights, velocity, gradient });
  }
  applyMomentum(decayed, { rate, momentum, nesterov, l2, weightDecay });
  applyMomentum(free, { rate, momentum, nesterov, l2: 0, weightDecay: 0 });
  for (const { gradient } of [...decayed, ...free]) dispose(gradient);
};
