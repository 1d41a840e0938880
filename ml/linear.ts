/** Lower triangle L of a symmetric positive definite n × n matrix A = L·Lᵀ, in place; the upper part is left. */
export function cholesky(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
      if (i !== j) matrix[i * n + j] = sum / matrix[j * n + j];
      else if (sum > 0) matrix[i * n + i] = Math.sqrt(sum);
      else throw new RangeError(`the matrix is not positive definite (row ${i})`);
    }
  }
}

/** Solves L·Lᵀ·x = b in place, given `cholesky`'s result. */
export function choleskySolve(lower: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= lower[i * n + k] * b[k];
    b[i] = sum / lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let k = i + 1; k < n; k++) sum -= lower[k * n + i] * b[k];
    b[i] = sum / lower[i * n + i];
  }
}

/** Inverse of a symmetric positive definite matrix; its argument is overwritten. */
export function invertPositive(matrix: Float64Array, n: number): Float64Array {
  cholesky(matrix, n);
  // L^-1 by forward substitution on the unit vectors, then A^-1 = L^-T·L^-1; rows stay contiguous.
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    inverse[row + i] = 1;
    for (let k = 0; k < i; k++) {
      const factor = matrix[row + k];
      if (factor !== 0) for (let j = 0; j <= k; j++) inverse[row + j] -= factor * inverse[k * n + j];
    }
    for (let j = 0; j <= i; j++) inverse[row + j] /= matrix[row + i];
  }
  const result = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const factor = inverse[k * n + i];
      if (factor !== 0) for (let j = 0; j <= i; j++) result[i * n + j] += factor * inverse[k * n + j];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) result[j * n + i] = result[i * n + j];
  return result;
}
