import { afterEach, describe, expect, it } from 'vitest';
import { applyEntry, emptyRoom, findMessage, MAX_MESSAGES } from '../../../src/chat/room/state.ts';
import { openRoom, type RunningRoom } from '../../support/room.ts';

const rooms: RunningRoom[] = [];

async function open(...given: Parameters<typeof openRoom>): Promise<RunningRoom> {
  const room = await openRoom(...given);
  rooms.push(room);
  return room;
}

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.remove();
});

const PLACE = { communityId: 'room:main', channel: 'main' };

describe('connections', () => {
  it('of a browser that went silent are closed; one that answers stays', async () => {
    const room = await open({ beatMs: 100 });
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    ana.answersBeats = false;
    await ben.until(() => [...ben.people.values()].some(({ name, online }) => name === 'ana' && !online));
    expect(ana.connected).toBe(false);
    expect(ben.connected).toBe(true);
  });

  it('that take too slowly are cut, and miss nothing when they come back', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    ana.raw.pause();
    const picture = { svg: `<svg>${'x'.repeat(1 << 20)}</svg>`, width: 1, height: 1, alt: 'large' };
    for (let index = 0; index < 12; index++) await room.room.post(PLACE, { text: `large ${index}`, picture });
    await ben.until(() => [...ben.people.values()].some(({ name, online }) => name === 'ana' && !online));
    await ana.drops();
    await ana.connects();
    const texts = [...ana.messages.values()].map(({ body }) => body.text);
    expect(texts).toEqual(Array.from({ length: 12 }, (_, index) => `large ${index}`));
  });

  it('are limited in number, and those who are in do not notice', async () => {
    const room = await open({ maxConnections: 2 });
    const ana = await room.member('ana');
    await room.member('ben');
    await expect(room.stranger().connects()).rejects.toThrow('503');
    expect((await ana.types('cosy in here')).body.text).toBe('cosy in here');
  });

  it('get a whole new state when they were away for too long', async () => {
    const room = await open();
    const ana = await room.member('ana');
    await ana.drops();
    for (let index = 0; index < 1_100; index++) await room.room.post(PLACE, { text: `${index}` });
    ana.frames.length = 0;
    await ana.connects();
    expect(ana.frames[0]?.t).toBe('state');
    expect([...ana.messages.values()].at(-1)?.body.text).toBe('1099');
    const first = [...ana.messages.keys()][0] ?? '';
    const page = await ana.asks({ kind: 'older', before: first });
    expect(page.messages).toHaveLength(100);
    expect(Number(page.messages.at(-1)?.id)).toBe(Number(first) - 1);
    expect(page.older).toBe(true);
  });
});

describe('removing', () => {
  it('is for authors and moderators', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    const said = await ana.types('oops');
    await expect(ben.asks({ kind: 'remove', message: said.id })).rejects.toThrow('author or a moderator');
    await ana.asks({ kind: 'remove', message: said.id });
    await ben.until(() => !ben.messages.has(said.id));
    const second = await ana.types('again');
    await ben.claims(room.room.claimUrl());
    await ben.asks({ kind: 'remove', message: second.id });
    await ana.until(() => !ana.messages.has(second.id));
  });
});

describe('what the room remembers', () => {
  const message = (id: number, more: object = {}) => ({
    k: 'message' as const,
    message: { id, at: id, body: { text: `${id}` }, seeds: [], reactions: {}, ...more },
  });

  it('is bounded: old messages go', () => {
    const state = emptyRoom();
    for (let id = 1; id <= MAX_MESSAGES + 10; id++) applyEntry(state, message(id));
    expect(state.messages).toHaveLength(MAX_MESSAGES);
    expect(state.messages[0]?.id).toBe(11);
    expect(findMessage(state, 5)).toBeUndefined();
    expect(findMessage(state, 11)?.body.text).toBe('11');
  });

  it('keeps the last fifty private answers of a person, for a day', () => {
    const state = emptyRoom();
    for (let id = 1; id <= 60; id++) applyEntry(state, message(id, { audience: 'a' }));
    applyEntry(state, message(61, { audience: 'b' }));
    expect(state.messages.filter(({ audience }) => audience === 'a')).toHaveLength(50);
    const later = 62 + 25 * 60 * 60 * 1000;
    applyEntry(state, message(62, { audience: 'a', at: later }));
    expect(state.messages.filter(({ audience }) => audience === 'a')).toHaveLength(1);
  });

  it('keeps what somebody was told until they were here, then for a day', () => {
    const state = emptyRoom();
    const day = 25 * 60 * 60 * 1000;
    const ana = { id: 'a', name: 'ana', moderator: false, since: 0, seenAt: 0 };
    const told = () => state.messages.map(({ id }) => id);
    applyEntry(state, { k: 'person', person: ana });
    applyEntry(state, message(1, { audience: 'a', at: 1 }));
    const answers = { person: 'a', line: '/taste', request: 'r' };
    applyEntry(state, message(2, { audience: 'a', at: 1, answers }));
    applyEntry(state, message(3, { audience: 'a', at: 2 * day }));
    expect(told()).toEqual([1, 3]);
    applyEntry(state, { k: 'person', person: { ...ana, seenAt: 2 * day + 1 } });
    applyEntry(state, message(4, { audience: 'a', at: 2 * day + 2 }));
    expect(told()).toEqual([3, 4]);
  });

  it('does not change when an entry is replayed', () => {
    const state = emptyRoom();
    const entries = [
      message(1),
      message(2),
      { k: 'reaction', id: 1, emoji: '😄', person: 'a', present: true },
      { k: 'remove', id: 2 },
    ] as const;
    for (const entry of entries) applyEntry(state, entry);
    const once = structuredClone(state);
    for (const entry of entries) applyEntry(state, entry);
    expect(state).toEqual(once);
  });
});
