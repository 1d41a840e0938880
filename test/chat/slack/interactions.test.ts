import { describe, expect, it, onTestFinished } from 'vitest';
import { commands } from '../../../commands/index.ts';
import type { Message } from '../../../src/chat/message.ts';
import { openBot, seen } from './bot.ts';

async function open(options: Parameters<typeof openBot>[0] = {}) {
  const bot = await openBot(options);
  onTestFinished(() => bot.close());
  const channel = bot.choir.channel('songs');
  return { ...bot, bot, channel, ana: bot.choir.member('ana') };
}

const list = (songs: number, reopen = 'playlist:show:7'): Message => ({
  text: 'A list.',
  songs: Array.from({ length: songs }, (_, index) => ({
    songId: `s${index + 1}`,
    title: `Song ${index + 1}`,
    artists: ['Ann'],
    sound: { kind: 'none' as const },
  })),
  buttons: [{ action: 'playlist:keep:7', label: 'Keep' }],
  reopen,
});
const numbers = (text: string) => [...text.matchAll(/\*(\d+)\.\*/g)].map(([, number]) => Number(number));

describe('a command on Slack', () => {
  it('takes people, channels and groups by their mentions, and emoji by their names', async () => {
    const { choir, channel, ana, heard, until } = await open();
    const ben = choir.member('ben');
    const group = choir.userGroup('djs', [ben]);
    const chatter = choir.channel('chatter');
    await ana.types(
      '/settings',
      `channel:<#${chatter.id}|chatter> add-moderator:<@${ben.id}|Ben B. Good> add-role:<!subteam^${group.id}|@djs> emotion:calm emoji::thumbsup:`,
      channel,
    );
    await until(() => heard.commands.length === 1);
    expect(heard.commands[0]).toMatchObject({
      command: 'settings',
      channel: channel.id,
      options: {
        channel: chatter.id,
        'add-moderator': `slack:${choir.id}:${ben.id}`,
        'add-role': group.id,
        emotion: 'calm',
        emoji: ':+1:',
      },
    });
  });

  it('knows admins and owners, and who is in which group', async () => {
    const { choir, channel, heard, until, ana } = await open();
    const group = choir.userGroup('djs', [ana]);
    for (const person of [ana, choir.admin('ada'), choir.owner('olga'), choir.primaryOwner('pia')]) {
      await person.types('/status', '', channel);
    }
    await until(() => heard.commands.length === 4);
    const askers = heard.commands.map(({ asker }) => [asker.name, asker.platformModerator, asker.groups]);
    expect(Object.fromEntries(askers.map(([name, ...rest]) => [name, rest]))).toEqual({
      ana: [false, [group.id]],
      ada: [true, []],
      olga: [true, []],
      pia: [true, []],
    });
  });

  it('may have a prefix, which its answers use too, or come through the umbrella', async () => {
    const { channel, ana, heard, until } = await open({ bot: { commandPrefix: 'reactune-' } });
    heard.onCommand = async ({ answer }) =>
      void (await answer({ text: 'Send */playlist calm*.', private: true }));
    const run = await ana.types('/reactune-playlist', 'calm', channel);
    expect((await run.shown()).text).toBe('Send */reactune-playlist calm*.');
    await ana.types('/reactune', 'playlist sad to happy', channel);
    await ana.types('/reactune', '', channel);
    await until(() => heard.commands.length === 3);
    expect(heard.commands.map(({ command, options }) => [command, options])).toEqual([
      ['playlist', { emotion: 'calm' }],
      ['playlist', { emotion: 'sad', to: 'happy' }],
      ['help', {}],
    ]);
  });

  it('can be a mention, which is answered in its thread', async () => {
    const { choir, channel, ana, heard, until } = await open();
    heard.onCommand = async ({ answer }) => {
      await answer({ text: 'for you', private: true });
      await answer({ text: 'for all' });
    };
    const topic = choir.member('ben').says(channel, 'What shall we hear?');
    ana.mentions(channel, 'playlist calm', { thread: topic });
    const secret = await ana.sight(channel, ({ text }) => text === 'for you');
    const loud = await ana.sight(channel, ({ text }) => text === 'for all');
    expect([secret.private, secret.thread, loud.private, loud.thread]).toEqual([
      true,
      topic.ts,
      false,
      topic.ts,
    ]);
    await until(() => heard.commands.length === 1);
    expect(heard.commands[0]).toMatchObject({ command: 'playlist', options: { emotion: 'calm' } });
  });

  it('is help where only the bot is mentioned, and may have its words on either side of the name', async () => {
    const { choir, channel, ana, heard, until } = await open();
    const bot = `<@${choir.bot.id}>`;
    const all = [bot, `${bot}: playlist calm`, `playlist sad ${bot}`, `${bot} /song Blue`, `${bot}!`];
    for (const [index, said] of all.entries()) {
      ana.says(channel, said);
      await until(() => heard.commands.length > index);
    }
    expect(heard.commands.map(({ command, options }) => [command, options])).toEqual([
      ['help', {}],
      ['playlist', { emotion: 'calm' }],
      ['playlist', { emotion: 'sad' }],
      ['song', { name: 'Blue' }],
      ['help', {}],
    ]);
  });

  it('is shown as it has to be typed where Slack has its name itself', async () => {
    const { channel, ana, heard } = await open();
    heard.onCommand = async ({ answer }) =>
      void (await answer({ text: 'Send */status* or */taste*.', private: true }));
    const run = await ana.types('/taste', '', channel);
    expect((await run.shown()).text).toBe('Send */reactune status* or */taste*.');
  });

  it('cannot choose the conversation with the bot alone as the channel for all', async () => {
    const { channel, ana, heard, until } = await open();
    const refused = await ana.types('/settings', 'channel:here', ana.direct());
    const told = await ana.sight(ana.direct(), ({ text }) => text.includes('the two of us'));
    expect([refused.failure, told.text]).toEqual([undefined, expect.stringContaining('channel:#music')]);
    await ana.types('/settings', 'channel:here', channel);
    await until(() => heard.commands.length === 1);
    expect(heard.commands[0]?.options).toEqual({ channel: 'here' });
  });

  it('cannot choose a channel that the bot cannot write in', async () => {
    const { choir, channel, ana, heard, until } = await open();
    const backstage = choir.addChannel({ name: 'backstage', private: true, bot: false });
    const attic = choir.addChannel({ name: 'attic', archived: true });
    const stage = choir.addChannel({ name: 'stage', bot: false });
    const choose = async (id: string) => ana.types('/settings', `channel:<#${id}>`, channel);
    expect((await (await choose(backstage.id)).shown()).text).toContain('/invite @Reactune');
    expect((await (await choose(attic.id)).shown()).text).toContain('is archived');
    // This one it enters by itself when it has something to post.
    await choose(stage.id);
    await until(() => heard.commands.length > 0);
    expect(heard.commands.map(({ options }) => options)).toEqual([{ channel: stage.id }]);
    expect(stage.members.has(choir.bot.id)).toBe(false);
  });

  it('takes what was copied from an answer, whose signs only look the same', async () => {
    const { channel, ana, heard, until } = await open();
    heard.onCommand = async ({ answer }) => void (await answer({ text: 'Such as 0 4 * * *', private: true }));
    const shown = await (await ana.types('/help', '', channel)).shown();
    await ana.types('/settings', `training:${shown.text.replace('Such as ', '')}`, channel);
    await until(() => heard.commands.length === 2);
    expect(heard.commands[1]?.options).toEqual({ training: '0 4 * * *' });
  });

  it('is answered in words alone where Slack finds the answer too long', async () => {
    const { slack, ana, heard } = await open();
    heard.onCommand = async ({ answer }) =>
      void (await answer({ title: 'A list', text: 'Of songs.', buttons: [{ action: 'a', label: 'A' }] }));
    slack.failNext('chat.postMessage', 'msg_too_long');
    ana.tells('taste');
    const shown = await ana.sight(ana.direct(), ({ author }) => author !== 'ana');
    expect([shown.text, shown.buttons]).toEqual(['A list\nOf songs.', []]);
  });

  it('runs once when its mention is delivered again, and never for bots or corrections', async () => {
    const { slack, choir, channel, ana, heard, until } = await open();
    ana.mentions(channel, 'status');
    await until(() => heard.commands.length === 1);
    slack.deliveries.redeliver(slack.latest('app_mention'));
    choir.otherBot('robot').mentions(channel, 'status');
    choir.workflowPosts(channel, `<@${choir.bot.id}> status`);
    await slack.deliveries.settled();
    ana.mentions(channel, 'taste');
    await until(() => heard.commands.length === 2);
    expect(heard.commands.map(({ command }) => command)).toEqual(['status', 'taste']);
  });

  it('works without its slash in a direct message, where answers can be changed', async () => {
    const { ana, heard } = await open();
    heard.onCommand = async ({ answer }) => {
      const handle = await answer({ text: 'wait', private: true });
      await handle.edit({ text: 'done', private: true });
    };
    ana.tells('playlist calm');
    const sight = await ana.sight(ana.direct(), ({ text }) => text === 'done');
    expect(sight.edited).toBe(true);
  });

  it('is acknowledged at once, however long it takes', async () => {
    const { channel, ana, heard, slack, until } = await open();
    let finish = () => {};
    heard.onCommand = async ({ answer }) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await answer({ text: 'at last', private: true });
    };
    const run = await ana.types('/status', '', channel);
    expect([run.failure, run.acknowledgedAfterMs < 500]).toEqual([undefined, true]);
    await until(() => heard.commands.length === 1);
    slack.advance(40 * 60_000);
    finish();
    // The address has grown too old, and ana may be gone by now.
    await ana.sight(ana.direct(), ({ text }) => text === 'at last');
  });

  it('tells of progress now and then, within the five answers that Slack takes', async () => {
    const { channel, ana, heard, slack, until } = await open();
    heard.onCommand = async ({ answer }) => {
      const at = (percent: number): Message => ({
        text: 'On it.',
        progress: { percent, label: '' },
        private: true,
      });
      const handle = await answer(at(0));
      for (let i = 1; i <= 60; i++) {
        slack.advance(2_000);
        await handle.edit(at(i));
      }
      await handle.edit({ text: 'Done.', private: true });
      await answer({ text: 'And one more thing.', private: true });
    };
    const run = await ana.types('/retrain', '', channel);
    await until(() => run.sights().some(({ text }) => text.includes('one more')));
    expect(run.sights().map(({ text }) => text.split('\n')[0])).toEqual([
      'On it.',
      'On it.',
      'On it.',
      'Done.',
      'And one more thing.',
    ]);
  });
});

describe('a long list on Slack', () => {
  it('is turned over in place, also after a restart, whether all see it or one', async () => {
    const { bot, slack, channel, ana, heard } = await open();
    const ref = await bot.post(list(25));
    heard.onCommand = async ({ answer }) => void (await answer({ ...list(25), private: true }));
    heard.onAction = async ({ answer }) => void (await answer(list(25)));
    const run = await ana.types('/taste', '', channel);
    const own = await run.shown();
    await bot.restart();
    expect(own.buttons).toEqual(['▶', 'Keep']);
    await ana.clicks(own, '▶');
    await slack.until(() => numbers(own.text)[0] === 11);
    expect(own.text).toContain('Page 2 of 3');
    const shown = await ana.sight(channel, ({ ts }) => ts === ref.message);
    await ana.clicks(seen(slack, ref), '▶');
    await slack.until(() => numbers(shown.text)[0] === 11);
    await ana.clicks(seen(slack, ref), '▶');
    await slack.until(() => numbers(shown.text)[0] === 21);
    expect(shown.buttons).toEqual(['◀', 'Keep']);
    expect(heard.actions.map(({ action }) => action)).toEqual(Array(3).fill('playlist:show:7'));
  });

  it('stays when it cannot be had any more, and only whoever pressed hears why', async () => {
    const { bot, slack, channel, ana, heard } = await open();
    const ref = await bot.post(list(25));
    heard.onAction = async ({ answer }) =>
      void (await answer({ text: 'That list is gone.', tone: 'refusal', private: true }));
    await ana.clicks(seen(slack, ref), '▶');
    const told = await ana.sight(channel, ({ text }) => text.includes('That list is gone'));
    expect(told.private).toBe(true);
    expect(seen(slack, ref).editedTs).toBeUndefined();
  });
});

describe('settings as a form', () => {
  const overview: Message = {
    title: 'Settings',
    text: 'This is how I am set up here.',
    private: true,
    form: {
      command: 'settings',
      label: 'Change settings',
      values: {
        'snippets-per-day': 4,
        'quiet-hours': '22:00-08:00',
        'time-zone': 'Europe/Berlin',
        training: 'off',
      },
    },
  };

  async function openForm() {
    const stage = await open();
    const { channel, ana, heard, slack, choir } = stage;
    const group = choir.userGroup('djs');
    heard.onCommand = async ({ answer }) => void (await answer(overview));
    const shown = await (await ana.types('/settings', '', channel)).shown();
    await ana.clicks(shown, 'Change settings');
    const form = await slack.until(() => ana.modal, 'the form');
    return { ...stage, form, group };
  }

  it('sends only what was changed, as the command itself', async () => {
    const { ana, form, group, heard, choir, channel, until, slack } = await openForm();
    expect([form.title, form.fields.slice(0, 4)]).toEqual([
      'Settings',
      ['Channel', 'Snippets per day', 'Quiet hours', 'Time zone'],
    ]);
    const ben = choir.member('ben');
    expect(await ana.searches(form, 'Add role', 'dj')).toEqual(['djs']);
    const done = await ana.submits({
      Channel: channel.id,
      'Snippets per day': 6,
      'Add moderator': ben.id,
      'Add role': group.id,
    });
    expect([done.failure, done.errors, ana.modal]).toEqual([undefined, {}, undefined]);
    await until(() => heard.commands.length === 2);
    expect(heard.commands[1]).toMatchObject({
      command: 'settings',
      channel: channel.id,
      options: {
        channel: channel.id,
        'snippets-per-day': 6,
        'add-moderator': `slack:${choir.id}:${ben.id}`,
        'add-role': group.id,
      },
    });
    expect(Object.keys(heard.commands[1]?.options ?? {})).toHaveLength(4);
    await slack.until(() => ana.sees(channel).filter((sight) => sight.private).length === 2);
  });

  it('shows what is wrong under its field, and stays open', async () => {
    const { ana, heard } = await openForm();
    heard.onCommand = async ({ answer }) =>
      void (await answer({ text: 'Quiet hours look like *22:00-08:00*.', tone: 'refusal', private: true }));
    const wrong = await ana.submits({ 'Quiet hours': 'at night' });
    expect(wrong.errors).toEqual({ 'quiet-hours': 'Quiet hours look like 22:00-08:00.' });
    expect(ana.modal).toBeDefined();
  });

  it('takes no channel that the bot cannot write in', async () => {
    const { ana, choir, heard } = await openForm();
    const backstage = choir.addChannel({ name: 'backstage', private: true, bot: false });
    const before = heard.commands.length;
    const refused = await ana.submits({ Channel: backstage.id });
    expect(refused.errors).toEqual({ channel: expect.stringContaining('/invite @Reactune') });
    expect(heard.commands).toHaveLength(before);
    await ana.submits({ Channel: choir.channel('chatter').id });
    expect(heard.commands.at(-1)?.options).toEqual({ channel: choir.channel('chatter').id });
  });

  it('completes a time zone while it is typed', async () => {
    const { ana, form, heard } = await openForm();
    heard.onComplete = async ({ typed }) => [{ name: `Africa/${typed}`, value: `Africa/${typed}` }];
    expect(await ana.searches(form, 'Time zone', 'Cai')).toEqual(['Africa/Cai', 'Cai']);
    expect(heard.completions[0]).toMatchObject({ command: 'settings', option: 'time-zone', typed: 'Cai' });
  });
});

describe('the home tab', () => {
  it('shows what the commands would say, moderators more, and its buttons work', async () => {
    const { slack, choir, ana, heard } = await open();
    heard.onCommand = async ({ command, asker, answer }) => {
      if (command === 'settings' && !asker.platformModerator) {
        await answer({ text: 'For moderators.', tone: 'refusal', private: true });
      } else {
        const buttons = [{ action: `${command}:more`, label: `More ${command}` }];
        await answer({ title: `The ${command}`, text: 'All is well.', buttons, private: true });
      }
    };
    heard.onAction = async ({ answer }) => void (await answer({ text: 'More it is.', private: true }));
    ana.opensHome();
    const home = await slack.until(() => ana.home);
    expect(home.text).toContain('The taste');
    expect(home.text).toContain('The status');
    expect(home.text).not.toContain('moderators');
    const ada = choir.admin('ada');
    ada.opensHome();
    expect((await slack.until(() => ada.home)).text).toContain('The settings');
    await ana.clicks(home, 'More taste');
    await ana.sight(ana.direct(), ({ text }) => text === 'More it is.');
    expect(heard.actions[0]).toMatchObject({ action: 'taste:more', channel: ana.direct().id });
    await ana.clicks(home, '🎧 Make a playlist');
    expect((await slack.until(() => ana.modal)).title).toBe('Playlist');
  });

  it('has the last playlists first, and cuts long lists rather than leave anything out', async () => {
    const playlists = { name: 'playlists', description: 'The last ones', options: [] };
    const { slack, choir, heard } = await open({ bot: { declarations: [...commands, playlists] } });
    const longest = 'w'.repeat(1_800);
    heard.onCommand = async ({ command, answer }) => {
      const rows = ['playlists', 'taste'].includes(command) ? 60 : 3;
      const fields = Array.from({ length: 25 }, (_, n) => ({ name: `${command} ${n}`, value: longest }));
      const buttons = Array.from({ length: 25 }, (_, n) => ({ action: `${command}:${n}`, label: `${n}` }));
      const text = Array.from({ length: rows }, (_, n) => `${n} ${longest}`).join('\n');
      await answer({ title: `The ${command}`, text, fields, buttons, private: true });
    };
    const ada = choir.admin('ada');
    ada.opensHome();
    const home = await slack.until(() => ada.home);
    const titles = home.blocks.filter(({ type }) => type === 'header').map(({ text }) => text);
    expect(titles.map((title) => (title as { text: string }).text)).toEqual([
      'The playlists',
      'The taste',
      'The status',
      'The settings',
    ]);
    expect(home.buttons.slice(0, 2)).toEqual(['🎧 Make a playlist', '🔎 Look up a song']);
  });
});
