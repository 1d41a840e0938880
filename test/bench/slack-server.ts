import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { HttpMode, SocketMode } from '../../src/chat/slack/slack.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { builtEntry } from '../../src/paths.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import type { Acknowledged, Sent, ToServer, Where } from './slack-server-child.ts';
import { silent } from './voting-bot.ts';

/** What the adapter has to be told, apart from the way in. */
export const adapterOptions = {
  log: silent,
  now: Date.now,
  audio: async () => undefined,
  declarations: [],
  emotions: taxonomy.emotions,
} as const;

/** The emotions' names on Slack. */
export const emojis = taxonomy.emotions.map(({ slack }) => slack);

export type Transport = 'sockets' | 'http';

export const TRANSPORTS = { sockets: 'Socket Mode', http: 'signed HTTP' } as const;

/** The tests' Slack in another process. */
export async function startSlackServer() {
  const child = fork(builtEntry('slack-server-child'), { stdio: 'inherit' });
  const ended = new AbortController();
  child.once('exit', () => ended.abort(new Error("the tests' Slack ended")));
  const next = async <T>() => (await once(child, 'message', { signal: ended.signal }))[0] as T;
  const ask = <T>(what: ToServer): Promise<T> => {
    const answer = next<T>();
    child.send(what);
    return answer;
  };
  const where = await next<Where>();
  return {
    where,
    react: (crowd: Extract<ToServer, { crowd: unknown }>['crowd']) => ask<Sent>({ crowd }),
    bustle: (bustle: Extract<ToServer, { bustle: unknown }>['bustle']) => ask<Acknowledged>({ bustle }),
    enough: () => void child.send({ enough: true } satisfies ToServer),
    async postsTo(listensAt: string): Promise<void> {
      const { listening } = await ask<{ listening: boolean }>({ listensAt });
      if (!listening) throw new Error('the bot failed the hand-shake');
    },
    close: () => void (child.connected && child.disconnect()),
  };
}

export type SlackServer = Awaited<ReturnType<typeof startSlackServer>>;

/** How a bot of this process is on the Slack of another. */
export async function entrance(
  { where, postsTo }: SlackServer,
  transport: Transport,
): Promise<{ mode: SocketMode | HttpMode; open(): Promise<void>; close(): Promise<void> }> {
  const { token: botToken, appToken, signingSecret } = where;
  if (transport === 'sockets') {
    return { mode: { kind: 'socket', botToken, appToken }, open: async () => {}, close: async () => {} };
  }
  const http = createHttpServer({ host: '127.0.0.1', port: 0, log: silent });
  return {
    mode: {
      kind: 'http',
      signingSecret,
      access: { botToken },
      mount: (handle) => http.mount('/slack', handle),
    },
    async open() {
      const { url } = await http.listen();
      await postsTo(`${url}/slack/events`);
    },
    close: () => http.close(),
  };
}
