/** A mean of independent terms; `standardError` is null where one term makes it undefined. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number | null;
  readonly ci95: readonly [number, number] | null;
}

/** Mean of independent values with Student's 95 % interval; null bounds for a single value. */
export function meanWithInterval(values: ArrayLike<number>): Estimate {
  const count = values.length;
  let value = 0;
  for (let i = 0; i < count; i++) value += values[i]!;
  value /= count;
  if (count < 2) return { value, standardError: null, ci95: null };
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - value) ** 2;
  const standardError = Math.sqrt(squares / (count - 1) / count);
  const half = studentQuantile(count - 1) * standardError;
  return { value, standardError, ci95: [value - half, value + half] };
}

/** The 97.5 % quantile of Student's t, by bisection. */
export function studentQuantile(freedom: number): number {
  let low = 1.9;
  let high = 12.8;
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (studentWithin(middle, freedom) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(|T| <= t) for whole degrees of freedom: the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4. */
function studentWithin(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  const odd = freedom % 2;
  let term = odd === 1 ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = 2 + odd; k < freedom; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return odd === 1 ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
