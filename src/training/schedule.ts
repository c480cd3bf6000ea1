import type { RunConfig } from '../config/schema.ts';

type Training = RunConfig['training'];

/**
 * Learning rate of a step, counted from 0. Warm-up rises linearly and reaches the full rate at its end; `step` multiplies by
 * gamma after each milestone (a share of all steps); `cosine` falls from the rate after warm-up to 0 at the last step's end.
 */
export const learningRateAt = (
  step: number,
  steps: number,
  stepsPerEpoch: number,
  { learningRate, schedule }: Pick<Training, 'learningRate' | 'schedule'>,
): number => {
  const warmup = Math.min(steps, Math.round(schedule.warmupEpochs * stepsPerEpoch));
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  if (schedule.name === 'step') {
    // In whole steps where the product is one but for rounding: 0.55 of 100 steps is 55, not 55.00000000000001.
    const at = (share: number): number => Number((share * steps).toPrecision(12));
    const passed = schedule.milestones.filter((share) => step >= at(share)).length;
    return learningRate * schedule.gamma ** passed;
  }
  if (schedule.name === 'cosine')
    return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - warmup)) / (steps - warmup)));
  return learningRate;
};
