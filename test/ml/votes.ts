import type { VoteTable } from '../../ml/aggregate.ts';
import type { Random } from '../../ml/random.ts';

/** Votes from rows of [song, member, emotion]. */
export function votesOf(
  rows: readonly (readonly [song: number, member: number, emotion: number])[],
  emotionCount: number,
  songCount = Math.max(0, ...rows.map(([song]) => song + 1)),
): VoteTable {
  return {
    songs: Int32Array.from(rows, ([song]) => song),
    members: Int32Array.from(rows, ([, member]) => member),
    emotions: Int32Array.from(rows, ([, , emotion]) => emotion),
    songCount,
    memberCount: Math.max(1, ...rows.map(([, member]) => member + 1)),
    emotionCount,
  };
}

/** A draw from a distribution. */
export function draw(weights: ArrayLike<number>, random: Random): number {
  let rest = random.next();
  for (let e = 0; e < weights.length - 1; e++) {
    rest -= weights[e];
    if (rest < 0) return e;
  }
  return weights.length - 1;
}
