import type { VoteTable } from '../../ml/aggregate.ts';
import type { Random } from '../../ml/random.ts';
import { draw, votesOf } from './votes.ts';

/** Gamma(shape, 1) by Marsaglia & Tsang (2000). */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random.next() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A draw from a Dirichlet distribution. */
export function dirichlet(parameters: readonly number[], random: Random): number[] {
  const values = parameters.map((parameter) => gamma(parameter, random) + 1e-12);
  const sum = values.reduce((a, b) => a + b);
  return values.map((value) => value / sum);
}

export interface Crowd {
  readonly songs: number;
  readonly listeners: number;
  readonly emotions: number;
  /** Votes of listeners per song. */
  readonly perSong: number;
  /** Of the Dirichlet from which songs are drawn; 3 unless given. */
  readonly concentration?: number;
  /** Per spammer the emotion of vote number i. Each votes on `spamVotes` songs. */
  readonly spammers?: readonly ((i: number, song: number, random: Random) => number)[];
  readonly spamVotes?: number;
}

/** Songs that are distributions, listeners whose votes are drawn from them, and spammers behind the listeners. */
export function feelings(crowd: Crowd, random: Random): { table: VoteTable; truth: number[][] } {
  const { songs, listeners, emotions, perSong, concentration = 3, spammers = [], spamVotes = 40 } = crowd;
  const truth = Array.from({ length: songs }, () =>
    dirichlet(new Array<number>(emotions).fill(concentration / emotions), random),
  );
  const everybody = Array.from({ length: listeners }, (_, m) => m);
  const rows = truth.flatMap((shares, song) =>
    random
      .shuffle([...everybody])
      .slice(0, perSong)
      .map((member): [number, number, number] => [song, member, draw(shares, random)]),
  );
  for (const [s, vote] of spammers.entries()) {
    const order = random.shuffle(truth.map((_, song) => song)).slice(0, spamVotes);
    for (const [i, song] of order.entries()) rows.push([song, listeners + s, vote(i, song, random)]);
  }
  return { table: votesOf(rows, emotions, songs), truth };
}

/** Songs with one true emotion, and members who name it as often as their skill says, else any other. */
export function facts(
  crowd: Omit<Crowd, 'spammers'>,
  skill: (random: Random) => number,
  random: Random,
): { table: VoteTable; truth: number[] } {
  const { songs, listeners, emotions, perSong } = crowd;
  const skills = Array.from({ length: listeners }, () => skill(random));
  const everybody = skills.map((_, m) => m);
  const truth = Array.from({ length: songs }, () => random.integer(emotions));
  const rows = truth.flatMap((emotion, song) =>
    random
      .shuffle([...everybody])
      .slice(0, perSong)
      .map((member): [number, number, number] => [
        song,
        member,
        random.next() < skills[member] ? emotion : random.integer(emotions),
      ]),
  );
  return { table: votesOf(rows, emotions, songs), truth };
}
