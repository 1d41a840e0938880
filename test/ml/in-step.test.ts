import { describe, expect, it } from 'vitest';
import { groupVotes } from '../../ml/aggregate.ts';
import { countAsOne, findInStep } from '../../ml/in-step.ts';
import { feelingLabels } from '../../ml/label-votes.ts';
import { createRandom } from '../../ml/random.ts';
import { facts, feelings } from './simulate.ts';
import { votesOf } from './votes.ts';

const CROWD = { songs: 200, listeners: 50, emotions: 6, perSong: 8 };

/** Accounts that all give what one script says, right or wrong as it may be. */
const scripted = (accounts: number, script: (song: number) => number) =>
  Array.from({ length: accounts }, () => (_i: number, song: number) => script(song));

describe('accounts in step', () => {
  it.each([2, 10, 40])('are found, %i of them, and nobody else', (accounts) => {
    const spammers = scripted(accounts, (song) => (song * 7 + (song >> 2)) % 6);
    const { table } = feelings({ ...CROWD, spammers, spamVotes: 120 }, createRandom(1));
    const { leaders } = feelingLabels(table);
    const found = Array.from(leaders, (leader, m) => (leader === m ? -1 : leader));
    expect(found.slice(0, 51).every((leader) => leader < 0)).toBe(true);
    expect(found.slice(51)).toEqual(new Array(accounts - 1).fill(50));
  });

  it('do not move a label more than one account would', () => {
    const script = (song: number) => (song * 7 + (song >> 2)) % 6;
    const shares = [1, 30].map((accounts) => {
      const crowd = { ...CROWD, spammers: scripted(accounts, script), spamVotes: 200 };
      return feelingLabels(feelings(crowd, createRandom(4)).table).shares;
    });
    const difference = shares[0].reduce((sum, share, at) => sum + Math.abs(share - shares[1][at]), 0);
    expect(difference / shares[0].length).toBeLessThan(0.01);
  });

  it('are not seen where songs are clear to everybody, where listeners are good, or where each has one emoji', () => {
    const clear = feelings({ ...CROWD, concentration: 0.3 }, createRandom(2)).table;
    const good = facts(CROWD, () => 0.95, createRandom(2)).table;
    const spammers = Array.from({ length: 30 }, (_, m) => () => m % 6);
    const constant = feelings({ ...CROWD, spammers, spamVotes: 100 }, createRandom(2)).table;
    for (const table of [clear, good, constant]) {
      const { leaders } = feelingLabels(table);
      expect(leaders.every((leader, m) => leader === m)).toBe(true);
    }
  });

  it('share one voice on the songs where several of them voted', () => {
    const rows = [
      [0, 0, 1],
      [0, 1, 1],
      [0, 2, 0],
      [0, 3, 2],
      [1, 1, 0],
    ] as const;
    const merged = countAsOne(groupVotes(votesOf(rows, 3)), Int32Array.from([0, 0, 0, 3]));
    expect(Array.from(merged.members)).toEqual([3, 0, 0, 0]);
    expect(Array.from(merged.voices ?? [])).toEqual([1, 2 / 3, 1 / 3, 1]);
  });

  it('need six songs in common: chance is no step', () => {
    const rows = [0, 1, 2, 3, 4].flatMap((song) => [
      [song, 0, song % 3],
      [song, 1, song % 3],
    ]) as [number, number, number][];
    const prior = { mean: Float64Array.from([1 / 3, 1 / 3, 1 / 3]), concentration: 3 };
    expect(Array.from(findInStep(groupVotes(votesOf(rows, 3)), 2, prior))).toEqual([0, 1]);
  });
});
