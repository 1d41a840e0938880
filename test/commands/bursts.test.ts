import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findHeldBack } from '../../src/labelling/held-back.ts';
import { MINUTE, rush, settle, vote } from '../labelling/voters.ts';
import { METRICS } from '../playlists/planted-model.ts';
import { type Chat, NOW, openChat, Seen } from './chat.ts';

const SONG = 'calm-3';

describe('votes that are held back', () => {
  let chat: Chat;
  let clock: number;
  beforeEach(async () => {
    clock = NOW;
    chat = await openChat({ now: () => clock });
    await settle(chat.store, NOW, ['sad-0', 'sad-1', 'sad-2']);
    await rush(chat.store, SONG, NOW, { emotions: ['angry', 'tense'] });
  });
  afterEach(() => chat.close());

  const mod = (name = 'mo') => chat.member(name, { moderator: true });
  const heldBack = (seen: Seen) => seen.answer.fields?.find(({ name }) => name === 'Held back')?.value;
  async function countedOn(songId: string): Promise<number> {
    let votes = 0;
    for await (const batch of (await findHeldBack(chat.store)).counted()) {
      votes += batch.filter((one) => one.songId === songId).length;
    }
    return votes;
  }

  it('are shown to moderators in /status, without saying whose they are', async () => {
    const seen = await mod().types('/status');
    expect(heldBack(seen)).toContain(
      '12 votes by 6 new members within 20 minutes on *Calm song 3* (today at 12:00).',
    );
    expect(JSON.stringify(seen.answer)).not.toContain('rush');
    expect(seen.answer.private).toBe(true);
  });

  it('are nothing that anybody else is shown or can decide', async () => {
    const seen = await chat.member('rush0').types('/status');
    expect(heldBack(seen)).toBeUndefined();
    expect(seen.answer.buttons).toBeUndefined();
    const button = (await mod().types('/status')).button('Count them');
    expect((await chat.member('rush0').clicks(button)).answer.text).toContain('for moderators');
    expect(await countedOn(SONG)).toBe(0);
  });

  it('are nothing that moderators of another community see or decide', async () => {
    const elsewhere = chat.member('eve', { moderator: true, communityId: 'room:elsewhere' });
    expect(heldBack(await elsewhere.types('/status'))).toBeUndefined();
    const button = (await mod().types('/status')).button('Count them');
    expect((await elsewhere.clicks(button)).answer.tone).toBe('refusal');
    expect(await countedOn(SONG)).toBe(0);
  });

  it('count when a moderator says so, and can be left out after all', async () => {
    const seen = await mod().types('/status');
    const done = await mod().clicks(seen.button('Count them'));
    expect(done.answer.text).toBe('Done: 12 votes count from the next training on.');
    expect(await countedOn(SONG)).toBe(12);
    expect(heldBack(await mod().types('/status'))).toBeUndefined();
    const after = await mod().clicks(done.button('Leave them out after all'));
    expect(after.answer.text).toContain('stay out');
    expect(await countedOn(SONG)).toBe(0);
    expect((await mod().clicks(after.button('Count them after all'))).answer.text).toContain('count');
    expect(await countedOn(SONG)).toBe(12);
  });

  it('are decided once, whoever presses twice', async () => {
    const seen = await mod().types('/status');
    await mod().clicks(seen.button('Leave them out'));
    const again = await mod().clicks(seen.button('Leave them out'));
    expect(again.answer.text).toBe('You have decided already: these votes stay out.');
    const other = await mod('flo').clicks(seen.button('Count them'));
    expect(other.answer.text).toBe('mo has decided already: these votes stay out.');
    expect(await countedOn(SONG)).toBe(0);
    expect(await chat.store.burstDecisions()).toHaveLength(1);
  });

  it('are decided by the first of two moderators at once, and the second is told', async () => {
    const seen = await mod().types('/status');
    const answers = await Promise.all([
      mod('mo').clicks(seen.button('Count them')),
      mod('flo').clicks(seen.button('Leave them out')),
    ]);
    const texts = answers.map(({ answer }) => answer.text);
    expect(texts.filter((text) => text.startsWith('Done'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('has decided already'))).toHaveLength(1);
    expect(await chat.store.burstDecisions()).toHaveLength(1);
  });

  it('are turned around once where two moderators do so at once', async () => {
    const first = await mod().clicks((await mod().types('/status')).button('Count them'));
    const button = first.button('Leave them out after all');
    await Promise.all([mod('mo').clicks(button), mod('flo').clicks(button)]);
    expect(await countedOn(SONG)).toBe(0);
    expect(await chat.store.burstDecisions()).toHaveLength(2);
  });

  it('that came in after a moderator looked are not decided on unseen', async () => {
    const seen = await mod().types('/status');
    await rush(chat.store, SONG, NOW + 10 * MINUTE, { name: 'later', minutes: 5 });
    await rush(chat.store, 'calm-4', NOW - MINUTE, { name: 'more', minutes: 5 });
    const pressed = await mod().clicks(seen.button('Count them'));
    expect(pressed.answer.text).toContain('have not done anything yet');
    expect(pressed.answer.text).toContain('18 votes by 12 new members');
    expect(await countedOn(SONG)).toBe(0);
    await mod().clicks(pressed.button('Leave them out'));
    expect(heldBack(await mod().types('/status'))).toContain('6 votes by 6 new members');
  });

  it('that were taken back meanwhile are told to be gone', async () => {
    const seen = await mod().types('/status');
    for (const emotion of ['angry', 'tense']) {
      await chat.store.setReactions([0, 1, 2].map((n) => vote(`rush${n}`, SONG, emotion, NOW, false)));
    }
    expect((await mod().clicks(seen.button('Count them'))).answer.tone).toBe('refusal');
  });

  it('of buttons that make no sense change nothing', async () => {
    for (const action of [
      'status:count',
      'status:count:x:y',
      'status:after-all:1:2:3',
      'status:leave-out:::',
    ]) {
      expect((await mod().clicks(action)).answer.tone).toBe('refusal');
    }
  });

  it('are the newest last, a few at a time, each with buttons of its own', async () => {
    for (let n = 0; n < 4; n++) {
      await rush(chat.store, `happy-${n}`, NOW + (n + 1) * 120 * MINUTE, { name: `wave${n}-`, minutes: 5 });
    }
    clock = NOW + 9 * 60 * MINUTE;
    const seen = await mod().types('/status');
    expect(heldBack(seen)).toContain('1: 12 votes');
    expect(heldBack(seen)).toContain('2 more bursts after that.');
    await mod().clicks(seen.button('2: Count them'));
    expect(await countedOn('happy-0')).toBe(6);
    expect(await countedOn(SONG)).toBe(0);
  });

  it('are not among the votes that /song counts, until they are decided on', async () => {
    await chat.member('regular0').votes(SONG, 'calm');
    expect((await chat.member('x').types(`/song ${SONG}`)).answer.text).toContain('From 1 vote ');
    await mod().clicks((await mod().types('/status')).button('Count them'));
    expect((await chat.member('x').types(`/song ${SONG}`)).answer.text).toContain('From 13 votes');
  });

  it('are in the export of their member, and decisions in that of the moderator', async () => {
    const read = async (name: string) => {
      const { answer } = await chat.member(name).types('/my-data export');
      return JSON.parse(answer.files?.[0].content ?? '');
    };
    expect((await read('rush0')).notCounted).toMatchObject([
      { songId: SONG, because: 'waits for a moderator' },
      { songId: SONG, because: 'waits for a moderator' },
    ]);
    expect((await read('regular0')).notCounted).toEqual([]);
    await mod().clicks((await mod().types('/status')).button('Leave them out'));
    expect((await read('rush0')).notCounted[0].because).toBe('left out by a moderator');
    expect((await read('rush0')).decisions).toEqual([]);
    expect((await read('mo')).decisions).toMatchObject([{ by: 'room:mo', name: 'mo', counts: false }]);
  });

  it('stay decided when the moderator who decided deletes everything, without their name', async () => {
    await mod().clicks((await mod().types('/status')).button('Leave them out'));
    await mod().clicks('my-data:forget');
    const [decision] = await chat.store.burstDecisions();
    expect(JSON.stringify(decision)).not.toContain('mo"');
    expect(await countedOn(SONG)).toBe(0);
  });

  it('are told to the moderator whose training left them out', async () => {
    const seen = new Seen();
    const ended = mod().types('/retrain', seen);
    await vi.waitUntil(() => seen.messages.length > 0);
    chat.training.ends({ outcome: 'published', metrics: { ...METRICS, heldBackVotes: 12 } });
    await ended;
    expect(seen.last.fields).toContainEqual({
      name: 'Held back',
      value: '12 votes of new members: see /status',
    });
  });
});
