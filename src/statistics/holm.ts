/**
 * Holm's step-down values for several tests at once: with them, the chance of one or more false verdicts among all stays at the
 * level. p_(i) times the number of tests not yet passed, never falling, at most 1 (Holm, Scand. J. Statist. 6, 1979).
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  order.forEach((index, passed) => {
    least = Math.max(least, Math.min(1, pValues[index]! * (pValues.length - passed)));
    adjusted[index] = least;
  });
  return adjusted;
}
