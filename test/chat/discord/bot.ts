import { REST, Routes, ApplicationCommandOptionType as Type } from 'discord.js';
import { pino } from 'pino';
import { createDiscord, type DiscordOptions } from '../../../src/chat/discord/discord.ts';
import type { Message } from '../../../src/chat/message.ts';
import type { ChatHandlers, ChatPlatform } from '../../../src/chat/platform.ts';
import type { MessageRef } from '../../../src/domain/post.ts';
import {
  type Discord,
  openDiscord,
  type DiscordOptions as ServerOptions,
} from '../../support/discord/discord.ts';
import type { GuildHandle } from '../../support/discord/guild-handle.ts';
import type { SeenMessage } from '../../support/discord/seen.ts';
import { type Heard, hear } from '../hear.ts';

const COMMANDS = [
  {
    name: 'playlist',
    description: 'Songs for you',
    options: [
      { type: Type.String, name: 'emotion', description: 'What it should feel like' },
      { type: Type.Integer, name: 'songs', description: 'How many' },
      { type: Type.Boolean, name: 'again', description: 'Once more' },
    ],
  },
  {
    name: 'settings',
    description: 'How I am set up here',
    options: [
      { type: Type.Channel, name: 'channel', description: 'Where snippets go' },
      { type: Type.User, name: 'add-moderator', description: 'Who may moderate' },
      { type: Type.Role, name: 'add-role', description: 'Which role may moderate' },
    ],
  },
  {
    name: 'song',
    description: 'A song',
    options: [{ type: Type.String, name: 'name', description: 'Which', autocomplete: true }],
  },
  { name: 'retrain', description: 'Learn now' },
  { name: 'taste', description: 'What you like' },
  { name: 'status', description: 'How far I am' },
];

/** Only a test that would hang runs into it. */
const PATIENCE_MS = 60_000;

/** A bot on a Discord of our own, with one server, `Choir`, and its channel `songs`. */
export interface TestBot {
  readonly discord: Discord;
  readonly choir: GuildHandle;
  readonly platform: ChatPlatform;
  readonly heard: Heard;
  readonly handlers: ChatHandlers;
  /** What was logged from `info` on, parsed. */
  readonly logged: Record<string, unknown>[];
  readonly songs: { readonly communityId: string; readonly channel: string };
  post(message: Message): Promise<MessageRef>;
  /** The same bot after a restart: another platform on the same Discord. */
  restart(): Promise<ChatPlatform>;
  until<T>(look: () => T | undefined | false, what?: string): Promise<T>;
  close(): Promise<void>;
}

export async function openBot({
  start = true,
  server = {},
  bot = {},
  before = () => {},
}: {
  start?: boolean;
  server?: ServerOptions;
  bot?: Partial<DiscordOptions>;
  /** Arranges the world before the bot comes. */
  before?: (discord: Discord, choir: GuildHandle) => void;
} = {}): Promise<TestBot> {
  const discord = await openDiscord(server);
  const choir = discord.guild({ name: 'Choir', channels: ['songs', 'chatter'] });
  before(discord, choir);
  const rest = new REST({ api: discord.api }).setToken(discord.token);
  await rest.put(Routes.applicationCommands(discord.world.applicationId), { body: COMMANDS });
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const { heard, handlers } = hear();
  const platforms: ChatPlatform[] = [];
  const create = (): ChatPlatform => {
    const platform = createDiscord({
      token: discord.token,
      apiUrl: discord.api,
      log,
      now: discord.clock.now,
      audio: async () => undefined,
      waitForGuildsMs: 200,
      ...bot,
    });
    platforms.push(platform);
    return platform;
  };
  const platform = create();
  if (start) await platform.start(handlers);
  const songs = { communityId: `discord:${choir.id}`, channel: choir.channel('songs').id };
  return {
    discord,
    choir,
    platform,
    heard,
    handlers,
    logged,
    songs,
    post: (message) => platform.post(songs, message),
    async restart() {
      await platform.stop();
      const next = create();
      await next.start(handlers);
      return next;
    },
    until: async (look, what = 'a change') => {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const found = look();
        if (found !== undefined && found !== false) return found;
        if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      for (const one of platforms) await one.stop();
      await discord.close();
    },
  };
}

/** The words of a message as a person reads them, wherever Discord shows them. */
export function wordsOf({ text, embeds }: SeenMessage): string {
  const parts = embeds.flatMap(({ title, description, fields = [], footer }) => [
    title,
    description,
    ...fields.map(({ name, value }) => `${name}: ${value}`),
    footer?.text,
  ]);
  return [text, ...parts]
    .filter((part) => part !== undefined && part !== '')
    .join('\n')
    .replace(/\\([^\w\s])/g, '$1');
}
