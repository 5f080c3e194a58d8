/** A small square matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

/**
 * Inverse by Gauss-Jordan elimination with partial pivoting. Meant for a handful of rows. null when
 * the matrix is singular: a pivot is below 1e-12 of the largest entry of its column.
 */
export function invertMatrix(matrix: Matrix): number[][] | null {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [
    ...row,
    ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)),
  ]);
  for (let column = 0; column < size; column++) {
    const largest = Math.max(...matrix.map((row) => Math.abs(row[column] ?? 0)));
    let best = column;
    for (let i = column + 1; i < size; i++) {
      if (Math.abs(rows[i]?.[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0)) best = i;
    }
    const pivotRow = rows[best] ?? [];
    const pivot = pivotRow[column] ?? 0;
    if (!(Math.abs(pivot) > 1e-12 * largest)) return null;
    rows[best] = rows[column] ?? [];
    const scaled = pivotRow.map((value) => value / pivot);
    rows[column] = scaled;
    rows.forEach((row, i) => {
      const factor = row[column] ?? 0;
      if (i === column || factor === 0) return;
      rows[i] = row.map((value, j) => value - factor * (scaled[j] ?? 0));
    });
  }
  return rows.map((row) => row.slice(size));
}

/** Matrix times vector. */
export function multiply(matrix: Matrix, vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

/** Sum of the products of two vectors of one length. */
export function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? 0), 0);
}
