import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../commands/command.ts';
import { checkDeclarations, LIMITS } from '../../commands/declarations.ts';
import { createDispatcher } from '../../commands/dispatch.ts';
import { commands } from '../../commands/index.ts';
import { editDistance, nearestWord } from '../../commands/nearest.ts';
import type { Message } from '../../src/chat/message.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { silent } from '../playlists/planted-model.ts';
import { type Chat, openChat } from './chat.ts';

let chat: Chat;
beforeAll(async () => {
  chat = await openChat();
});
afterAll(() => chat.close());

const refused = async (line: Promise<{ answer: Message }>) => {
  const { answer } = await line;
  expect(answer).toMatchObject({ tone: 'refusal', private: true });
  return answer.text;
};

describe('a command that cannot be run', () => {
  it('unknown: the nearest one is suggested', async () => {
    expect(await refused(chat.member('a').types('/playlsit calm'))).toContain('*/playlist*');
    expect(await refused(chat.member('a').types('/xyzzyplugh'))).toContain('/help');
  });

  it('with an unknown option: the nearest one, or all of them', async () => {
    expect(await refused(chat.member('a').sends('playlist', { emotoin: 'calm' }))).toContain('*emotion*');
    expect(await refused(chat.member('a').sends('playlist', { x: 1 }))).toContain(
      'emotion, to, songs, adventure',
    );
    expect(await refused(chat.member('a').sends('status', { verbose: true }))).toContain('no options');
  });

  it('with an unknown emotion: the nearest one, or all of them', async () => {
    expect(await refused(chat.member('a').types('/playlist clam'))).toContain('*calm*');
    expect(await refused(chat.member('a').types('/playlist 🤖'))).toContain('🕰️ Nostalgic');
    expect(await refused(chat.member('a').types('/playlist ❤️'))).toContain('😌 Calm');
  });

  it.each([
    ['songs', 0],
    ['songs', 51],
    ['songs', 2.5],
    ['songs', 'many'],
    ['songs', 'NaN'],
    ['songs', true],
    ['adventure', -0.1],
    ['adventure', 1.01],
    ['adventure', 'Infinity'],
  ])('with %s = %s: the range is told', async (option, value) => {
    expect(await refused(chat.member('a').sends('playlist', { [option]: value }))).toMatch(
      /number from \d to/,
    );
  });

  it('with names of the language itself', async () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      await refused(chat.member('a').sends(name, {}));
      await refused(chat.member('a').clicks(`${name}:run`));
      await refused(chat.member('a').clicks(`playlist:${name}`));
      await refused(chat.member('a').sends('playlist', JSON.parse(`{"${name}": 1}`)));
    }
  });

  it('with a text that is far too long', async () => {
    expect(await refused(chat.member('a').sends('help', { command: 'x'.repeat(5000) }))).toContain('200');
    expect((await refused(chat.member('a').sends('song', { name: 'x'.repeat(5000) }))).length).toBeLessThan(
      300,
    );
  });

  it('takes numbers and booleans as text too, with a decimal comma', async () => {
    const { answer } = await chat.member('a').sends('playlist', { songs: '3', adventure: '0,5' });
    expect(answer.songs).toHaveLength(3);
  });
});

describe('rights', () => {
  it('a member is refused what is for moderators, also by a button', async () => {
    for (const line of ['/retrain', '/retrain cancel:yes', '/settings snippets-per-day:0']) {
      expect(await refused(chat.member('a').types(line))).toContain('moderators');
    }
    for (const action of ['retrain:cancel', 'retrain:again', 'run:retrain:cancel:yes']) {
      expect(await refused(chat.member('a').clicks(action))).toContain('moderators');
    }
    expect(chat.training.current()).toBeUndefined();
  });

  it('whoever the community made a moderator may', async () => {
    const id = 'room:side';
    await chat.store.saveCommunity({
      id,
      platform: 'room',
      name: id,
      settings: { ...defaultSettings(), moderators: ['room:ana'] },
    });
    const secret: Command = {
      name: 'secret',
      description: 'For moderators',
      options: [],
      moderatorsOnly: true,
      run: async () => ({ text: 'hello' }),
    };
    const dispatcher = createDispatcher({ commands: [secret], services: chat.services, log: silent });
    const run = async (identity: string) => {
      const answers: Message[] = [];
      await dispatcher.command({
        communityId: id,
        channel: 'main',
        asker: { identity, name: 'x', platformModerator: false },
        at: 0,
        command: 'secret',
        options: {},
        answer: async (message) => {
          answers.push(message);
          return { edit: async () => undefined };
        },
      });
      return answers[0].text;
    };
    expect(await run('room:ana')).toBe('hello');
    expect(await run('room:ben')).toContain('for moderators');
  });
});

describe('a community that is seen for the first time', () => {
  it('is made with the default settings', async () => {
    await chat.member('a').types('/status');
    expect(await chat.store.community('room:main')).toMatchObject({
      id: 'room:main',
      platform: 'room',
      settings: defaultSettings(),
    });
  });
});

describe('a failure', () => {
  it('is told kindly with an id that is in the log, without the message of a library', async () => {
    const broken = await openChat({
      services: {
        nextTrainingAt: () => {
          throw new TypeError('Cannot read properties of undefined (reading "cron")');
        },
      },
    });
    const { answer } = await broken.member('ana').types('/status');
    await broken.close();
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toMatch(/the word \*[0-9a-f]{6}\*/);
    expect(answer.text).not.toContain('undefined');
  });

  it('of the answer itself does not reject', async () => {
    const dispatcher = createDispatcher({ commands, services: {} as never, log: silent });
    const invocation = {
      communityId: 'room:main',
      channel: 'main',
      asker: { identity: 'room:a', name: 'a', platformModerator: false },
      at: 0,
      answer: () => Promise.reject(new Error('gone')),
    };
    await expect(
      dispatcher.command({ ...invocation, command: 'status', options: {} }),
    ).resolves.toBeUndefined();
    await expect(dispatcher.action({ ...invocation, action: '' })).resolves.toBeUndefined();
    const request = { ...invocation, command: 'song', option: 'name', typed: 'x' };
    await expect(dispatcher.complete(request)).resolves.toEqual([]);
  });

  it('of an old button is told', async () => {
    expect(await refused(chat.member('a').clicks('playlist:dance:1'))).toContain('grown old');
    expect(await refused(chat.member('a').clicks('::::'))).toContain('grown old');
    expect(await refused(chat.member('a').clicks('playlist:keep:../../etc'))).toContain('gone');
  });
});

describe('completion', () => {
  it('of songs, emotions, choices and commands', async () => {
    const ana = chat.member('a');
    const songs = await ana.completes('song', 'name', 'calm song');
    expect(songs).toHaveLength(8);
    expect(songs[0].value).toMatch(/^calm-\d$/);
    expect(await ana.completes('playlist', 'emotion', 'te')).toEqual([
      { name: '😨 Tense', value: 'tense' },
      { name: '🥰 Tender', value: 'tender' },
    ]);
    expect((await ana.completes('my-data', 'do', 'ex')).map(({ value }) => value)).toEqual(['export']);
    expect((await ana.completes('help', 'command', '/pl')).map(({ value }) => value)).toEqual([
      'playlist',
      'playlists',
    ]);
    expect(await ana.completes('settings', 'time-zone', 'berl')).toEqual([
      { name: 'Europe/Berlin', value: 'Europe/Berlin' },
    ]);
    expect(await ana.completes('nothing', 'name', 'x')).toEqual([]);
    expect(await ana.completes('song', 'nothing', 'x')).toEqual([]);
  });

  it('does not make a member of somebody who only types', async () => {
    await chat.member('typist').completes('taste', 'remove', 'x');
    expect(await chat.store.findMember('room:typist')).toBeUndefined();
  });
});

describe('declarations', () => {
  it('of all commands fit Discord and Slack', () => {
    expect(() => checkDeclarations(commands)).not.toThrow();
    // Slack's manifest: the command with its slash within 32 characters, the usage hint within 1000.
    for (const { name, options } of commands) {
      expect(`/${name}`.length).toBeLessThanOrEqual(32);
      expect(options.map((option) => `[${option.name}]`).join(' ').length).toBeLessThanOrEqual(1000);
    }
    expect(commands.length).toBeLessThanOrEqual(LIMITS.commands);
  });

  const good: Command = { name: 'good', description: 'Good', options: [], run: async () => undefined };
  const option = { type: 'text', name: 'x', description: 'X' } as const;
  it.each<[string, Partial<Command>]>([
    ['a name with capitals', { name: 'Good' }],
    ['a name of 33 characters', { name: 'a'.repeat(33) }],
    ['no description', { description: '' }],
    ['a description of 101 characters', { description: 'a'.repeat(101) }],
    [
      'a required option after an optional one',
      { options: [option, { ...option, name: 'y', required: true }] },
    ],
    ['two options of one name', { options: [option, option] }],
    ['an option without a description', { options: [{ ...option, description: '' }] }],
    [
      '26 choices',
      {
        options: [
          { ...option, choices: Array.from({ length: 26 }, (_, i) => ({ name: `${i}`, value: `${i}` })) },
        ],
      },
    ],
    [
      'a choice of 101 characters',
      { options: [{ ...option, choices: [{ name: 'a'.repeat(101), value: 'a' }] }] },
    ],
    ['a range the wrong way round', { options: [{ ...option, type: 'integer', min: 2, max: 1 }] }],
    ['26 options', { options: Array.from({ length: 26 }, (_, i) => ({ ...option, name: `o${i}` })) }],
    ['a button with capitals', { actions: { Go: { run: async () => undefined } } }],
  ])('with %s fail at start', (_what, change) => {
    const services = {} as never;
    expect(() => createDispatcher({ commands: [{ ...good, ...change }], services, log: silent })).toThrow(
      /cannot be shown on every platform/,
    );
  });

  it('fail when two commands have one name', () => {
    expect(() => checkDeclarations([good, good])).toThrow('/good is declared twice');
  });
});

describe('nearest words', () => {
  it.each([
    ['calm', 'clam', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['same', 'same', 0],
  ])('%s and %s differ by %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it('are not guessed when nothing is near', () => {
    expect(nearestWord('xyzzy', ['playlist', 'help'])).toBeUndefined();
    expect(nearestWord('', ['help'])).toBeUndefined();
    expect(nearestWord('retr', ['help', 'retrain'])).toBe('retrain');
  });
});
