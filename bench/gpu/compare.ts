/** One thing that two devices computed. */
export interface Comparison {
  readonly name: string;
  /** || a - b || / || a ||, over all values. */
  readonly difference: number;
  readonly allowed: number;
  readonly isWell: boolean;
}

/** Of the second from the first, relative to the first; infinite where a size differs or a value is not finite in one alone. */
export const relativeDifference = (first: ArrayLike<number>, second: ArrayLike<number>): number => {
  if (first.length !== second.length) return Number.POSITIVE_INFINITY;
  let [apart, size] = [0, 0];
  for (let i = 0; i < first.length; i++) {
    const [a, b] = [first[i]!, second[i]!];
    if (Object.is(a, b) || a === b) {
      if (Number.isFinite(a)) size += a * a;
      continue;
    }
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY;
    apart += (a - b) ** 2;
    size += a * a;
  }
  return apart === 0 ? 0 : Math.sqrt(apart / size);
};

export const compared = (
  name: string,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  allowed: number,
): Comparison => {
  const difference = relativeDifference(first, second);
  return { name, difference, allowed, isWell: difference <= allowed };
};

/**
 * How far two devices may be apart. Ops in float32: sums in another order, 1e-5; TF32 would be 1e-3 and is found out. In bfloat16 each result
 * is rounded to 2^-8. Networks add up their layers' roundings; training adds up its steps'. One ReLU whose input is almost 0 may let its gradient
 * through on one side alone: 2e-3 of the layers before it, and more after five steps.
 */
export const allowances = {
  float32: {
    op: 1e-5,
    embedding: 1e-4,
    loss: 1e-5,
    gradient: 2e-3,
    trained: 1e-2,
    complexity: 1e-4,
    training: 5e-2,
  },
  bfloat16: {
    op: 1e-2,
    embedding: 3e-2,
    loss: 1e-2,
    gradient: 0.2,
    trained: 0.05,
    complexity: 5e-2,
    training: 0.1,
  },
} as const;
