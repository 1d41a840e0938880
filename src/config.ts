import { existsSync, readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { PACKAGE_ROOT } from './paths.ts';
import { parseKey, type SealingKey } from './secrets/key.ts';
import { readSlackConfig, type SlackConfig } from './slack-config.ts';
import { readSpotifyConfig, type SpotifyConfig } from './spotify-config.ts';

/** The environment, checked. Every variable is explained in `.env.example`. */
export interface Config {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** The host is reachable from this machine only. */
  readonly loopback: boolean;
  /** Where members reach the bot's web server, without a trailing slash. */
  readonly publicUrl?: string;
  readonly stateDir: string;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly room: boolean;
  readonly roomPassword?: string;
  readonly backend: 'auto' | 'node' | 'wasm' | 'cpu';
  /** Longest a training run may take, in minutes. */
  readonly trainingTimeoutMinutes: number;
  /** Set when the bot is on Discord. */
  readonly discord?: {
    readonly token: string;
    /** Without the version: discord.js adds it. */
    readonly apiUrl: string;
  };
  /** Set when the bot is on Slack. */
  readonly slack?: SlackConfig;
  /** Set when playlists can arrive in Spotify. */
  readonly spotify?: SpotifyConfig;
  /** Keys for secrets at rest: the first seals, all open. Empty: the key file in the state folder. */
  readonly encryptionKeys: readonly SealingKey[];
}

/** The environment cannot be used. Lists every mistake at once, each with its fix. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `Reactune cannot start, its settings need a change:\n${problems.map((p) => `  - ${p}`).join('\n')}\n` +
        'Every setting is explained in .env.example.',
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Folder of the bot's own files: inside a checkout, else (installed as a package) below the working directory. */
export function defaultStateDir(): string {
  const installed = PACKAGE_ROOT.split(path.sep).includes('node_modules');
  return installed ? path.resolve('reactune-state') : path.join(PACKAGE_ROOT, 'data', 'state');
}

/** What was pasted in place of a bot's token, as far as its form tells. Never repeats it. */
function tokenMistake(token: string): string | undefined {
  if (/^[\w-]{20,}\.[\w-]{5,8}\.[\w-]{25,}$/.test(token)) return undefined;
  if (/^bot\s/i.test(token)) return 'is the token alone: leave the word "Bot" before it out';
  if (/^\d{17,20}$/.test(token)) return `looks like the application's id. ${WHERE_THE_TOKEN_IS}`;
  if (/^[0-9a-f]{64}$/i.test(token)) return `looks like the application's public key. ${WHERE_THE_TOKEN_IS}`;
  if (/^[\w-]{32}$/.test(token)) return `looks like the client secret. ${WHERE_THE_TOKEN_IS}`;
  return `does not look like a bot's token (three parts with dots between them). ${WHERE_THE_TOKEN_IS}`;
}

const WHERE_THE_TOKEN_IS =
  'The token is at discord.com/developers/applications → your application → Bot → Reset Token';

const MAKE_A_KEY = `node -e "console.log(crypto.randomBytes(32).toString('base64'))"`;
const KEY_MISTAKES = {
  form: 'must be 32 random bytes in base64 or hexadecimal',
  length: 'must be exactly 32 bytes (44 characters of base64, or 64 of hexadecimal)',
  weak: 'is no random key: its bytes repeat',
} as const;

const encryptionKeys = z.string().transform((text, context) => {
  const keys: SealingKey[] = [];
  for (const part of text.split(',')) {
    const key = parseKey(part);
    if (typeof key !== 'string') keys.push(key);
    else {
      const message = `${KEY_MISTAKES[key]}. Make one with: ${MAKE_A_KEY} (after a change of keys, the old ones follow behind a comma)`;
      context.addIssue({ code: 'custom', message });
    }
  }
  return keys;
});

const environment = z.object({
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'must be an address to listen on, such as 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  PORT: z.coerce
    .number({ error: 'must be a port number from 0 to 65535 (0 takes any free one)' })
    .int('must be a port number from 0 to 65535 (0 takes any free one)')
    .min(0, 'must be a port number from 0 to 65535 (0 takes any free one)')
    .max(65535, 'must be a port number from 0 to 65535 (0 takes any free one)')
    .default(3000),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://reactune.example.org' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  STATE_DIR: z
    .string()
    .transform((folder) => path.resolve(folder))
    .optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be trace, debug, info, warn, error or silent',
    })
    .default('info'),
  ROOM: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  ROOM_PASSWORD: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(200, 'is longer than 200 characters')
    .optional(),
  TFJS_BACKEND: z
    .enum(['auto', 'node', 'wasm', 'cpu'], { error: 'must be auto, node, wasm or cpu' })
    .default('auto'),
  TRAINING_TIMEOUT_MINUTES: z.coerce
    .number({ error: 'must be a number of minutes from 1 to 1440' })
    .min(1, 'must be a number of minutes from 1 to 1440')
    .max(1440, 'must be a number of minutes from 1 to 1440')
    .default(30),
  DISCORD_TOKEN: z
    .string()
    .trim()
    .superRefine((token, context) => {
      const message = tokenMistake(token);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  DISCORD_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://discord.com/api' })
    .transform((url) => url.replace(/\/+$/, ''))
    .refine(
      (url) => !/\/v\d+$/.test(url),
      'must end before the version: https://discord.com/api, without /v10',
    )
    .default('https://discord.com/api'),
  ENCRYPTION_KEY: encryptionKeys.optional(),
});

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackAddresses.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host === 'localhost';
  return loopbackAddresses.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Checks the environment.
 * @param env an unset and an empty variable mean the same
 * @throws ConfigError
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  const chat = readSlackConfig(given);
  const music = readSpotifyConfig(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}.`),
    ...('problems' in chat ? chat.problems : []),
    ...('problems' in music ? music.problems : []),
  ];
  if (!parsed.success || 'problems' in chat || 'problems' in music)
    throw new ConfigError([...new Set(problems)]);
  const values = parsed.data;
  const loopback = isLoopback(values.HOST);
  const room = values.ROOM === 'on';
  if (room && !loopback && values.ROOM_PASSWORD === undefined) {
    throw new ConfigError([
      `HOST=${values.HOST} opens the room to the network, so it needs a password: set ROOM_PASSWORD (8 characters or more), or ROOM=off.`,
    ]);
  }
  // A reverse proxy reaches the loopback address for everybody.
  const published = values.PUBLIC_URL === undefined ? undefined : new URL(values.PUBLIC_URL).hostname;
  const isPublic = published !== undefined && !isLoopback(published.replace(/^\[|\]$/g, ''));
  if (room && isPublic && values.ROOM_PASSWORD === undefined) {
    throw new ConfigError([
      `PUBLIC_URL=${values.PUBLIC_URL} opens the room to others, so it needs a password: set ROOM_PASSWORD (8 characters or more), or ROOM=off.`,
    ]);
  }
  return {
    host: values.HOST,
    port: values.PORT,
    loopback,
    publicUrl: values.PUBLIC_URL,
    stateDir: values.STATE_DIR ?? defaultStateDir(),
    logLevel: values.LOG_LEVEL,
    room,
    roomPassword: values.ROOM_PASSWORD,
    backend: values.TFJS_BACKEND,
    trainingTimeoutMinutes: values.TRAINING_TIMEOUT_MINUTES,
    discord:
      values.DISCORD_TOKEN === undefined
        ? undefined
        : { token: values.DISCORD_TOKEN, apiUrl: values.DISCORD_API_URL },
    slack: chat.slack,
    spotify: music.spotify,
    encryptionKeys: values.ENCRYPTION_KEY ?? [],
  };
}

/** The process's environment, with what a `.env` file in the working directory adds to it. */
export function environmentWithFile(folder = process.cwd()): Record<string, string | undefined> {
  const file = path.join(folder, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return { ...fromFile, ...process.env };
}
