/** How alike two sets of points are, each share 0..1 but for the density. */
export interface Fidelity {
  /** Share of real points that lie among generated ones (Kynkäänniemi et al. 2019): what the generator leaves out lowers it. */
  readonly recall: number;
  /** Mean number of real balls that a generated point lies in, per neighbour (Naeem et al. 2020); about 1, or above. */
  readonly density: number;
  /** Share of real points with a generated one in their ball (Naeem et al. 2020). */
  readonly coverage: number;
}

function squareDistance(a: Float32Array, i: number, b: Float32Array, j: number, width: number): number {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += (a[i * width + c]! - b[j * width + c]!) ** 2;
  return sum;
}

/** Squared distance of each point to its k-th nearest other one. */
function squareRadii(points: Float32Array, width: number, k: number): Float64Array {
  const count = points.length / width;
  return Float64Array.from({ length: count }, (_, i) => {
    const distances = new Float64Array(count);
    for (let j = 0; j < count; j++) distances[j] = squareDistance(points, i, points, j, width);
    // Place 0 is the point itself.
    return distances.sort()[k]!;
  });
}

/**
 * Recall, density and coverage of generated points against real ones. Balls reach to the k-th nearest neighbour of
 * their centre within its own set. Quadratic in the points.
 *
 * @param real count × width, more than k points
 * @param generated count × width, more than k points
 * @throws RangeError when there are too few points
 */
export function fidelity(real: Float32Array, generated: Float32Array, width: number, k = 5): Fidelity {
  const [n, m] = [real.length / width, generated.length / width];
  if (n <= k || m <= k) throw new RangeError(`${n} real and ${m} generated points are too few for k = ${k}`);
  const realRadii = squareRadii(real, width, k);
  const generatedRadii = squareRadii(generated, width, k);
  const [reached, covered] = [new Uint8Array(n), new Uint8Array(n)];
  let inside = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const distance = squareDistance(real, i, generated, j, width);
      if (distance <= generatedRadii[j]!) reached[i] = 1;
      if (distance > realRadii[i]!) continue;
      covered[i] = 1;
      inside++;
    }
  }
  const share = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / n;
  return { recall: share(reached), density: inside / (k * m), coverage: share(covered) };
}
