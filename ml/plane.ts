/** A place on the emotion plane (Russell 1980), both in [-1, 1]. */
export interface PlanePoint {
  readonly valence: number;
  readonly arousal: number;
}

/**
 * Where songs lie on the plane: the expectation of their emotions' coordinates.
 * @param profiles rows × emotions.length, each row a distribution
 * @returns one coordinate per row; a row of zeros lies at the origin
 */
export function planeOf(
  profiles: Float32Array,
  emotions: readonly PlanePoint[],
): { valence: Float32Array; arousal: Float32Array } {
  const c = emotions.length;
  const rows = c === 0 ? 0 : Math.floor(profiles.length / c);
  const valence = new Float32Array(rows);
  const arousal = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let v = 0;
    let a = 0;
    for (let e = 0; e < c; e++) {
      const share = profiles[r * c + e];
      v += share * emotions[e].valence;
      a += share * emotions[e].arousal;
    }
    valence[r] = v;
    arousal[r] = a;
  }
  return { valence, arousal };
}
