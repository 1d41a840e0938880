import { afterEach, describe, expect, it } from 'vitest';
import type { ActionInvocation, ReactionEvent } from '../../../src/chat/platform.ts';
import { openRoom, RefusedError, type RunningRoom } from '../../support/room.ts';

const rooms: RunningRoom[] = [];
const PLACE = { communityId: 'room:main', channel: 'main' };
const SNIPPET = {
  text: 'How does this feel?',
  snippet: { songId: 's1', title: 'Song', artists: ['A'], sound: { kind: 'own', seconds: 20 } },
} as const;

async function open(...given: Parameters<typeof openRoom>): Promise<RunningRoom> {
  const room = await openRoom(...given);
  rooms.push(room);
  return room;
}

async function refusal(doing: Promise<unknown>): Promise<string> {
  const error = await doing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RefusedError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error.refusal.code;
}

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.remove();
});

describe('the room', () => {
  it('tells nothing to those whom it does not know, or not by name', async () => {
    const room = await open();
    const stranger = await room.stranger().connects();
    const tell = (identity: string) => room.room.tell(identity, { text: 'psst' });
    expect([await tell(`room:${stranger.self.id}`), await tell('room:nobody')]).toEqual([false, false]);
    const identity = `room:${(await room.member('ana')).self.id}`;
    expect(await room.room.tell(identity, { text: 'psst' }, 'discord:1')).toBe(false);
    expect([...stranger.messages.keys()]).toEqual([]);
    await stranger.drops();
  });

  it('shows a message of one member to all', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    const sent = await ana.types('hello there');
    const seen = await ben.until(() => ben.messages.get(sent.id));
    expect(seen.body.text).toBe('hello there');
    expect(seen.from).toEqual({ kind: 'person', id: ana.self.id });
  });

  it('shows a reaction to every browser at once and reports it once', async () => {
    const events: ReactionEvent[] = [];
    const room = await open({
      handlers: {
        async reaction(event) {
          events.push(event);
        },
      },
    });
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    const ref = await room.room.post(PLACE, SNIPPET);
    await room.room.seedReactions(ref, ['😄', '😢']);
    const message = { id: ref.message };
    await ana.reacts(message, '😄');
    await ana.reacts(message, '😄');
    await ben.until(() => ben.reactions(message, '😄').includes('ana'));
    expect(events).toMatchObject([{ identity: `room:${ana.self.id}`, emoji: '😄', present: true }]);
    await ana.reacts(message, '😄', false);
    await ben.until(() => ben.reactions(message, '😄').length === 0);
    expect(events.map((event) => event.present)).toEqual([true, false]);
  });

  it('knows an emoji of the invitation with and without its variation selector', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const ref = await room.room.post(PLACE, SNIPPET);
    await ana.reacts({ id: ref.message }, '❤');
    expect(await room.room.reactions(ref)).toEqual([{ identity: `room:${ana.self.id}`, emoji: '❤️' }]);
  });

  it('shows a private answer to the asker only', async () => {
    const room = await open({
      declarations: [{ name: 'taste', description: 'What I like', options: [] }],
      handlers: {
        async command(invocation) {
          await invocation.answer({ text: 'Only for you', private: true });
        },
      },
    });
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    const answer = await ana.types('/taste');
    expect(answer.onlyYou).toBe(true);
    await ben.types('anything');
    expect([...ben.messages.keys()]).not.toContain(answer.id);
    const later = await room.stranger().connects();
    expect([...later.messages.keys()]).not.toContain(answer.id);
    await later.drops();
  });

  it('gives a browser that was away exactly what it missed', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    await ana.types('one');
    await ben.until(() => [...ben.messages.values()].some((message) => message.body.text === 'one'));
    await ben.drops();
    await ana.types('two');
    await ana.types('three');
    ben.frames.length = 0;
    await ben.connects();
    expect(ben.frames.some((frame) => frame.t === 'state')).toBe(false);
    const missed = ben.frames.flatMap((frame) =>
      frame.t === 'update' && frame.update.kind === 'message' ? [frame.update.message.body.text] : [],
    );
    expect(missed).toEqual(['two', 'three']);
  });

  it('does what is asked twice under one id only once', async () => {
    let calls = 0;
    const room = await open({
      handlers: {
        async command(invocation) {
          calls++;
          await invocation.answer({ text: `call ${calls}` });
        },
      },
    });
    const ana = await room.member('ana');
    await ana.asks({ kind: 'command', command: 'snippet', options: {} }, 'same');
    await ana.drops();
    await ana.connects();
    await ana.asks({ kind: 'command', command: 'snippet', options: {} }, 'same');
    expect(calls).toBe(1);
  });

  it('never believes a request about who asks', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const eve = await room.member('eve');
    const forged = {
      person: ana.self.id,
      identity: `room:${ana.self.id}`,
      from: ana.self.id,
      moderator: true,
    };
    const seen = ana.sees((frame) => frame.t === 'update' && frame.update.kind === 'message');
    eve.sends({ t: 'ask', id: 'x', ...forged, op: { kind: 'say', text: 'I am ana', ...forged } });
    expect(await seen).toMatchObject({ update: { message: { from: { id: eve.self.id } } } });
    expect(await refusal(eve.asks({ kind: 'promote', person: eve.self.id, moderator: true }))).toBe(
      'not-allowed',
    );
  });

  it('does not let in a browser with an invented session', async () => {
    const room = await open();
    const forger = room.stranger();
    await forger.posts('/api/session');
    forger.cookie = `${forger.cookie?.split('=')[0]}=room-of-somebody-else`;
    await expect(forger.connects()).rejects.toThrow('401');
  });

  it('lets somebody without a name read, not act', async () => {
    const room = await open();
    const stranger = await room.stranger().connects();
    expect(await refusal(stranger.asks({ kind: 'say', text: 'hi' }))).toBe('name-first');
    const ref = await room.room.post(PLACE, SNIPPET);
    await stranger.until(() => stranger.messages.get(ref.message));
    expect(await refusal(stranger.reacts({ id: ref.message }, '😄'))).toBe('name-first');
    await stranger.drops();
  });

  it('makes the first one who opens the claim link a moderator, and nobody after', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    const link = room.room.claimUrl();
    expect(await ana.claims(link)).toBe(true);
    await ana.until(() => ana.self.moderator);
    expect(await ben.claims(link)).toBe(false);
    expect(ben.self.moderator).toBe(false);
    await ana.asks({ kind: 'promote', person: ben.self.id, moderator: true });
    await ben.until(() => ben.self.moderator);
    await ben.asks({ kind: 'promote', person: ana.self.id, moderator: false });
    expect(await refusal(ben.asks({ kind: 'promote', person: ben.self.id, moderator: false }))).toBe(
      'not-allowed',
    );
  });

  it('tells the handlers who is a moderator', async () => {
    const asked: boolean[] = [];
    const room = await open({
      handlers: {
        async command({ asker, answer }) {
          asked.push(asker.platformModerator);
          await answer({ text: 'ok' });
        },
      },
    });
    const ana = await room.member('ana');
    await ana.types('/retrain');
    await ana.claims(room.room.claimUrl());
    await ana.types('/retrain');
    expect(asked).toEqual([false, true]);
  });
});

describe('limits', () => {
  it('refuses a message of 1 MB and goes on', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const refused = ana.sees((frame) => frame.t === 'refused');
    ana.sends({ t: 'ask', id: 'big', op: { kind: 'say', text: 'x'.repeat(1 << 20) } });
    expect(await refused).toMatchObject({ refusal: { code: 'too-long' } });
    expect((await ana.types('still here')).body.text).toBe('still here');
    expect(await refusal(ana.asks({ kind: 'say', text: 'x'.repeat(2_001) }))).toBe('too-long');
  });

  it('limits 1,000 reactions in a second from one browser; others do not notice', async () => {
    let reported = 0;
    const room = await open({
      handlers: {
        async reaction() {
          reported++;
        },
      },
    });
    const eve = await room.member('eve');
    const ana = await room.member('ana');
    const ref = await room.room.post(PLACE, SNIPPET);
    for (let i = 0; i < 1_000; i++) {
      eve.sends({
        t: 'ask',
        id: `flood${i}`,
        op: { kind: 'react', message: ref.message, emoji: '😄', present: i % 2 === 0 },
      });
    }
    await eve.until(() =>
      eve.frames.some((frame) => frame.t === 'refused' && frame.refusal.code === 'slow-down'),
    );
    expect((await ana.types('what a day')).body.text).toBe('what a day');
    await ana.reacts({ id: ref.message }, '😢');
    expect(reported).toBeLessThan(200);
    expect(eve.connected).toBe(true);
  });

  it.each(['not json', '{"t":"ask"}', '[]', '{"t":"ask","id":"a","op":{"kind":"rename"}}', '"😄"'])(
    'answers nonsense (%s) kindly and goes on',
    async (nonsense) => {
      const room = await open();
      const ana = await room.member('ana');
      const refused = ana.sees((frame) => frame.t === 'refused');
      ana.raw.send(nonsense);
      expect(await refused).toMatchObject({ refusal: { code: 'bad-request' } });
      expect((await ana.types('fine')).body.text).toBe('fine');
    },
  );

  it.each([
    ['nonsense', '{"t":"ask","id":"zz"}'],
    ['frames that are too long', 'x'.repeat(40_000)],
  ])('answers a flood of %s a few times only; others do not notice', async (_what, frame) => {
    const room = await open();
    const eve = await room.member('eve');
    const ana = await room.member('ana');
    for (let i = 0; i < 1_000; i++) eve.raw.send(frame);
    expect((await ana.types('what a day')).body.text).toBe('what a day');
    await eve.until(() => [...eve.messages.values()].some(({ body }) => body.text === 'what a day'));
    expect(eve.frames.filter(({ t }) => t === 'refused').length).toBeLessThan(200);
    expect(eve.connected).toBe(true);
  });
});

describe('after a restart', () => {
  it('ends the progress bars that nobody moves any more', async () => {
    const room = await open();
    const bar = {
      progress: { percent: 40, label: 'Learning' },
      buttons: [{ action: 'x:y', label: 'Cancel' }],
    };
    const { message } = await room.room.post(PLACE, { text: 'At it.', ...bar });
    const again = await room.restart();
    rooms.push(again);
    const ana = await again.member('ana');
    const body = ana.messages.get(message)?.body;
    expect(body?.text).toContain('started again');
    expect(body).not.toHaveProperty('progress');
    expect(body).not.toHaveProperty('buttons');
  });

  it('has its messages, reactions, names, moderators and sessions again', async () => {
    const room = await open();
    const ana = await room.member('ana');
    await ana.claims(room.room.claimUrl());
    const ref = await room.room.post(PLACE, SNIPPET);
    await room.room.seedReactions(ref, ['😄', '😢']);
    await ana.reacts({ id: ref.message }, '😄');
    const said = await ana.types('remember me');
    const again = await room.restart();
    rooms.push(again);
    await ana.connects();
    expect(ana.self).toMatchObject({ name: 'ana', moderator: true });
    expect(ana.messages.get(said.id)?.body.text).toBe('remember me');
    expect(ana.messages.get(ref.message)?.seeds).toEqual(['😄', '😢']);
    expect(await again.room.reactions(ref)).toEqual([{ identity: `room:${ana.self.id}`, emoji: '😄' }]);
    await ana.drops();
  });

  it('does not repeat what was done before it', async () => {
    let calls = 0;
    const room = await open({
      handlers: {
        async command({ answer }) {
          calls++;
          await answer({ text: 'done' });
        },
      },
    });
    const ana = await room.member('ana');
    await ana.asks({ kind: 'command', command: 'snippet', options: {} }, 'once');
    rooms.push(await room.restart());
    await ana.connects();
    expect(await refusal(ana.asks({ kind: 'command', command: 'snippet', options: {} }, 'once'))).toBe(
      'gone',
    );
    expect(calls).toBe(1);
    await ana.drops();
  });

  it('still shows a private answer to its asker', async () => {
    const room = await open({
      handlers: {
        async command({ answer }) {
          await answer({ text: 'psst', private: true });
        },
      },
    });
    const ana = await room.member('ana');
    const answer = await ana.types('/taste');
    rooms.push(await room.restart());
    await ana.connects();
    expect(ana.messages.get(answer.id)?.onlyYou).toBe(true);
    const other = await room.stranger().connects();
    expect([...other.messages.keys()]).toEqual([]);
    await other.drops();
    await ana.drops();
  });

  it('shows what it told somebody who was not there, with its link and its buttons', async () => {
    const pressed: ActionInvocation[] = [];
    const room = await open({
      handlers: {
        async action(invocation) {
          pressed.push(invocation);
          await invocation.answer({ text: 'kept', private: true });
        },
      },
    });
    const ana = await room.member('ana');
    await ana.drops();
    const link = { url: 'https://example.org/link/one-time', label: 'Open' };
    const buttons = [link, { action: 'playlist:keep:7', label: 'Keep' }];
    expect(await room.room.tell(`room:${ana.self.id}`, { text: 'It has arrived', buttons })).toBe(true);
    rooms.push(await room.restart());
    await ana.connects();
    const told = [...ana.messages.values()].find(({ body }) => body.text === 'It has arrived')!;
    expect([told.onlyYou, told.body.buttons]).toEqual([true, buttons]);
    expect((await ana.presses(told, 'Keep')).body.text).toBe('kept');
    expect(pressed).toMatchObject([{ communityId: 'room:main', action: 'playlist:keep:7' }]);
    await ana.drops();
  });

  it('keeps what somebody was told until they come, however many days later', async () => {
    let time = Date.now();
    let room = await open({ now: () => time });
    const ana = await room.member('ana');
    const tell = async (text: string, hours = 25) => {
      time += hours * 60 * 60 * 1000;
      expect(await room.room.tell(`room:${ana.self.id}`, { text })).toBe(true);
    };
    /** What she sees who comes back to a page that knows nothing. */
    const read = async () => {
      room = await room.restart();
      rooms.push(room);
      await ana.connects();
      const texts = [...ana.messages.values()].map(({ body }) => body.text);
      await ana.drops();
      return texts;
    };
    room = await room.restart();
    rooms.push(room);
    await tell('one');
    await tell('two');
    expect(await read()).toEqual(['one', 'two']);
    await tell('three');
    expect(await read()).toEqual(['three']);
    await tell('four', 1);
    expect(await read()).toEqual(['three', 'four']);
    await tell('five');
    expect(await read()).toEqual(['five']);
  });

  it('has forgotten a person completely who asked for it', async () => {
    const room = await open();
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    const said = await ana.types('my secret');
    const ref = await room.room.post(PLACE, SNIPPET);
    await ana.reacts({ id: ref.message }, '😄');
    await room.room.forget(`room:${ana.self.id}`);
    await ben.until(
      () => !ben.messages.has(said.id) && ben.reactions({ id: ref.message }, '😄').length === 0,
    );
    await ben.until(() => !ben.people.has(ana.self.id));
    await ana.until(() => !ana.connected).catch(() => undefined);
    expect(ana.connected).toBe(false);
    const again = await room.restart();
    rooms.push(again);
    expect(await again.room.reactions(ref)).toEqual([]);
    await expect(ana.connects()).rejects.toThrow('401');
  });
});
