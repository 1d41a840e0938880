/** Mean and concentration of a Dirichlet distribution: its parameters are `concentration * mean[e]`. */
export interface Dirichlet {
  /** Sums to 1. */
  readonly mean: Float64Array;
  /** > 0: how many votes the mean is worth. */
  readonly concentration: number;
}

/** ln Γ(x) for x > 0: Stirling's series (Abramowitz & Stegun 6.1.40) above 7, the recurrence below. */
export function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < 7) product *= shifted++;
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.9189385332046727 + series - Math.log(product);
}

/** ψ(x), the derivative of ln Γ, for x > 0 (Abramowitz & Stegun 6.3.18 above 6, the recurrence below). */
export function digamma(x: number): number {
  let shifted = x;
  let sum = 0;
  while (shifted < 6) sum -= 1 / shifted++;
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)));
  return sum + Math.log(shifted) - 0.5 * inverse - series;
}

/**
 * How likely it is to draw exactly these counts, in this order, from a distribution that was itself drawn from a
 * symmetric Dirichlet: the logarithm of the Dirichlet-multinomial.
 * @param total parameters' sum, > 0
 */
export function logSymmetricMarginal(
  counts: ArrayLike<number>,
  offset: number,
  size: number,
  total: number,
): number {
  const each = total / size;
  let sum = 0;
  let log = 0;
  for (let e = 0; e < size; e++) {
    const count = counts[offset + e];
    if (count <= 0) continue;
    sum += count;
    log += logGamma(count + each) - logGamma(each);
  }
  return log + logGamma(total) - logGamma(sum + total);
}

/**
 * The concentration has a Gamma(5, 1) prior, whose mode, 4, is of the size that listeners' votes show (6 to 7 on the
 * Emotify annotations). It decides only where the data say next to nothing, e.g. with one vote a song.
 */
const CONCENTRATION_SHAPE = 5;
const CONCENTRATION_RATE = 1;
/** Pseudo-draws of each emotion that the mean starts with: none is impossible because nobody chose it yet. */
const MEAN_PSEUDO_DRAWS = 1;

/** Rows enough to know two handfuls of numbers; more only cost time. */
const MAX_ROWS = 5000;

/**
 * One step towards the Dirichlet from which the rows' distributions were drawn, by the Dirichlet-multinomial's
 * marginal likelihood: the fixed point of Minka (2000), "Estimating a Dirichlet distribution", eq. 55, with a
 * prior on the mean and the concentration. Each step raises the posterior density, so repeat until it settles.
 * Beyond {@link MAX_ROWS} rows an evenly spaced part of them is read.
 * @param counts rows × emotions, ≥ 0, need not be whole; rows of zeros tell nothing
 */
export function improveDirichlet(counts: ArrayLike<number>, current: Dirichlet): Dirichlet {
  const size = current.mean.length;
  const rows = size === 0 ? 0 : counts.length / size;
  const stride = Math.max(1, Math.floor(rows / MAX_ROWS));
  const { concentration } = current;
  const parameters = current.mean.map((value) => value * concentration);
  const bases = parameters.map(digamma);
  const base = digamma(concentration);
  // Expected draws that were "new" rather than repeats, per emotion and in all.
  const fresh = new Float64Array(size);
  let rate = 0;
  for (let row = 0; row < rows; row += stride) {
    let total = 0;
    for (let e = 0; e < size; e++) {
      const count = counts[row * size + e];
      if (count <= 0) continue;
      total += count;
      fresh[e] += parameters[e] * (digamma(count + parameters[e]) - bases[e]);
    }
    if (total > 0) rate += digamma(total + concentration) - base;
  }
  let all = 0;
  for (const value of fresh) all += value;
  const mean = fresh.map((value) => (value + MEAN_PSEUDO_DRAWS) / (all + MEAN_PSEUDO_DRAWS * size));
  return { mean, concentration: (all + CONCENTRATION_SHAPE - 1) / (rate + CONCENTRATION_RATE) };
}

/** Steps from nothing after which the Dirichlet moves by a few percent at most. */
const STEPS = 20;

/** The Dirichlet from which the rows' distributions were drawn, nearly: {@link STEPS} of {@link improveDirichlet}. */
export function fitDirichlet(counts: ArrayLike<number>, size: number): Dirichlet {
  let current: Dirichlet = { mean: new Float64Array(size).fill(1 / size), concentration: 1 };
  for (let step = 0; step < STEPS; step++) current = improveDirichlet(counts, current);
  return current;
}
