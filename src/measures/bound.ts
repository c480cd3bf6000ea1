import { InputError } from '../input-error.ts';
import type { NeuralCollapseRecord } from './record.ts';

/** What the bound is of, in words: with unbalanced classes the share of all examples that are wrong can be above it. */
export const cdnvBoundMeaning = '4 (k-1) CDNV, of the error on the population, averaged over classes';

/**
 * Bound of the nearest-mean classifier's error, averaged over k classes with known means: 4 (k-1) mean CDNV; above 1 it says nothing. An example of class
 * i goes to j only where ||x - mu_i|| >= ||mu_i - mu_j|| / 2 (triangle inequality); by Markov's inequality this has
 * probability at most 4 Var_i / ||mu_i - mu_j||^2; sum over j, average over i. About populations: sample means of small
 * classes can break it. Galanti, Gyorgy, Hutter 2022 state the same with other constants.
 */
export function cdnvBound(cdnv: number, classes: number): number {
  if (!(cdnv >= 0)) throw new InputError(`bound: CDNV is ${cdnv}; allowed are numbers from 0`);
  if (!(classes >= 2)) throw new InputError(`bound: ${classes} classes; at least 2 are needed`);
  return 4 * (classes - 1) * cdnv;
}

/** Bounds of the nearest-mean classifier's error; the one by geometric collapse only where rho is given. */
export interface Bounds {
  readonly cdnv: number | null;
  readonly geometricCollapse: number | null;
  readonly rho: number | null;
  readonly rhoFloor: number | null;
}

/** The bounds of measured collapse; `rhoFloor` is what the classes' Poincare constant is at least, null where that is not known. */
export const boundsOf = (
  { cdnv, geometricCollapse, classes }: Pick<NeuralCollapseRecord, 'cdnv' | 'geometricCollapse' | 'classes'>,
  rhoFloor: number | null,
  rho: number | null,
): Bounds => ({
  cdnv: cdnv === null ? null : cdnvBound(cdnv, classes),
  geometricCollapse:
    geometricCollapse === null || rho === null ? null : cdnvBound(rho * geometricCollapse, classes),
  rho,
  rhoFloor,
});
