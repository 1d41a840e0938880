import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BURST_RULES, type CastVotes, DECISION, findBursts } from '../../ml/bursts.ts';
import { createRandom } from '../../ml/random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, 00:00 UTC. */
const START = Date.UTC(2026, 9, 5);

interface Cast {
  readonly at: number;
  readonly member: number;
  readonly song: number;
  readonly place?: number;
  readonly decided?: number;
}

function tableOf(casts: readonly Cast[]): CastVotes {
  const most = (values: readonly number[]) => Math.max(-1, ...values) + 1;
  return {
    times: Float64Array.from(casts, ({ at }) => at),
    members: Int32Array.from(casts, ({ member }) => member),
    songs: Int32Array.from(casts, ({ song }) => song),
    places: Int32Array.from(casts, ({ place = 0 }) => place),
    memberCount: most(casts.map(({ member }) => member)),
    songCount: most(casts.map(({ song }) => song)),
    placeCount: most(casts.map(({ place = 0 }) => place)),
  };
}

/** Runs it to its end; the members whose votes are held back, and the whole of what was found. */
function found(casts: readonly Cast[]) {
  const table = tableOf(casts);
  const decided = Uint8Array.from(casts, ({ decided = 0 }) => decided);
  const trustedFrom = new Float64Array(table.memberCount).fill(Number.POSITIVE_INFINITY);
  for (const { decided, member, at } of casts)
    if (decided === DECISION.counts) trustedFrom[member] = at + HOUR;
  const steps = findBursts(table, decided, trustedFrom);
  let step = steps.next();
  while (!step.done) step = steps.next();
  const held = casts.filter((_, row) => step.value?.held[row] === 1);
  return {
    ...step.value,
    held,
    members: [...new Set(held.map(({ member }) => member))].sort((a, b) => a - b),
  };
}

/** A community of `members` people who vote on some songs every evening, one after the other, for `days` days. */
function habit(days: number, members = 8, place = 0): Cast[] {
  const casts: Cast[] = [];
  for (let day = 0; day < days; day++) {
    for (let member = 0; member < members; member++) {
      const at = START + day * DAY + 18 * HOUR + member * 7 * MINUTE;
      casts.push({ at, member: place * 1000 + member, song: day % 20, place });
    }
  }
  return casts;
}

/** `count` people who have never voted, from member number `from` on, within `ms`. */
function arrivals(count: number, from: number, at: number, ms: number, song: (i: number) => number): Cast[] {
  return Array.from({ length: count }, (_, i) => ({
    at: at + (i * ms) / Math.max(1, count - 1),
    member: from + i,
    song: song(i),
  }));
}
const numbers = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i);

describe('a burst of votes by new members', () => {
  test('on one song is held back, and nothing else is', () => {
    const burst = arrivals(6, 100, START + 30 * DAY, 20 * MINUTE, () => 3);
    const { list, members, held } = found([...habit(40), ...burst]);
    expect(list).toEqual([{ place: 0, song: 3 }]);
    expect(members).toEqual(numbers(6, 100));
    expect(held).toHaveLength(6);
  });

  test('over many songs is held back where each song by itself shows nothing', () => {
    const burst = arrivals(40, 100, START + 30 * DAY, 50 * MINUTE, (i) => i);
    const { list, members } = found([...habit(40), ...burst]);
    expect(list).toEqual([{ place: 0, song: -1 }]);
    expect(members).toEqual(numbers(40, 100));
  });

  test('spread over a day, so that no hour shows it, is held back too', () => {
    const burst = arrivals(60, 100, START + 30 * DAY, 23 * HOUR, () => 3);
    expect(found([...habit(40), ...burst]).members).toEqual(numbers(60, 100));
  });

  test('is no burst with five people, however much they vote', () => {
    const keen = numbers(5, 100).flatMap((member) =>
      numbers(60, 0).map((song) => ({ at: START + 30 * DAY + song * 30_000 + member, member, song })),
    );
    expect(found([...habit(40), ...keen]).held).toEqual([]);
  });

  test('does not count members who have voted for longer', () => {
    const known = numbers(50, 100).map((member) => ({ at: START + member * HOUR, member, song: 1 }));
    const rush = arrivals(50, 100, START + 30 * DAY, 10 * MINUTE, () => 3);
    expect(found([...habit(40), ...known, ...rush]).held.filter(({ song }) => song === 3)).toEqual([]);
  });

  test('is not there on launch day, nor in the week after it, however many come', () => {
    const launch = numbers(8, 0).flatMap((day) =>
      arrivals(300, 1000 * (day + 1), START + day * DAY + HOUR, 2 * HOUR, (i) => i % 5),
    );
    expect(found(launch).held).toEqual([]);
  });

  test('is not there on launch day after a long trial by a few people', () => {
    const launch = arrivals(200, 100, START + 40 * DAY, HOUR, () => 3);
    expect(found([...habit(40, 4), ...launch]).held).toEqual([]);
  });

  test('is measured by what is usual: where ten new people come every hour, ten are no burst and five hundred are', () => {
    const casts = habit(40);
    for (let day = 8; day < 40; day++) {
      for (let hour = 17; hour < 22; hour++) {
        casts.push(
          ...arrivals(10, 1000 * day + 20 * hour, START + day * DAY + hour * HOUR, 50 * MINUTE, () => day),
        );
      }
    }
    // The first such days are a burst: nobody could know yet that they become usual.
    const later = (cast: Cast) => cast.at > START + 30 * DAY;
    expect(found(casts).held.filter(later)).toEqual([]);
    const rush = arrivals(500, 100_000, START + 35 * DAY + 18 * HOUR, 40 * MINUTE, () => 50);
    expect(
      found([...casts, ...rush])
        .held.filter(later)
        .filter(({ member }) => member >= 100_000),
    ).toHaveLength(500);
  });

  test('in one community says nothing about another', () => {
    const elsewhere = habit(40, 8, 1);
    const burst = arrivals(20, 100, START + 30 * DAY, 20 * MINUTE, () => 3);
    const there = arrivals(5, 2000, START + 30 * DAY, 20 * MINUTE, () => 3).map((one) => ({
      ...one,
      place: 1,
    }));
    const { members, list } = found([...habit(40), ...elsewhere, ...burst, ...there]);
    expect(members).toEqual(numbers(20, 100));
    expect(list).toEqual([{ place: 0, song: 3 }]);
  });

  test('that came with an import is none', () => {
    const table = arrivals(500, 100, START + 30 * DAY, 0, () => 3).map((one) => ({ ...one, place: -1 }));
    expect(found([...habit(40), ...table]).held).toEqual([]);
  });

  test('lets go of members who then vote on five songs over three days, and of nobody else', () => {
    const burst = arrivals(12, 100, START + 30 * DAY, 20 * MINUTE, () => 3);
    const stays = numbers(5, 0).map((i) => ({
      at: START + (32 + (i % 3)) * DAY + i,
      member: 104,
      song: 10 + i,
    }));
    const tooFew = numbers(4, 0).map((i) => ({ at: START + (32 + i) * DAY + i, member: 105, song: 10 + i }));
    const inOneDay = numbers(9, 0).map((i) => ({ at: START + 32 * DAY + i, member: 106, song: 10 + i }));
    const { members } = found([...habit(40), ...burst, ...stays, ...tooFew, ...inOneDay]);
    expect(members).toEqual(numbers(12, 100).filter((member) => member !== 104));
  });

  test('goes on: bursts do not make their members established', () => {
    const waves = numbers(5, 0).flatMap((day) =>
      numbers(3, 0).flatMap((n) =>
        arrivals(30, 100, START + (30 + day) * DAY + n * HOUR, 20 * MINUTE, () => 3 * day + n),
      ),
    );
    expect(found([...habit(40), ...waves]).held).toHaveLength(waves.length);
  });

  test('is no longer waiting once decided, and those who come after it wait anew', () => {
    const burst = (decided: number) =>
      arrivals(12, 100, START + 30 * DAY, 20 * MINUTE, () => 3).map((one) => ({ ...one, decided }));
    const late = arrivals(2, 200, START + 30 * DAY + 21 * MINUTE, MINUTE, () => 3);
    const besides = arrivals(12, 100, START + 30 * DAY, 20 * MINUTE, () => 5);
    const again = arrivals(12, 100, START + 31 * DAY, 20 * MINUTE, () => 4);
    expect(found([...habit(40), ...burst(DECISION.counts), ...late, ...again]).held).toEqual([]);
    // What else they had voted before that is for a decision of its own.
    expect(found([...habit(40), ...burst(DECISION.counts), ...besides]).held).toHaveLength(12);
    expect(found([...habit(40), ...burst(DECISION.leftOut), ...late]).members).toEqual([200, 201]);
  });

  test('of ten thousand accounts is held back as one, a few thousand votes at a time', () => {
    const burst = arrivals(10_000, 1000, START + 30 * DAY, 3 * HOUR, () => 3);
    const casts = [...habit(40), ...burst];
    const table = tableOf(casts);
    const nobody = new Float64Array(table.memberCount).fill(Number.POSITIVE_INFINITY);
    const steps = findBursts(table, new Uint8Array(casts.length), nobody);
    let taken = 0;
    let step = steps.next();
    while (!step.done) {
      taken++;
      step = steps.next();
    }
    expect(taken).toBeGreaterThan(10);
    expect(step.value.list).toEqual([{ place: 0, song: 3 }]);
    expect(step.value.held.reduce((sum, one) => sum + one, 0)).toBe(10_000);
  });

  test('survives clocks that go back or make no sense: no vote without a time is held, none is lost', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e15, 0, 1e15, 8.64e15];
    const casts = [...habit(40), ...odd.map((at, i) => ({ at, member: 500 + i, song: 3 }))];
    const burst = arrivals(6, 100, START + 30 * DAY, 20 * MINUTE, () => 3);
    expect(found([...casts, ...burst]).members).toEqual(numbers(6, 100));
    // The clock was a month behind meanwhile: those votes look old, which never makes an honest one wait.
    const behind = arrivals(6, 300, START + 2 * DAY, 20 * MINUTE, () => 3);
    expect(found([...casts, ...behind]).held).toEqual([]);
  });

  test('is not seen in what people do by chance: a year of a few newcomers a day', () => {
    const random = createRandom(3);
    const casts = habit(365, 12);
    for (let day = 0; day < 365; day++) {
      for (let i = 0; i < 4; i++) {
        const member = 10_000 + day * 4 + i;
        const at = START + day * DAY + 17 * HOUR + random.integer(3 * HOUR);
        for (let song = 0; song < 4; song++)
          casts.push({ at: at + song * MINUTE, member, song: (day + song) % 20 });
      }
    }
    expect(found(casts).held).toEqual([]);
  });

  test('is the same in whatever order the votes are given, and holds only votes of new members', () => {
    const cast = fc.record({
      at: fc.integer({ min: START, max: START + 20 * DAY }),
      member: fc.integer({ min: 0, max: 60 }),
      song: fc.integer({ min: 0, max: 3 }),
      place: fc.integer({ min: -1, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(cast, { maxLength: 80 }), fc.integer({ min: 6, max: 30 }), (casts, size) => {
        const all = [...habit(25), ...casts, ...arrivals(size, 100, START + 15 * DAY, HOUR, () => 3)];
        const key = ({ at, member, song, place }: Cast) => `${at} ${member} ${song} ${place}`;
        const held = found(all).held.map(key).sort();
        expect(found(all.toReversed()).held.map(key).sort()).toEqual(held);
        const since = new Map<number, number>();
        for (const { at, member } of all) since.set(member, Math.min(at, since.get(member) ?? at));
        for (const one of found(all).held) {
          expect(one.at - (since.get(one.member) ?? Number.NaN)).toBeLessThanOrEqual(BURST_RULES.newMs);
          expect(one.place ?? 0).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});
