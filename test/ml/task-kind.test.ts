import { describe, expect, it } from 'vitest';
import { groupVotes, type VoteTable } from '../../ml/aggregate.ts';
import { createRandom } from '../../ml/random.ts';
import { recogniseTask } from '../../ml/task-kind.ts';
import { facts, feelings } from './simulate.ts';
import { votesOf } from './votes.ts';

const CROWD = { songs: 240, listeners: 60, emotions: 6, perSong: 8 };

const recognise = (table: VoteTable, seed = 1) =>
  recogniseTask(
    groupVotes(table),
    new Float64Array(table.memberCount).fill(1),
    table.emotionCount,
    createRandom(seed),
  );

describe('the kind of a task', () => {
  it.each([
    {},
    { concentration: 0.3 },
    { concentration: 8 },
    { perSong: 3 },
    { perSong: 20 },
    { emotions: 2 },
    { songs: 60, listeners: 20 },
  ])('is a feeling where songs are distributions: %j', (change) => {
    for (const seed of [1, 2, 3]) {
      expect(recognise(feelings({ ...CROWD, ...change }, createRandom(seed)).table).kind).toBe('feeling');
    }
  });

  it.each([
    ['of very different skill', 0.3, 0.9],
    ['of middling skill', 0.5, 0.7],
    ['who are nearly always right', 0.8, 1],
  ])('is a fact where songs have one truth, with members %s', (_what, low, high) => {
    for (const seed of [1, 2, 3]) {
      const { table } = facts(CROWD, (random) => low + (high - low) * random.next(), createRandom(seed));
      const { kind, asFact, asFeeling, z } = recognise(table);
      expect({ kind, better: asFact > asFeeling, decisive: z > 2.5 }).toEqual({
        kind: 'fact',
        better: true,
        decisive: true,
      });
    }
  });

  it('stays a feeling with too few songs to tell, and where there is nothing to tell', () => {
    const few = facts({ ...CROWD, songs: 15 }, () => 0.9, createRandom(1)).table;
    expect(recognise(few)).toMatchObject({ kind: 'feeling', heldOut: 0 });
    expect(recognise(votesOf([], 6, 3))).toMatchObject({ kind: 'feeling', heldOut: 0 });
    const one = votesOf(
      Array.from({ length: 200 }, (_, i) => [i % 50, Math.floor(i / 50), 0] as const),
      1,
    );
    expect(recognise(one).kind).toBe('feeling');
  });

  it('does not depend on which votes are hidden when', () => {
    const { table } = facts(CROWD, () => 0.7, createRandom(4));
    for (const seed of [1, 2, 3, 4]) expect(recognise(table, seed).kind).toBe('fact');
  });
});
