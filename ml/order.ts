/** What an order of n things costs: thing a at place i, and thing b right after thing a. Both n × n. */
export interface OrderCosts {
  readonly size: number;
  readonly place: Float64Array;
  readonly step: Float64Array;
}

/** Cost of the whole order. */
export function orderCost(order: Int32Array, { size, place, step }: OrderCosts): number {
  let sum = 0;
  for (let i = 0; i < order.length; i++) {
    sum += place[order[i] * size + i];
    if (i > 0) sum += step[order[i - 1] * size + order[i]];
  }
  return sum;
}

/** A start: at each place the thing that costs least there and after the one before it. */
export function greedyOrder({ size, place, step }: OrderCosts): Int32Array {
  const order = new Int32Array(size);
  const used = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let a = 0; a < size; a++) {
      if (used[a] === 1) continue;
      const cost = place[a * size + i] + (i === 0 ? 0 : step[order[i - 1] * size + a]);
      if (best < 0 || cost < least) {
        best = a;
        least = cost;
      }
    }
    order[i] = best;
    used[best] = 1;
  }
  return order;
}

/**
 * Improves an order in place until nothing helps: reversals of a stretch (2-opt, Croes 1958) and swaps of two
 * things. Never makes it worse. About n³ per round, n ≤ 100.
 */
export function improveOrder(order: Int32Array, costs: OrderCosts, rounds = 20): Int32Array {
  const { size, place, step } = costs;
  const n = order.length;
  const at = (i: number): number => order[i];
  const between = (a: number, b: number): number => step[a * size + b];
  const swapCost = (i: number): number =>
    place[at(i) * size + i] +
    (i > 0 ? between(at(i - 1), at(i)) : 0) +
    (i + 1 < n ? between(at(i), at(i + 1)) : 0);
  const exchange = (i: number, j: number): void => {
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  };
  const pairCost = (i: number, j: number): number =>
    swapCost(i) + swapCost(j) - (j === i + 1 ? between(at(i), at(j)) : 0);

  const stretchCost = (i: number, j: number): number => {
    let sum = i > 0 ? between(at(i - 1), at(i)) : 0;
    for (let p = i; p <= j; p++) {
      sum += place[at(p) * size + p];
      if (p + 1 < n) sum += between(at(p), at(p + 1));
    }
    return sum;
  };
  const reverse = (i: number, j: number): void => {
    for (let low = i, high = j; low < high; low++, high--) exchange(low, high);
  };

  for (let round = 0; round < rounds; round++) {
    let improved = false;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const before = pairCost(i, j);
        exchange(i, j);
        if (pairCost(i, j) < before - 1e-9) improved = true;
        else exchange(i, j);
        if (j === i + 1) continue;
        const straight = stretchCost(i, j);
        reverse(i, j);
        if (stretchCost(i, j) < straight - 1e-9) improved = true;
        else reverse(i, j);
      }
    }
    if (!improved) break;
  }
  return order;
}
