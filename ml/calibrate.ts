/** What turns scores into probabilities: p ∝ factors · score^power. JSON-able. */
export interface Calibration {
  /** Per class, ≥ 0. */
  readonly factors: readonly number[];
  /** Above 1 where the scores were too shy, below 1 where too bold. */
  readonly power: number;
}

/** Rows whose true labels are known, and what was said of them without looking at those. */
export interface Checked {
  /** rows × classes, each row sums to 1. */
  readonly said: Float32Array;
  /** rows × classes, each row sums to 1. */
  readonly truth: Float32Array;
  /** How much each row counts. */
  readonly weights: Float32Array;
}

const ROUNDS = 30;
/** Beyond this a factor would no longer weigh what was said, but invent a class that was next to never said. */
const MOST_FACTOR = 1e12;

/**
 * Factors by which the classes must be multiplied, each row summing to 1 again, so that the mean over the rows
 * becomes the mean of the truth: iterative scaling (Saerens, Latinne & Decaestecker 2002, turned round: there the
 * mix is sought, here it is known). Without it, classes that are common among a few labels swallow the rare ones.
 * Factors have a geometric mean of 1 over the classes that occur; a class that never occurs has 0.
 */
export function matchMix({ said, truth, weights }: Checked, classes: number): number[] {
  const target = meanRow(truth, weights, classes);
  const factors: number[] = target.map((share) => (share > 0 ? 1 : 0));
  const scaled = new Float32Array(said.length);
  for (let round = 0; round < ROUNDS; round++) {
    scaled.set(said);
    applyCalibration(scaled, { factors, power: 1 });
    const mean = meanRow(scaled, weights, classes);
    for (let e = 0; e < classes; e++) {
      if (target[e] === 0 || !(mean[e] > 0)) continue;
      factors[e] = Math.min(MOST_FACTOR, Math.max(1 / MOST_FACTOR, (factors[e] * target[e]) / mean[e]));
    }
  }
  const present = factors.filter((factor) => factor > 0);
  const middle = Math.exp(
    present.reduce((sum, factor) => sum + Math.log(factor), 0) / Math.max(1, present.length),
  );
  return factors.map((factor) => factor / middle);
}

function meanRow(rows: Float32Array, weights: Float32Array, classes: number): number[] {
  const mean = new Array<number>(classes).fill(0);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    total += weights[i];
    for (let e = 0; e < classes; e++) mean[e] += weights[i] * rows[i * classes + e];
  }
  return mean.map((sum) => (total > 0 ? sum / total : 0));
}

/** In place: multiplies each row's powers by the factors and makes it sum to 1; a row of zeros becomes uniform. */
export function applyCalibration(probabilities: Float32Array, { factors, power }: Calibration): void {
  const classes = factors.length;
  const row = new Float64Array(classes);
  for (let at = 0; at < probabilities.length; at += classes) {
    let top = 0;
    for (let e = 0; e < classes; e++) if (probabilities[at + e] > top) top = probabilities[at + e];
    let sum = 0;
    for (let e = 0; e < classes; e++) {
      const share = top === 0 ? 0 : probabilities[at + e] / top;
      row[e] = factors[e] * (power === 1 ? share : share ** power);
      sum += row[e];
    }
    for (let e = 0; e < classes; e++) probabilities[at + e] = sum > 0 ? row[e] / sum : 1 / classes;
  }
}

/**
 * The power (temperature scaling, Guo, Pleiss, Sun & Weinberger 2017) under which the truth is likeliest, drawn
 * towards a usual one while few rows are known: it minimises the mean log loss · weight + (ln power − ln usual)² ·
 * `trust`, by golden section.
 * @param trust rows' worth of evidence that the usual power has
 */
export function fitPower(
  { said, truth, weights }: Checked,
  factors: readonly number[],
  { usual, trust }: { readonly usual: number; readonly trust: number },
): number {
  const scaled = new Float32Array(said.length);
  const loss = (log: number): number => {
    scaled.set(said);
    applyCalibration(scaled, {
      factors: factors.map((factor) => factor ** Math.exp(log)),
      power: Math.exp(log),
    });
    let sum = trust * (log - Math.log(usual)) ** 2;
    const classes = factors.length;
    for (let i = 0; i < weights.length; i++) {
      for (let e = 0; e < classes; e++) {
        const share = truth[i * classes + e];
        if (share > 0) sum -= weights[i] * share * Math.log(Math.max(1e-4, scaled[i * classes + e]));
      }
    }
    return sum;
  };
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.25);
  let high = Math.log(6);
  let a = high - golden * (high - low);
  let b = low + golden * (high - low);
  let [lossA, lossB] = [loss(a), loss(b)];
  for (let step = 0; step < 30; step++) {
    if (lossA < lossB) {
      [high, b, lossB] = [b, a, lossA];
      a = high - golden * (high - low);
      lossA = loss(a);
    } else {
      [low, a, lossA] = [a, b, lossB];
      b = low + golden * (high - low);
      lossB = loss(b);
    }
  }
  return Math.exp((low + high) / 2);
}
