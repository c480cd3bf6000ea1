/** What a checkpoint knows of the steps behind it. */
export interface Path {
  readonly step: number;
  /** Sum over all steps of the squared norm of the batch loss's gradient; null or absent where an older version made some of them. */
  readonly pathSquaredNorm?: number | null | undefined;
}

/**
 * Mean over all steps so far of the squared norm of the batch loss's gradient with respect to the trained weights: the flatness of the
 * learning path, after Munn, Dherin and Gonzalvo (2024), reconstructed. Null before the first step, and where the sum is not known.
 */
export const pathFlatness = ({ step, pathSquaredNorm = null }: Path): number | null =>
  step === 0 || pathSquaredNorm === null ? null : pathSquaredNorm / step;
