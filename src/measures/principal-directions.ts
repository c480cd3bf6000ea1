/** Right singular vectors of a matrix, the largest singular value first. */
export interface PrincipalDirections {
  readonly singularValues: Float64Array;
  /** [rank, columns]: orthonormal rows. */
  readonly directions: Float64Array;
}

/**
 * Singular value decomposition of a [rows, columns] matrix by one-sided Jacobi rotations of its rows (Hestenes 1958; Golub
 * and Van Loan, section 8.6.3): the eigenproblem of the rows x rows Gram matrix without squaring its condition number, so that small
 * singular values keep their digits. At most `maximumRank` are kept, and none whose square is below max(rows, columns) * epsilon
 * times the largest: on the squares, the rule of NumPy's pinv with rtol=None (its default is 1e-15), near float32's resolution.
 */
export function principalDirections(
  matrix: Float64Array,
  columns: number,
  maximumRank: number,
): PrincipalDirections {
  const rows = matrix.length / columns;
  const rotated = Array.from({ length: rows }, (_, r) => matrix.slice(r * columns, (r + 1) * columns));
  for (let rotations = 1, sweep = 0; rotations > 0 && sweep < 60; sweep++) {
    rotations = 0;
    for (let p = 0; p < rows; p++)
      for (let q = p + 1; q < rows; q++) if (rotate(rotated[p]!, rotated[q]!)) rotations++;
  }
  const sorted = rotated
    .map((row) => ({ row, square: squaredNorm(row) }))
    .sort((a, b) => b.square - a.square)
    .slice(0, maximumRank);
  const cutoff = Math.max(rows, columns) * Number.EPSILON * (sorted[0]?.square ?? 0);
  const kept = sorted.filter(({ square }) => square > cutoff);
  const directions = new Float64Array(kept.length * columns);
  kept.forEach(({ row, square }, k) => {
    directions.set(
      row.map((value) => value / Math.sqrt(square)),
      k * columns,
    );
  });
  return { singularValues: Float64Array.from(kept, ({ square }) => Math.sqrt(square)), directions };
}

const squaredNorm = (row: Float64Array): number => row.reduce((sum, value) => sum + value * value, 0);

/** Makes two rows orthogonal in place; false where they were. */
function rotate(a: Float64Array, b: Float64Array): boolean {
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let k = 0; k < a.length; k++) {
    aa += a[k]! * a[k]!;
    bb += b[k]! * b[k]!;
    ab += a[k]! * b[k]!;
  }
  // A cosine of 1e-14: what rounding leaves of the inner product of rows that are orthogonal.
  if (ab * ab <= 1e-28 * aa * bb) return false;
  const zeta = (bb - aa) / (2 * ab);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let k = 0; k < a.length; k++) {
    const old = a[k]!;
    a[k] = cosine * old - sine * b[k]!;
    b[k] = sine * old + cosine * b[k]!;
  }
  return true;
}
