/** Mean and orthogonal axes (rows, d × d) of some points, widest first. */
export interface Rotation {
  readonly mean: Float64Array;
  readonly axes: Float64Array;
}

/** The axes along which some points spread most (principal component analysis). n × d, row-major. */
export function principalRotation(points: Float32Array, n: number, d: number): Rotation {
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) mean[c] += points[i * d + c] / n;
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  // The axes need not be exact, only orthogonal: a sample of the points tells them well enough.
  const step = Math.max(1, Math.floor(n / 20_000));
  for (let i = 0; i < n; i += step) {
    for (let c = 0; c < d; c++) row[c] = points[i * d + c] - mean[c];
    for (let a = 0; a < d; a++) for (let b = 0; b <= a; b++) covariance[a * d + b] += row[a] * row[b];
  }
  for (let a = 0; a < d; a++) for (let b = 0; b < a; b++) covariance[b * d + a] = covariance[a * d + b];
  return { mean, axes: principalAxes(covariance, d) };
}

/** Points of the original space on other axes: a rotation, so distances stay what they are. */
export function rotate(points: Float32Array, n: number, { mean, axes }: Rotation): Float32Array {
  const d = mean.length;
  const row = new Float64Array(d);
  const rotated = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < d; c++) row[c] = points[i * d + c] - mean[c];
    for (let a = 0; a < d; a++) {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += axes[a * d + c] * row[c];
      rotated[i * d + a] = sum;
    }
  }
  return rotated;
}

/**
 * Eigenvectors of a symmetric d × d matrix as rows, largest eigenvalue first (cyclic Jacobi rotations;
 * Golub & Van Loan, "Matrix Computations", 8.5). Destroys its argument.
 */
function principalAxes(matrix: Float64Array, d: number): Float64Array {
  const vectors = new Float64Array(d * d);
  for (let i = 0; i < d; i++) vectors[i * d + i] = 1;
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let p = 0; p < d; p++) {
      diagonal += matrix[p * d + p] ** 2;
      for (let q = 0; q < p; q++) off += matrix[p * d + q] ** 2;
    }
    if (off <= 1e-20 * diagonal) break;
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        const apq = matrix[p * d + q];
        if (apq === 0) continue;
        const tau = (matrix[q * d + q] - matrix[p * d + p]) / (2 * apq);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const cos = 1 / Math.sqrt(1 + t * t);
        const sin = t * cos;
        for (let i = 0; i < d; i++) {
          const ip = matrix[i * d + p];
          const iq = matrix[i * d + q];
          matrix[i * d + p] = cos * ip - sin * iq;
          matrix[i * d + q] = sin * ip + cos * iq;
        }
        for (let i = 0; i < d; i++) {
          const pi = matrix[p * d + i];
          const qi = matrix[q * d + i];
          matrix[p * d + i] = cos * pi - sin * qi;
          matrix[q * d + i] = sin * pi + cos * qi;
          const vp = vectors[p * d + i];
          const vq = vectors[q * d + i];
          vectors[p * d + i] = cos * vp - sin * vq;
          vectors[q * d + i] = sin * vp + cos * vq;
        }
      }
    }
  }
  const ranked = Array.from({ length: d }, (_, i) => i).sort((a, b) => matrix[b * d + b] - matrix[a * d + a]);
  const sorted = new Float64Array(d * d);
  ranked.forEach((from, to) => {
    sorted.set(vectors.subarray(from * d, (from + 1) * d), to * d);
  });
  return sorted;
}
