import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, complaints } from './ask.ts';
import { type Discord, openDiscord } from './discord.ts';

let discord: Discord;
let messages: string;
let commands: string;

beforeAll(async () => {
  // What is asked here, Discord's document refuses too; the rules themselves are on trial.
  discord = await openDiscord({ openApi: false });
  commands = `/applications/${discord.world.applicationId}/commands`;
});

beforeEach(() => {
  messages = `/channels/${discord.guild().channel('general').id}/messages`;
});

afterAll(() => discord.close());

const long = (length: number) => 'x'.repeat(length);
const button = (fields: object = {}) => ({ type: 2, style: 1, label: 'Go', custom_id: 'go', ...fields });
const row = (...components: object[]) => ({ type: 1, components });
const field = { name: 'n', value: 'v' };
const many = (count: number, one: (index: number) => object) =>
  Array.from({ length: count }, (_, index) => one(index));

describe('a message is refused', () => {
  it.each<[string, object, string, string]>([
    ['of more than 2,000 characters', { content: long(2001) }, 'content', 'BASE_TYPE_MAX_LENGTH'],
    ['whose content is no text', { content: 5 }, 'content', 'STRING_TYPE_CONVERT'],
    ['with a field that Discord does not know', { content: 'x', contents: 'y' }, 'contents', 'UNKNOWN_FIELD'],
    ['with an unknown field in an embed', { embeds: [{ titel: 'x' }] }, 'embeds.0.titel', 'UNKNOWN_FIELD'],
    ['with 11 embeds', { embeds: many(11, () => ({ title: 'x' })) }, 'embeds', 'BASE_TYPE_MAX_LENGTH'],
    ['with a long embed title', { embeds: [{ title: long(257) }] }, 'embeds.0.title', 'BASE_TYPE_MAX_LENGTH'],
    [
      'with a long description',
      { embeds: [{ description: long(4097) }] },
      'embeds.0.description',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with 26 fields',
      { embeds: [{ fields: many(26, () => field) }] },
      'embeds.0.fields',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with a field without a name',
      { embeds: [{ fields: [{ value: 'v' }] }] },
      'embeds.0.fields.0.name',
      'BASE_TYPE_REQUIRED',
    ],
    [
      'with an empty field value',
      { embeds: [{ fields: [{ name: 'n', value: '' }] }] },
      'embeds.0.fields.0.value',
      'BASE_TYPE_MIN_LENGTH',
    ],
    [
      'with a long field name',
      { embeds: [{ fields: [{ name: long(257), value: 'v' }] }] },
      'embeds.0.fields.0.name',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with a long field value',
      { embeds: [{ fields: [{ name: 'n', value: long(1025) }] }] },
      'embeds.0.fields.0.value',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with a long footer',
      { embeds: [{ footer: { text: long(2049) } }] },
      'embeds.0.footer.text',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with a long author',
      { embeds: [{ author: { name: long(257) } }] },
      'embeds.0.author.name',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with embeds of more than 6,000 characters together',
      { embeds: [{ description: long(4000) }, { description: long(2001) }] },
      'embeds',
      'MAX_EMBED_SIZE_EXCEEDED',
    ],
    [
      'with a colour out of range',
      { embeds: [{ title: 'x', color: 0x1000000 }] },
      'embeds.0.color',
      'NUMBER_TYPE_MAX',
    ],
    [
      'with a picture from nowhere',
      { embeds: [{ image: { url: 'file:///etc/passwd' } }] },
      'embeds.0.image.url',
      'URL_TYPE_INVALID_SCHEME',
    ],
    [
      'with a picture that is not attached',
      { embeds: [{ image: { url: 'attachment://x.png' } }] },
      'embeds.0.image.url',
      'ATTACHMENT_NOT_FOUND',
    ],
    [
      'with six rows',
      { content: 'x', components: many(6, (n) => row(button({ custom_id: `b${n}` }))) },
      'components',
      'BASE_TYPE_BAD_LENGTH',
    ],
    [
      'with six buttons in a row',
      { content: 'x', components: [row(...many(6, (n) => button({ custom_id: `b${n}` })))] },
      'components.0.components',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with an empty row',
      { content: 'x', components: [row()] },
      'components.0.components',
      'BASE_TYPE_MIN_LENGTH',
    ],
    [
      'with a button outside of a row',
      { content: 'x', components: [button()] },
      'components.0.type',
      'UNION_TYPE_CHOICES',
    ],
    [
      'with a long label',
      { content: 'x', components: [row(button({ label: long(81) }))] },
      'components.0.components.0.label',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with a long custom id',
      { content: 'x', components: [row(button({ custom_id: long(101) }))] },
      'components.0.components.0.custom_id',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with a custom id twice',
      { content: 'x', components: [row(button(), button())] },
      'components',
      'COMPONENT_CUSTOM_ID_DUPLICATED',
    ],
    [
      'with a button that has neither label nor emoji',
      { content: 'x', components: [row(button({ label: undefined }))] },
      'components.0.components.0',
      'BUTTON_COMPONENT_LABEL_REQUIRED',
    ],
    [
      'with a button without a custom id',
      { content: 'x', components: [row(button({ custom_id: undefined }))] },
      'components.0.components.0.custom_id',
      'COMPONENT_CUSTOM_ID_REQUIRED',
    ],
    [
      'with a link that carries a custom id',
      { content: 'x', components: [row(button({ style: 5, url: 'https://example.org' }))] },
      'components.0.components.0.custom_id',
      'COMPONENT_CUSTOM_ID_NOT_ALLOWED',
    ],
    [
      'with a link without a url',
      { content: 'x', components: [row({ type: 2, style: 5, label: 'Go' })] },
      'components.0.components.0.url',
      'BASE_TYPE_REQUIRED',
    ],
    [
      'with a url on a plain button',
      { content: 'x', components: [row(button({ url: 'https://example.org' }))] },
      'components.0.components.0.url',
      'COMPONENT_URL_NOT_ALLOWED',
    ],
    [
      'with a button emoji that is none',
      { content: 'x', components: [row(button({ emoji: { name: 'smile' } }))] },
      'components.0.components.0.emoji.name',
      'BUTTON_COMPONENT_INVALID_EMOJI',
    ],
    [
      'with mentions that contradict each other',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      'allowed_mentions.parse',
      'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
    [
      'that answers nothing',
      { content: 'x', message_reference: { message_id: '1' } },
      'message_reference',
      'REPLIES_UNKNOWN_MESSAGE',
    ],
    [
      'that wants to be ephemeral without an interaction',
      { content: 'x', flags: 64 },
      'flags',
      'BITFIELD_NOT_ALLOWED',
    ],
    [
      'that mixes content with the newer components',
      { content: 'x', flags: 1 << 15, components: [{ type: 10, content: 'y' }] },
      'content',
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    [
      'that uses the newer components without their flag',
      { components: [{ type: 10, content: 'y' }] },
      'components.0.type',
      'UNION_TYPE_CHOICES',
    ],
    [
      'that lists a file it does not bring',
      { content: 'x', attachments: [{ id: '0' }] },
      'attachments.0.id',
      'ATTACHMENT_NOT_FOUND',
    ],
  ])('%s', async (_what, body, path, code) => {
    const { status, body: answer } = await ask(discord, 'POST', messages, body);
    expect({ status, code: answer.code, message: answer.message }).toEqual({
      status: 400,
      code: 50035,
      message: 'Invalid Form Body',
    });
    expect(complaints(answer.errors)).toEqual({ [path]: [code] });
  });

  it.each([
    ['nothing in it', {}],
    ['only blanks', { content: '  \n' }],
    ['an embed without content', { embeds: [{ color: 5 }] }],
  ])('with %s', async (_what, body) => {
    expect(await ask(discord, 'POST', messages, body)).toMatchObject({ status: 400, body: { code: 50006 } });
  });

  it('with a file over 10 MiB', async () => {
    const files = [
      { name: 'big.bin', type: 'application/octet-stream', data: new Uint8Array(10 * 1024 * 1024 + 1) },
    ];
    expect(await ask(discord, 'POST', messages, {}, { files })).toMatchObject({
      status: 413,
      body: { code: 40005 },
    });
  });

  it('with a file that is not listed although others are', async () => {
    const file = { name: 'a.txt', type: 'text/plain', data: new Uint8Array([1]) };
    const { body } = await ask(
      discord,
      'POST',
      messages,
      { attachments: [{ id: 0 }] },
      { files: [file, file] },
    );
    expect(complaints(body.errors)).toEqual({ attachments: ['ATTACHMENT_NOT_LISTED'] });
  });

  const audio = { name: 'v.ogg', type: 'audio/ogg', data: new Uint8Array([1]) };
  const waveform = Buffer.alloc(16).toString('base64');
  it.each([
    ['with words', { content: 'x', attachments: [{ id: 0, duration_secs: 1, waveform }] }, [audio], 50159],
    ['with two files', {}, [audio, audio], 50160],
    ['without audio', {}, [{ ...audio, name: 'v.txt' }], 50160],
    ['without a waveform', { attachments: [{ id: 0, duration_secs: 1 }] }, [audio], 50161],
  ])('as a voice message %s', async (_what, body, files, code) => {
    const asked = await ask(discord, 'POST', messages, { ...body, flags: 1 << 13 }, { files });
    expect(asked).toMatchObject({ status: 400, body: { code } });
  });

  it.each([
    ['JSON that is none', '{"content":', 'application/json', 50109],
    ['another type of body', 'content=x', 'application/x-www-form-urlencoded', 50035],
  ])('as %s', async (_what, body, type, code) => {
    const response = await fetch(`${discord.api}/v10${messages}`, {
      method: 'POST',
      headers: { Authorization: `Bot ${discord.token}`, 'Content-Type': type },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code });
  });

  it('but taken at every limit', async () => {
    const body = {
      content: long(2000),
      embeds: [
        {
          title: long(256),
          fields: many(25, () => ({ name: 'n', value: long(100) })),
          footer: { text: long(2048) },
        },
      ],
      components: many(5, (r) =>
        row(...many(5, (b) => button({ custom_id: `${r} ${b}`.padEnd(100, 'x'), label: long(80) }))),
      ),
    };
    expect(await ask(discord, 'POST', messages, body)).toMatchObject({ status: 200 });
  });
});

describe('a command is refused', () => {
  const command = (fields: object = {}) => ({ name: 'playlist', description: 'A playlist', ...fields });
  const option = (fields: object = {}) => ({ type: 3, name: 'emotion', description: 'Which', ...fields });

  it.each<[string, object, string, string]>([
    ['with capitals in its name', command({ name: 'Playlist' }), 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
    ['with a blank in its name', command({ name: 'play list' }), 'name', 'APPLICATION_COMMAND_INVALID_NAME'],
    ['without a description', { name: 'playlist' }, 'description', 'BASE_TYPE_REQUIRED'],
    ['with a long description', command({ description: long(101) }), 'description', 'BASE_TYPE_MAX_LENGTH'],
    [
      'with an option without a description',
      command({ options: [option({ description: undefined })] }),
      'options.0.description',
      'BASE_TYPE_REQUIRED',
    ],
    [
      'with a bad option name',
      command({ options: [option({ name: 'Emotion' })] }),
      'options.0.name',
      'APPLICATION_COMMAND_INVALID_NAME',
    ],
    [
      'with 26 options',
      command({ options: many(26, (n) => option({ name: `o${n}` })) }),
      'options',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with an option twice',
      command({ options: [option(), option()] }),
      'options.1',
      'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
    ],
    [
      'with a required option after an optional one',
      command({ options: [option(), option({ name: 'to', required: true })] }),
      'options.1',
      'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    ],
    [
      'with 26 choices',
      command({ options: [option({ choices: many(26, (n) => ({ name: `c${n}`, value: `c${n}` })) })] }),
      'options.0.choices',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with a long choice',
      command({ options: [option({ choices: [{ name: long(101), value: 'x' }] })] }),
      'options.0.choices.0.name',
      'BASE_TYPE_MAX_LENGTH',
    ],
    [
      'with choices and completion together',
      command({ options: [option({ autocomplete: true, choices: [{ name: 'c', value: 'c' }] })] }),
      'options.0',
      'APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES',
    ],
    [
      'with completion where there is none',
      command({ options: [option({ type: 5, autocomplete: true })] }),
      'options.0.autocomplete',
      'UNKNOWN_FIELD',
    ],
    [
      'with subcommands and options mixed',
      command({ options: [{ type: 1, name: 'sub', description: 'x' }, option()] }),
      'options',
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
    ],
    ['with an unknown field', command({ permission: '0' }), 'permission', 'UNKNOWN_FIELD'],
    [
      'with an unknown locale',
      command({ name_localizations: { xx: 'x' } }),
      'name_localizations.xx',
      'UNKNOWN_FIELD',
    ],
  ])('%s', async (_what, body, path, code) => {
    const { status, body: answer } = await ask(discord, 'POST', commands, body);
    expect({ status, code: answer.code }).toEqual({ status: 400, code: 50035 });
    expect(complaints(answer.errors)).toEqual({ [path]: [code] });
  });

  it('of more than 8,000 characters', async () => {
    const options = many(25, (n) =>
      option({
        name: `o${n}`,
        description: long(100),
        choices: many(25, (c) => ({ name: long(20), value: `c${c}` })),
      }),
    );
    const { body } = await ask(discord, 'POST', commands, command({ options }));
    expect(complaints(body.errors)).toEqual({ '': ['APPLICATION_COMMAND_TOO_LARGE'] });
  });

  it('when a list names it twice', async () => {
    const { body } = await ask(discord, 'PUT', commands, [command(), command()]);
    expect(complaints(body.errors)).toEqual({ 1: ['APPLICATION_COMMANDS_DUPLICATE_NAME'] });
  });

  it('as the 101st', async () => {
    const list = many(101, (n) => command({ name: `c${n}` }));
    expect(await ask(discord, 'PUT', commands, list)).toMatchObject({ status: 400, body: { code: 30032 } });
  });
});

describe('Discord answers', () => {
  it.each([
    ['401 without a token', '/users/@me', null, 401, 0],
    ['401 to a wrong token', '/users/@me', 'wrong', 401, 0],
    ['404 to what is no route', '/nonsense', undefined, 404, 0],
    ['10003 for a channel that is none', '/channels/1', undefined, 404, 10003],
    ['10004 for a guild that the bot is not in', '/guilds/1', undefined, 404, 10004],
    ['10013 for a user that is none', '/users/1', undefined, 404, 10013],
    ['50035 to an id that is none', '/channels/general', undefined, 400, 50035],
  ])('%s', async (_what, path, token, status, code) => {
    const asked = await ask(discord, 'GET', path, undefined, token === undefined ? {} : { token });
    expect(asked).toMatchObject({ status, body: { code } });
  });
});
