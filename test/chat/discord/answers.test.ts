import { afterEach, describe, expect, it } from 'vitest';
import type { AnswerHandle } from '../../../src/chat/platform.ts';
import { openBot, type TestBot, wordsOf } from './bot.ts';

const AFTER_DEATH_MS = 16 * 60_000;

let bot: TestBot;

afterEach(() => bot.close());

/** A door that opens when it is told to. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('an answer on Discord', () => {
  it('is promised at once, long before it is known', async () => {
    bot = await openBot();
    const { open, opened } = gate();
    bot.heard.onCommand = async ({ answer }) => {
      await opened;
      await answer({ text: 'here', private: true });
    };
    const typed = bot.choir.member('ana').types('songs', 'taste');
    expect(await typed.acknowledged()).toBeLessThan(3000);
    expect(typed.now).toMatchObject({ thinking: true, ephemeral: true });
    open();
    expect(await typed.response()).toMatchObject({ text: 'here', ephemeral: true });
  });

  it('for all takes the place of the promise, which only the asker saw', async () => {
    bot = await openBot();
    bot.heard.onCommand = async ({ answer }) => void (await answer({ text: 'for all' }));
    const typed = bot.choir.member('ana').types('songs', 'status');
    expect(await typed.followUp()).toMatchObject({ text: 'for all', ephemeral: false });
    expect(typed.now).toBeUndefined();
    expect(bot.choir.member('ben').sees('songs').map(wordsOf)).toEqual(['for all']);
  });

  it('that never comes takes the promise back', async () => {
    bot = await openBot();
    const typed = bot.choir.member('ana').types('songs', 'status');
    await typed.acknowledged();
    await bot.discord.until(() => typed.now === undefined);
    expect(typed.followUps).toEqual([]);
  });

  it('is changed in place, and not asked for when nothing changed', async () => {
    bot = await openBot();
    const done = gate();
    bot.heard.onCommand = async ({ answer }) => {
      const handle = await answer({ text: '1', private: true });
      const before = bot.discord.requests.length;
      await handle.edit({ text: '1', private: true });
      expect(bot.discord.requests.length).toBe(before);
      await handle.edit({ text: '2', private: true });
      done.open();
    };
    const typed = bot.choir.member('ana').types('songs', 'taste');
    await done.opened;
    expect(typed.now?.text).toBe('2');
  });

  it('that was deleted is written again with its last state', async () => {
    bot = await openBot();
    const [shown, deleted] = [gate(), gate()];
    bot.heard.onCommand = async ({ answer }) => {
      const handle = await answer({ text: '10 %', private: true });
      shown.open();
      await deleted.opened;
      await handle.edit({ text: '20 %', private: true });
      await handle.edit({ text: '30 %', private: true });
    };
    const ana = bot.choir.member('ana');
    const typed = ana.types('songs', 'retrain');
    await shown.opened;
    await ana.deletes(typed.now!);
    deleted.open();
    await bot.discord.until(() => typed.followUps[0]?.text === '30 %');
    expect(typed.followUps).toMatchObject([{ ephemeral: true }]);
  });

  it('waits for Discord where it has to, and still arrives', async () => {
    bot = await openBot();
    bot.discord.faults.limitNext('PATCH /webhooks', 0.3);
    bot.heard.onCommand = async ({ answer }) => void (await answer({ text: 'here', private: true }));
    expect(await bot.choir.member('ana').types('songs', 'taste').response()).toMatchObject({ text: 'here' });
  });

  it('does not wait for the emoji under a snippet, which have to wait 30 seconds', async () => {
    bot = await openBot();
    const ref = await bot.post({ text: 'react!' });
    bot.discord.faults.limitNext('PUT /channels', 30);
    const seeding = bot.platform.seedReactions(ref, ['😄', '😢']);
    seeding.catch(() => {});
    await bot.until(() => bot.discord.requests.some(({ status }) => status === 429));
    bot.heard.onCommand = async ({ answer }) => void (await answer({ text: 'here', private: true }));
    const started = performance.now();
    expect(await bot.choir.member('ana').types('songs', 'taste').response()).toMatchObject({ text: 'here' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('an answer after the 15 minutes that Discord waits', () => {
  it('for the asker comes as a direct message, and is changed there', async () => {
    bot = await openBot();
    const changed = gate();
    bot.heard.onCommand = async ({ answer }) => {
      bot.discord.clock.advance(AFTER_DEATH_MS);
      const handle = await answer({
        text: 'trained',
        private: true,
        buttons: [{ action: 'retrain:again', label: 'Again' }],
      });
      await handle.edit({ text: 'trained well', private: true });
      changed.open();
    };
    const ana = bot.choir.member('ana');
    ana.types('songs', 'retrain');
    await changed.opened;
    expect(ana.dms().map(wordsOf)).toEqual(['trained well']);
    expect(ana.dms()[0]?.buttons).toEqual([]);
    expect(bot.choir.member('ben').sees('songs')).toEqual([]);
  });

  it('that was begun before goes on as a direct message', async () => {
    bot = await openBot();
    const ended = gate();
    bot.heard.onCommand = async ({ answer }) => {
      const handle = await answer({ text: '10 %', private: true });
      bot.discord.clock.advance(AFTER_DEATH_MS);
      await handle.edit({ text: '90 %', private: true });
      await handle.edit({ text: '100 %', private: true });
      ended.open();
    };
    const ana = bot.choir.member('ana');
    ana.types('songs', 'retrain');
    await ended.opened;
    expect(ana.dms().map(wordsOf)).toEqual(['100 %']);
  });

  it('also when Discord’s clock is ahead of ours', async () => {
    let offset = 0;
    bot = await openBot({ bot: { now: () => Date.now() + offset } });
    const ended = gate();
    bot.heard.onCommand = async ({ answer }) => {
      bot.discord.clock.advance(AFTER_DEATH_MS);
      offset = 60_000;
      await answer({ text: 'late', private: true });
      await answer({ text: 'later' });
      ended.open();
    };
    const ana = bot.choir.member('ana');
    ana.types('songs', 'retrain');
    await ended.opened;
    expect(ana.dms().map(wordsOf)).toEqual(['late']);
    expect(bot.choir.member('ben').sees('songs').map(wordsOf)).toEqual([`<@${ana.id}> later`]);
    // A dead token of an interaction is no invalid token of the bot.
    await bot.post({ text: 'still here' });
  });

  it('or when our clock jumps over them, for it would be lost if the clock were right', async () => {
    let offset = 0;
    bot = await openBot({ bot: { now: () => Date.now() + offset } });
    const ended = gate();
    bot.heard.onCommand = async ({ answer }) => {
      offset = -3_600_000;
      const handle = await answer({ text: 'back', private: true });
      offset = 3_600_000;
      await handle.edit({ text: 'ahead', private: true });
      ended.open();
    };
    const ana = bot.choir.member('ana');
    const typed = ana.types('songs', 'retrain');
    await ended.opened;
    expect(typed.now?.text).toBe('back');
    expect(ana.dms().map(wordsOf)).toEqual(['ahead']);
  });

  it('is announced in the channel when the asker takes no direct messages, without saying what it is', async () => {
    bot = await openBot();
    const ended = gate();
    bot.heard.onCommand = async ({ answer }) => {
      bot.discord.clock.advance(AFTER_DEATH_MS);
      const handle = await answer({ text: 'your secret', private: true });
      await handle.edit({ text: 'your other secret', private: true });
      ended.open();
    };
    const ana = bot.choir.member('ana');
    ana.acceptsDms(false);
    ana.types('songs', 'retrain');
    await ended.opened;
    const told = bot.choir.member('ben').sees('songs').map(wordsOf);
    expect(told).toEqual([expect.stringContaining(`<@${ana.id}>`)]);
    expect(told[0]).toContain('/retrain');
    expect(told[0]).not.toContain('secret');
  });

  it('for all goes to the channel and addresses the asker', async () => {
    bot = await openBot();
    const ended = gate();
    bot.heard.onCommand = async ({ answer }) => {
      const handle = await answer({ text: 'first' });
      bot.discord.clock.advance(AFTER_DEATH_MS);
      await handle.edit({ text: 'first, changed' });
      await answer({ text: 'second' });
      ended.open();
    };
    const ana = bot.choir.member('ana');
    ana.types('songs', 'status');
    await ended.opened;
    expect(bot.choir.member('ben').sees('songs').map(wordsOf)).toEqual([
      'first, changed',
      `<@${ana.id}> second`,
    ]);
  });

  it('that was lost is written again', async () => {
    bot = await openBot();
    const [shown, deleted, ended] = [gate(), gate(), gate()];
    bot.heard.onCommand = async ({ answer }) => {
      bot.discord.clock.advance(AFTER_DEATH_MS);
      const handle = await answer({ text: 'first' });
      shown.open();
      await deleted.opened;
      await handle.edit({ text: 'again' });
      ended.open();
    };
    const ana = bot.choir.member('ana');
    ana.types('songs', 'status');
    await shown.opened;
    await bot.choir.moderator('mo').deletes(bot.choir.member('ben').sees('songs')[0]!);
    deleted.open();
    await ended.opened;
    expect(bot.choir.member('ben').sees('songs').map(wordsOf)).toEqual([`<@${ana.id}> again`]);
  });
});

describe('an answer that cannot be given', () => {
  it('is told as a ChatError, and the bot goes on', async () => {
    bot = await openBot();
    let failure: unknown;
    let handle: AnswerHandle | undefined;
    const ended = gate();
    bot.heard.onCommand = async ({ answer }) => {
      bot.discord.faults.failNext('PATCH /webhooks', 500, 4);
      failure = await answer({ text: 'x', private: true }).catch((error: unknown) => error);
      handle = await answer({ text: 'y', private: true });
      ended.open();
    };
    const typed = bot.choir.member('ana').types('songs', 'taste');
    await ended.opened;
    expect(failure).toMatchObject({ name: 'ChatError', code: 'unreachable' });
    expect(handle).toBeDefined();
    expect(typed.now ?? typed.followUps[0]).toMatchObject({ text: 'y' });
  });
});
