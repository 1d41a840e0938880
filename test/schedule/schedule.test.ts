import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Community, CommunitySettings } from '../../src/domain/member.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { nextSnippetAt, nextTrainingAt } from '../../src/schedule/calendar.ts';
import { postingTimes } from '../../src/schedule/posting-times.ts';
import { createSchedule } from '../../src/schedule/schedule.ts';

function community(settings: Partial<CommunitySettings>): Community {
  return {
    id: 'room:main',
    platform: 'room',
    name: 'The room',
    settings: { ...defaultSettings(), timeZone: 'UTC', ...settings },
  };
}

/** Runs a schedule through a span of time, minute by minute, and lists what it started. */
async function startedBetween(from: string, to: string, ...communities: Community[]) {
  const started: string[] = [];
  const note = (what: string, at: { now: string }) => async (c: Community) => {
    started.push(`${at.now} ${what} ${c.settings.timeZone}`);
  };
  const clock = { now: '' };
  const schedule = createSchedule({
    store: { communities: async () => communities },
    log: pino({ level: 'silent' }),
    onSnippetDue: note('snippet', clock),
    onTrainingDue: note('training', clock),
  });
  for (let at = Date.parse(from); at < Date.parse(to); at += 60_000) {
    clock.now = new Date(at).toISOString().slice(0, 16);
    await schedule.tick(new Date(at + 123));
  }
  return started;
}

describe('posting times', () => {
  it('are spread evenly over the hours that are not quiet', () => {
    const times = postingTimes({ snippetsPerDay: 4, quietHours: { from: '22:00', to: '08:00' } });
    expect(times.map((t) => t / 60)).toEqual([9.75, 13.25, 16.75, 20.25]);
  });

  it('cross midnight where the quiet hours are in the day', () => {
    const times = postingTimes({ snippetsPerDay: 2, quietHours: { from: '04:00', to: '20:00' } });
    expect(times.map((t) => t / 60)).toEqual([22, 2]);
  });

  it('use the whole day without quiet hours, and none when switched off', () => {
    expect(postingTimes({ snippetsPerDay: 1, quietHours: { from: '00:00', to: '00:00' } })).toEqual([720]);
    expect(postingTimes({ snippetsPerDay: 0, quietHours: { from: '00:00', to: '00:00' } })).toEqual([]);
  });

  it('never fall into the quiet hours and never coincide', () => {
    const time = fc.integer({ min: 0, max: 1439 });
    const text = (m: number) =>
      `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(time, time, fc.integer({ min: 1, max: 48 }), (from, to, snippetsPerDay) => {
        const times = postingTimes({ snippetsPerDay, quietHours: { from: text(from), to: text(to) } });
        const awake = (from - to + 1440) % 1440 || 1440;
        expect(times.length).toBe(Math.min(snippetsPerDay, awake));
        expect(new Set(times).size).toBe(times.length);
        for (const t of times) expect((t - to + 1440) % 1440).toBeLessThan(awake);
      }),
    );
  });
});

describe('the schedule', () => {
  it('starts snippets and training at the local times of each community', async () => {
    const tokyo = community({ timeZone: 'Asia/Tokyo', snippetsPerDay: 1, trainingSchedule: '0 4 * * *' });
    const paris = community({ timeZone: 'Europe/Paris', snippetsPerDay: 1, trainingSchedule: '' });
    // Between quiet hours 22:00 and 08:00 the only snippet of a day is due at 15:00 local time.
    expect(await startedBetween('2026-11-22T00:00Z', '2026-11-23T00:00Z', tokyo, paris)).toEqual([
      '2026-11-22T06:00 snippet Asia/Tokyo',
      '2026-11-22T14:00 snippet Europe/Paris',
      '2026-11-22T19:00 training Asia/Tokyo',
    ]);
  });

  it('follows daylight saving time', async () => {
    const berlin = community({ timeZone: 'Europe/Berlin', snippetsPerDay: 1, trainingSchedule: '' });
    expect(await startedBetween('2026-10-24T00:00Z', '2026-10-26T00:00Z', berlin)).toEqual([
      '2026-10-24T13:00 snippet Europe/Berlin',
      '2026-10-25T14:00 snippet Europe/Berlin',
    ]);
  });

  it('does not start anything twice when the clock is set back', async () => {
    let posts = 0;
    const schedule = createSchedule({
      store: { communities: async () => [community({ snippetsPerDay: 1, trainingSchedule: '' })] },
      log: pino({ level: 'silent' }),
      onSnippetDue: async () => {
        posts++;
      },
      onTrainingDue: async () => undefined,
    });
    await schedule.tick(new Date('2026-11-22T15:00:01Z'));
    await schedule.tick(new Date('2026-11-22T15:00:59Z'));
    await schedule.tick(new Date('2026-11-22T14:59:00Z'));
    await schedule.tick(new Date('2026-11-22T15:00:30Z'));
    expect(posts).toBe(1);
  });

  it('goes on when a clock that was days ahead is put right', async () => {
    let posts = 0;
    const schedule = createSchedule({
      store: { communities: async () => [community({ snippetsPerDay: 1, trainingSchedule: '' })] },
      log: pino({ level: 'silent' }),
      onSnippetDue: async () => {
        posts++;
      },
      onTrainingDue: async () => undefined,
    });
    await schedule.tick(new Date('2031-01-01T15:00:00Z'));
    await schedule.tick(new Date('2026-11-22T15:00:00Z'));
    expect(posts).toBe(2);
  });

  it('posts in a few places at a time, and when stopped starts nothing more and waits for no straggler', async () => {
    const places = Array.from({ length: 40 }, (_, i) => ({
      ...community({ snippetsPerDay: 1, trainingSchedule: '' }),
      id: `place:${i}`,
    }));
    const started: string[] = [];
    const endings: (() => void)[] = [];
    const schedule = createSchedule({
      store: { communities: async () => places },
      log: pino({ level: 'silent' }),
      async onSnippetDue({ id }) {
        started.push(id);
        await new Promise<void>((resolve) => endings.push(resolve));
      },
      onTrainingDue: async () => undefined,
    });
    const ticked = schedule.tick(new Date('2026-11-22T15:00:00Z'));
    const turns = () => new Promise((resolve) => setTimeout(resolve, 10));
    await turns();
    expect(started).toHaveLength(10);
    endings.shift()?.();
    await turns();
    expect(started).toHaveLength(11);
    await schedule.stop();
    for (const end of endings) end();
    await ticked;
    expect(started).toEqual(places.slice(0, 11).map(({ id }) => id));
  });

  it('goes on with the others when one community fails, and ignores a time zone that does not exist', async () => {
    const started: string[] = [];
    const bad = { ...community({ timeZone: 'Mars/Olympus' }), id: 'bad' };
    const failing = { ...community({ snippetsPerDay: 1, trainingSchedule: '' }), id: 'failing' };
    const good = { ...failing, id: 'good' };
    const schedule = createSchedule({
      store: { communities: async () => [bad, failing, good] },
      log: pino({ level: 'silent' }),
      onSnippetDue: async (c) => {
        if (c.id === 'failing') throw new Error('no such channel');
        started.push(c.id);
      },
      onTrainingDue: async () => undefined,
    });
    await schedule.tick(new Date('2026-11-22T15:00:00Z'));
    expect(started).toEqual(['good']);
  });

  it('tells when the next ones are due', () => {
    const daily = community({ snippetsPerDay: 1, trainingSchedule: '30 4 * * 1' });
    const next = new Date(nextSnippetAt(daily)!);
    expect([next.getUTCHours(), next.getUTCMinutes()]).toEqual([15, 0]);
    const training = new Date(nextTrainingAt(daily)!);
    expect([training.getUTCDay(), training.getUTCHours(), training.getUTCMinutes()]).toEqual([1, 4, 30]);
    const off = community({ snippetsPerDay: 0, trainingSchedule: '' });
    expect(nextSnippetAt(off)).toBeUndefined();
    expect(nextTrainingAt(off)).toBeUndefined();
  });
});
