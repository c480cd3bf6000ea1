import { isTrained, type StateDict, type WeightSpec } from '../models/weights.ts';

/** `adaptive` measures the step relative to each weight's size, `plain` in the weights' own units. */
export type SharpnessKind = 'adaptive' | 'plain';

/** Gradient of the loss by weight name, in the weights' layout; a weight that the loss does not depend on may be missing. */
export type Gradient = ReadonlyMap<string, Float64Array>;

export interface AscentStep {
  /** The weights after the step; running statistics are the same ones. */
  readonly weights: StateDict;
  /** How fast the loss rises with the step's length, at its start: ||T g||. */
  readonly slope: number;
}

/**
 * One step of length rho up the gradient g, as in sharpness-aware minimisation: w + rho T^2 g / ||T g||, the maximiser of the
 * loss's linear part where ||T^-1 (step)|| <= rho. `plain`: T = 1 (Foret et al. 2021); `adaptive`: T = |w| by entry (Kwon et
 * al. 2021, ASAM, with eta = 0), so that it does not change where layers are rescaled without changing the function. Null where T g
 * is 0 or not finite.
 */
export const ascentStep = (
  specs: readonly WeightSpec[],
  weights: StateDict,
  gradient: Gradient,
  { kind, rho }: { readonly kind: SharpnessKind; readonly rho: number },
): AscentStep | null => {
  const scaleOf = (weight: number): number => (kind === 'adaptive' ? Math.abs(weight) : 1);
  const moved = specs.filter((spec) => isTrained(spec) && gradient.has(spec.name));
  let squares = 0;
  for (const { name } of moved) {
    const slopes = gradient.get(name)!;
    for (const [i, weight] of weights.get(name)!.values.entries())
      squares += (scaleOf(weight) * slopes[i]!) ** 2;
  }
  const slope = Math.sqrt(squares);
  if (!(slope > 0 && slope < Number.POSITIVE_INFINITY)) return null;
  const after = new Map(weights);
  for (const { name } of moved) {
    const { shape, values } = weights.get(name)!;
    const slopes = gradient.get(name)!;
    const stepped = values.map((weight, i) => weight + (rho / slope) * scaleOf(weight) ** 2 * slopes[i]!);
    after.set(name, { shape, values: stepped });
  }
  return { weights: after, slope };
};
