import type { Installation } from '@slack/bolt';
import { pino } from 'pino';
import { commands } from '../../../commands/index.ts';
import type { Message } from '../../../src/chat/message.ts';
import type { ChatHandlers, ChatPlatform } from '../../../src/chat/platform.ts';
import type { Installations } from '../../../src/chat/slack/installations.ts';
import { SCOPE_NAMES } from '../../../src/chat/slack/scopes.ts';
import { createSlack, type SlackOptions } from '../../../src/chat/slack/slack.ts';
import type { MessageRef } from '../../../src/domain/post.ts';
import { loadTaxonomy } from '../../../src/domain/taxonomy.ts';
import { createHttpServer } from '../../../src/http/server.ts';
import { readBlocks, type Sight } from '../../support/slack/people/sight.ts';
import type { Workspace } from '../../support/slack/people/workspace.ts';
import {
  openSlack,
  type SlackOptions as ServerOptions,
  type Slack,
  type WorkspaceOptions,
} from '../../support/slack/slack.ts';
import { type Heard, hear } from '../hear.ts';

export type Transport = 'sockets' | 'http';

const { emotions } = loadTaxonomy('data/emotions.json');

/** Installations as they are kept in memory. */
export interface KeptInstallations extends Installations {
  readonly kept: Map<string, Installation>;
}

const keyOf = ({ teamId, enterpriseId, isEnterpriseInstall }: Parameters<Installations['fetch']>[0]) =>
  isEnterpriseInstall ? `E ${enterpriseId}` : `T ${teamId}`;

export function keepInstallations(): KeptInstallations {
  const kept = new Map<string, Installation>();
  return {
    kept,
    fetch: async (query) => kept.get(keyOf(query)),
    async store(installation) {
      const { team, enterprise, isEnterpriseInstall = false } = installation;
      kept.set(isEnterpriseInstall ? `E ${enterprise?.id}` : `T ${team?.id}`, installation);
    },
    async delete(query) {
      kept.delete(keyOf(query));
    },
    all: async () => [...kept.values()],
  };
}

/** The installation of a workspace, as OAuth would have brought it. */
export function installationOf(ws: Workspace): Installation {
  const { token, bot, botId } = ws.installation;
  return {
    team: { id: ws.id, name: ws.team.name },
    enterprise: undefined,
    user: { id: '', token: undefined, scopes: undefined },
    bot: { token, userId: bot.id, id: botId, scopes: [] },
  };
}

/** A bot on a Slack of our own, with one workspace, `Choir`, and its channel `songs`. */
export interface TestBot {
  readonly slack: Slack;
  readonly choir: Workspace;
  readonly platform: ChatPlatform;
  readonly heard: Heard;
  readonly handlers: ChatHandlers;
  readonly installations: KeptInstallations;
  /** Of the bot's web server; empty without one. */
  readonly url: string;
  /** What was logged from `debug` on, parsed. */
  readonly logged: Record<string, unknown>[];
  readonly songs: { readonly communityId: string; readonly channel: string };
  post(message: Message): Promise<MessageRef>;
  /** The same bot after a restart: another platform on the same Slack. */
  restart(): Promise<ChatPlatform>;
  until<T>(look: () => T | undefined | false, what?: string): Promise<T>;
  close(): Promise<void>;
}

/** Only a test that would hang runs into it. */
const PATIENCE_MS = 60_000;

export async function openBot({
  transport = 'sockets',
  start = true,
  server = {},
  workspace = {},
  bot = {},
  before = () => {},
}: {
  transport?: Transport;
  start?: boolean;
  server?: ServerOptions;
  workspace?: WorkspaceOptions;
  bot?: Partial<SlackOptions>;
  /** Arranges the world before the bot comes. */
  before?: (slack: Slack, choir: Workspace) => void;
} = {}): Promise<TestBot> {
  const slack = await openSlack(server);
  const choir = slack.workspace({ name: 'Choir', channels: ['songs', 'chatter'], ...workspace });
  before(slack, choir);
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const { heard, handlers } = hear();
  const installations = keepInstallations();
  const platforms: ChatPlatform[] = [];
  const closing: (() => Promise<void>)[] = [];
  let url = '';

  async function create(): Promise<ChatPlatform> {
    const common = {
      apiUrl: slack.api,
      log,
      now: slack.clock.now,
      audio: async () => undefined,
      declarations: commands,
      emotions,
      otherEmojis: [{ emoji: '❤️', slack: 'heart' }],
      ...bot,
    };
    if (transport === 'sockets') {
      const { appToken } = slack.app;
      const platform = createSlack({
        mode: { kind: 'socket', botToken: choir.token, appToken, retryMs: 20 },
        ...common,
      });
      platforms.push(platform);
      return platform;
    }
    const http = createHttpServer({ host: '127.0.0.1', port: 0, log });
    const { signingSecret, clientId, clientSecret } = slack.app;
    const platform = createSlack({
      mode: {
        kind: 'http',
        signingSecret,
        access: {
          clientId,
          clientSecret,
          installations,
          scopes: SCOPE_NAMES,
          publicUrl: undefined,
        },
        mount: (handle) => http.mount('/slack', handle),
      },
      ...common,
    });
    ({ url } = await http.listen());
    (slack.app.redirectUrls as string[]).splice(0, 1, `${url}/slack/oauth_redirect`);
    closing.push(() => http.close());
    platforms.push(platform);
    return platform;
  }

  /** Slack knows the address once there is somebody behind it. */
  async function open(platform: ChatPlatform): Promise<void> {
    await platform.start(handlers);
    if (transport === 'http' && !(await slack.postsTo(`${url}/slack/events`))) {
      throw new Error('the bot failed the hand-shake');
    }
  }

  if (transport === 'http' && workspace.installed !== false) await installations.store(installationOf(choir));
  const platform = await create();
  const startIt = platform.start.bind(platform);
  // Whoever starts the platform itself needs the hand-shake too.
  platform.start = async (given) => {
    await startIt(given);
    if (transport === 'http') await slack.postsTo(`${url}/slack/events`);
  };
  if (start) await platform.start(handlers);
  const songs = { communityId: `slack:${choir.id}`, channel: choir.channel('songs').id };
  return {
    slack,
    choir,
    platform,
    heard,
    handlers,
    installations,
    get url() {
      return url;
    },
    logged,
    songs,
    post: (message) => platform.post(songs, message),
    async restart() {
      await platform.stop();
      const next = await create();
      await open(next);
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
      for (const one of closing) await one();
      await slack.close();
    },
  };
}

/** What is written in a message, without its buttons and the marks of bold. */
export function wordsOf({ blocks, text }: Sight): string {
  const told = blocks.filter(({ type }) => type !== 'actions');
  return (told.length > 0 ? readBlocks(told).join('\n') : text).replace(/\*([^*\n]+)\*/g, '$1');
}

/** The message that a reference means. */
export function seen(slack: Slack, ref: MessageRef) {
  const message = slack.message(ref.channel, ref.message);
  if (message === undefined) throw new Error('the message is gone');
  return message;
}

/** `{ emotion: 'calm', songs: 10 }` as somebody would type it. */
export function typed(options: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}:"${value}"`)
    .join(' ');
}
