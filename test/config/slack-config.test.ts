import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';

const SLACK_BOT_TOKEN = 'xoxb-1234567890-1234567890-AbCdEfGhIjKlMnOpQrStUvWx';
const SLACK_APP_TOKEN = `xapp-1-A0123456789-1234567890-${'0123456789abcdef'.repeat(4)}`;
const SLACK_SIGNING_SECRET = 'fedcba9876543210fedcba9876543210';
const SLACK_CLIENT_ID = '1010101010.2020202020';
const SLACK_CLIENT_SECRET = '0123456789abcdef0123456789abcdef';
const PUBLIC_URL = 'https://reactune.example.org';
const credentials = {
  SLACK_BOT_TOKEN,
  SLACK_APP_TOKEN,
  SLACK_SIGNING_SECRET,
  SLACK_CLIENT_ID,
  SLACK_CLIENT_SECRET,
};

type Env = Readonly<Record<string, string>>;

/** The problems; empty when there are none. None of them ever holds a secret. */
function problemsOf(env: Env): readonly string[] {
  try {
    readConfig({ ROOM: 'off', ...env });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const [name, value] of Object.entries(env))
      if (/TOKEN|SECRET|KEY|CLIENT_ID/.test(name) && value !== 'xoxb-')
        expect(error.message).not.toContain(value);
    return error.problems;
  }
}

const slackOf = (env: Env) => readConfig({ ROOM: 'off', ...env }).slack;

describe('Slack in the environment', () => {
  it('is off without credentials', () => {
    expect(slackOf({})).toBeUndefined();
    expect(slackOf({ SLACK_COMMAND_PREFIX: 'x-', SLACK_BOT_TOKEN: '' })).toBeUndefined();
  });

  it('is Socket Mode with bot and app token', () => {
    expect(slackOf({ SLACK_BOT_TOKEN: ` ${SLACK_BOT_TOKEN}\n`, SLACK_APP_TOKEN })).toEqual({
      mode: 'socket',
      botToken: SLACK_BOT_TOKEN,
      appToken: SLACK_APP_TOKEN,
      apiUrl: 'https://slack.com/api/',
      commandPrefix: '',
      unused: [],
    });
  });

  it('is HTTP for one workspace with signing secret and bot token', () => {
    expect(slackOf({ SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET })).toMatchObject({
      mode: 'http',
      signingSecret: SLACK_SIGNING_SECRET,
      botToken: SLACK_BOT_TOKEN,
    });
  });

  it('is HTTP for many workspaces with the credentials of OAuth and a public address', () => {
    const env = { SLACK_SIGNING_SECRET, SLACK_CLIENT_ID, SLACK_CLIENT_SECRET, PUBLIC_URL: `${PUBLIC_URL}/` };
    expect(slackOf(env)).toMatchObject({
      mode: 'http',
      signingSecret: SLACK_SIGNING_SECRET,
      oauth: { clientId: SLACK_CLIENT_ID, clientSecret: SLACK_CLIENT_SECRET, publicUrl: PUBLIC_URL },
    });
  });

  it('is Socket Mode when everything is there, and says what has no say', () => {
    expect(slackOf({ ...credentials, PUBLIC_URL })).toMatchObject({
      mode: 'socket',
      unused: ['SLACK_SIGNING_SECRET', 'SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET'],
    });
    const { SLACK_APP_TOKEN: _, ...rest } = credentials;
    expect(slackOf({ ...rest, PUBLIC_URL })).toMatchObject({ mode: 'http', unused: ['SLACK_BOT_TOKEN'] });
  });

  it.each<[string, Env, readonly RegExp[]]>([
    [
      'a bot token alone',
      { SLACK_BOT_TOKEN },
      [/^SLACK_APP_TOKEN is missing: .*SLACK_SIGNING_SECRET instead/],
    ],
    ['an app token alone', { SLACK_APP_TOKEN }, [/^SLACK_BOT_TOKEN is missing: .*OAuth & Permissions\.$/]],
    [
      'a signing secret alone',
      { SLACK_SIGNING_SECRET },
      [/^SLACK_BOT_TOKEN is missing: .*PUBLIC_URL for many/],
    ],
    [
      'half of OAuth',
      { SLACK_CLIENT_ID },
      [
        /^SLACK_SIGNING_SECRET is missing/,
        /^SLACK_CLIENT_SECRET is missing/,
        /^PUBLIC_URL must be the https/,
      ],
    ],
    [
      'OAuth without https',
      {
        SLACK_SIGNING_SECRET,
        SLACK_CLIENT_ID,
        SLACK_CLIENT_SECRET,
        PUBLIC_URL: 'http://reactune.example.org',
      },
      [/^PUBLIC_URL must be .* https:\/\/reactune\.example\.org: Slack takes no http/],
    ],
  ])('says what lacks: %s', (_, env, expected) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(problems[index]).toMatch(pattern);
  });

  it.each<[string, string, string]>([
    ['SLACK_BOT_TOKEN', SLACK_APP_TOKEN, 'is an app-level token: it belongs in SLACK_APP_TOKEN'],
    ['SLACK_APP_TOKEN', SLACK_BOT_TOKEN, 'is a bot token: it belongs in SLACK_BOT_TOKEN'],
    ['SLACK_BOT_TOKEN', 'xoxp-1234567890-1234567890-abc', "is a person's token"],
    ['SLACK_BOT_TOKEN', 'xoxe.xoxb-1-abcdefghijklmnop', 'token rotation is on for the app'],
    ['SLACK_BOT_TOKEN', SLACK_SIGNING_SECRET, 'looks like a signing or client secret'],
    ['SLACK_BOT_TOKEN', `Bearer ${SLACK_BOT_TOKEN}`, 'leave the word "Bearer" before it out'],
    ['SLACK_BOT_TOKEN', 'your-token-here', "does not look like a bot's token"],
    ['SLACK_BOT_TOKEN', 'xoxb-', 'a part of it is missing'],
    ['SLACK_SIGNING_SECRET', SLACK_CLIENT_ID, 'looks like the client ID: it belongs in SLACK_CLIENT_ID'],
    ['SLACK_CLIENT_ID', 'A0123456789', "looks like the app's ID"],
    ['SLACK_CLIENT_SECRET', SLACK_BOT_TOKEN, 'is a bot token: it belongs in SLACK_BOT_TOKEN'],
    ['SLACK_CLIENT_SECRET', 'short', '32 of 0-9 and a-f'],
  ])('says what was put into %s', (name, value, mistake) => {
    const problems = problemsOf({ ...credentials, PUBLIC_URL, [name]: value });
    expect(problems).toEqual([expect.stringContaining(mistake)]);
    expect(problems[0]).toMatch(new RegExp(`^${name} .*api\\.slack\\.com/apps → your app`));
  });

  it('names all mistakes at once, those of other settings too', () => {
    const problems = problemsOf({
      PORT: '99999',
      SLACK_SIGNING_SECRET: SLACK_BOT_TOKEN,
      SLACK_CLIENT_ID,
      SLACK_API_URL: 'slack.com',
      SLACK_COMMAND_PREFIX: '/Reactune ',
      ENCRYPTION_KEY: 'hunter2',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'PORT',
      'ENCRYPTION_KEY',
      'SLACK_SIGNING_SECRET',
      'SLACK_API_URL',
      'SLACK_COMMAND_PREFIX',
      'SLACK_CLIENT_SECRET',
      'PUBLIC_URL',
    ]);
  });

  it('takes an emulator, which does without https', () => {
    const env = {
      SLACK_SIGNING_SECRET,
      SLACK_CLIENT_ID,
      SLACK_CLIENT_SECRET,
      PUBLIC_URL: 'http://127.0.0.1:4000',
      SLACK_API_URL: 'http://127.0.0.1:5000/api',
    };
    expect(slackOf(env)).toMatchObject({ mode: 'http', apiUrl: 'http://127.0.0.1:5000/api/' });
  });
});

describe('the encryption key in the environment', () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, n) => (n * 37 + 11) % 256));
  const other = Buffer.from(bytes).reverse();

  it('may be base64 of either alphabet or hexadecimal, and old ones follow', () => {
    const forms = [
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      ` ${bytes.toString('hex')} `,
    ];
    const ids = forms.map((ENCRYPTION_KEY) => readConfig({ ENCRYPTION_KEY }).encryptionKeys[0].id);
    expect(new Set(ids).size).toBe(1);
    const two = readConfig({ ENCRYPTION_KEY: `${other.toString('hex')}, ${bytes.toString('base64')}` });
    expect(two.encryptionKeys.map(({ id }) => id)).toEqual([expect.not.stringMatching(ids[0]), ids[0]]);
    expect(readConfig({}).encryptionKeys).toEqual([]);
  });

  it.each([
    ['hunter2', 'exactly 32 bytes'],
    [bytes.toString('base64').slice(0, -6), 'exactly 32 bytes'],
    ['a phrase of several words!', 'must be 32 random bytes'],
    ['0'.repeat(64), 'is no random key'],
    [`${bytes.toString('hex')},`, 'must be 32 random bytes'],
  ])('is refused when it is none, with the way to make one: %s', (ENCRYPTION_KEY, mistake) => {
    const [problem, ...others] = problemsOf({ ENCRYPTION_KEY });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^ENCRYPTION_KEY .*randomBytes\(32\)/);
    expect(problem).toContain(mistake);
  });

  it('is not shown when the settings are printed', () => {
    const config = readConfig({ ENCRYPTION_KEY: bytes.toString('hex') });
    const shown = `${inspect(config, { depth: 9 })}${JSON.stringify(config)}`;
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(shown).not.toContain(bytes.toString(form));
  });
});

it('every variable is explained in .env.example', () => {
  const example = readFileSync(path.join(PACKAGE_ROOT, '.env.example'), 'utf8');
  for (const name of [...Object.keys(credentials), 'SLACK_API_URL', 'SLACK_COMMAND_PREFIX', 'ENCRYPTION_KEY'])
    expect(example).toMatch(new RegExp(`^${name}=`, 'm'));
});
