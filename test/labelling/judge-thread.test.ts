import { expect, test } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { finish } from '../../ml/steps.ts';
import { judge } from '../../src/labelling/judge-thread.ts';
import { judgeVotes, type PlacedVotes } from '../../src/labelling/judge-votes.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 5);
const MEMBERS = 3_000;

/** Two months in two places, and on the last day many new members on one song. */
function crowd(rows: number): PlacedVotes {
  const random = createRandom(1);
  const attack = rows >> 5;
  const isLate = (row: number) => row >= rows - attack;
  return {
    times: Float64Array.from({ length: rows }, (_, row) =>
      isLate(row) ? START + 60 * DAY + row : START + random.integer(60 * DAY),
    ),
    members: Int32Array.from({ length: rows }, (_, row) =>
      isLate(row) ? MEMBERS + row - (rows - attack) : random.integer(MEMBERS),
    ),
    songs: Int32Array.from({ length: rows }, (_, row) => (isLate(row) ? 7 : random.integer(500))),
    places: Int32Array.from({ length: rows }, (_, row) => (isLate(row) ? 1 : random.integer(2))),
    emotions: Int32Array.from({ length: rows }, () => random.integer(8)),
    memberCount: MEMBERS + attack,
    songCount: 500,
    placeCount: 2,
    emotionCount: 8,
  };
}

test.each([2_000, 30_000])(
  '%i votes are judged alike in steps and in a thread, and come back as they were',
  async (rows) => {
    const left = {
      place: 1,
      parts: [{ song: 7, from: START, to: START + 60 * DAY + rows - 20 }],
      counts: false,
      at: 0,
    };
    for (const decisions of [[], [left]]) {
      const expected = finish(judgeVotes(crowd(rows), decisions));
      const { votes, judged } = await judge({ votes: crowd(rows), decisions });
      expect(votes).toEqual(crowd(rows));
      expect(judged).toEqual(expected);
      const out = judged.waiting.rows.length + judged.leftOut.length;
      expect(out).toBeGreaterThanOrEqual(rows >> 5);
      expect(judged.leftOut.length > 0).toBe(decisions.length > 0);
    }
  },
);
