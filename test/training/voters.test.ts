import { describe, expect, test } from 'vitest';
import { feelingLabels } from '../../ml/label-votes.ts';
import { createRandom } from '../../ml/random.ts';
import { labelNow, parseVoters, votersOf } from '../../src/training/voters.ts';
import { feelings } from '../ml/simulate.ts';

const EMOTIONS = ['happy', 'energetic', 'angry', 'sad', 'calm', 'tender'];
const CROWD = { songs: 120, listeners: 40, emotions: 6, perSong: 7 };
const idOf = (member: number) => `member-${member}-of-the-house`;

/** A crowd with spammers and accounts in step, as a training run sees it, and as it is read back from a model. */
function trained() {
  const spammers = [
    ...Array.from({ length: 8 }, (_, m) => () => m % 6),
    ...Array.from({ length: 5 }, () => (_i: number, song: number) => (song * 7 + (song >> 2)) % 6),
  ];
  const { table } = feelings({ ...CROWD, spammers, spamVotes: 60 }, createRandom(3));
  const labels = feelingLabels(table);
  const ids = Array.from({ length: table.memberCount }, (_, m) => idOf(m));
  const written = JSON.stringify(votersOf(labels, ids));
  const votesOn = (song: number) =>
    Array.from(table.songs.keys())
      .filter((row) => table.songs[row] === song)
      .map((row) => ({ memberId: idOf(table.members[row]), emotion: EMOTIONS[table.emotions[row]] }));
  return { labels, written, voters: parseVoters(JSON.parse(written), 6)!, votesOn };
}

describe('the weights that are kept with a model', () => {
  const { labels, written, voters, votesOn } = trained();

  test('give each song the label that the run gave it', () => {
    for (let song = 0; song < CROWD.songs; song++) {
      const now = labelNow(voters, EMOTIONS, votesOn(song));
      expect(now.primary[0]).toBe(EMOTIONS[labels.primary[song]]);
      expect(now.primary[1]).toBe(EMOTIONS[labels.secondary[song]]);
      expect(now.confidence).toBeCloseTo(labels.confidence[song], 6);
      for (let e = 0; e < 6; e++) expect(now.distribution[e]).toBeCloseTo(labels.shares[song * 6 + e], 6);
    }
  });

  test('move the label at once with one more vote, also of a member whom the run did not know', () => {
    const before = labelNow(voters, EMOTIONS, votesOn(0));
    const [first] = before.primary;
    const after = labelNow(voters, EMOTIONS, [...votesOn(0), { memberId: 'new', emotion: first }]);
    expect(after.confidence).toBeGreaterThan(before.confidence);
    expect(after.votesNeeded ?? 99).toBeLessThanOrEqual(before.votesNeeded ?? 99);
  });

  test('name nobody: neither ids nor the members who listen are in them', () => {
    expect(written).not.toContain('of-the-house');
    const lessThanFull = labels.weights.filter((weight, m) => weight < 1 || labels.leaders[m] >= 48);
    expect(Object.keys(voters.members)).toHaveLength(lessThanFull.length);
    expect(lessThanFull.length).toBeLessThan(30);
  });

  test('are under another name in every model', () => {
    const other = votersOf(
      labels,
      Array.from({ length: 53 }, (_, m) => idOf(m)),
    );
    const names = new Set(Object.keys(voters.members));
    expect(Object.keys(other.members).some((name) => names.has(name))).toBe(false);
  });

  test('pass over emotions that the model does not know, and take imported labels along', () => {
    expect(labelNow(voters, EMOTIONS, [{ memberId: 'a', emotion: 'bored' }])).toMatchObject({
      primary: [],
      confidence: 0,
      clear: false,
    });
    expect(labelNow(voters, EMOTIONS, [], { sad: 6, bored: 3 }).primary).toEqual(['sad']);
  });

  test('are refused where they are damaged or made for other emotions', () => {
    expect(parseVoters(JSON.parse(written), 5)).toBeUndefined();
    expect(parseVoters({ ...voters, members: { a: [2] } }, 6)).toBeUndefined();
    const facts = { kind: 'fact', classPrior: voters.songs.mean, pooled: Array(36).fill(1 / 6) };
    expect(parseVoters({ ...voters, songs: facts }, 6)).toBeUndefined();
    expect(parseVoters(null, 6)).toBeUndefined();
  });
});
