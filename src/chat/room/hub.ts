import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { FORGOTTEN, type ServerFrame, type WireState, type WireUpdate } from './wire.ts';

/** Everybody, one person, or everybody but nobody in particular. */
export type Audience = { readonly only: string } | 'all';

export interface Connection {
  readonly person: string;
  readonly socket: WebSocket;
  send(frame: ServerFrame): void;
  /** A frame that was put into JSON once for many. */
  sendText(json: string): void;
}

/**
 * Keeps the sockets of the browsers and the numbered updates. Every update has one number; a browser that was
 * away names the last one it saw and gets those it missed, or a whole new state when they are no longer kept.
 */
export interface Hub {
  readonly epoch: string;
  add(person: string, socket: WebSocket): Connection;
  /** Brings a connection up to date and lets it take part from now on. */
  welcome(connection: Connection, known: { epoch?: string | undefined; seen?: number | undefined }): void;
  heard(connection: Connection): void;
  publish(update: WireUpdate, audience: Audience): void;
  online(person: string): boolean;
  count(person?: string): number;
  /** Ends the connections of a person who was forgotten; their pages begin anew. */
  dismiss(person: string): void;
  close(): void;
}

const KEPT_UPDATES = 1_000;
const BEAT_MS = 15_000;
const MAX_UNANSWERED = 2;
/**
 * A browser that is behind by the first and takes nothing for ten seconds, or that falls behind by the second, is
 * cut; it comes back and resumes. What it is owed then does not count, else it would be cut for ever.
 */
const BEHIND_BYTES = 1024 * 1024;
const FAR_BEHIND_BYTES = 8 * 1024 * 1024;
const BEHIND_MS = 10_000;

interface Info {
  /** It has been brought up to date and takes part. */
  welcome: boolean;
  /** Beats since it was last heard. */
  unanswered: number;
  /** Bytes that it had to be sent when it came. */
  owed: number;
  /** Bytes that it had not taken when last looked at, and since when it takes nothing. */
  behind: number;
  behindSince: number | undefined;
}

export function createHub(options: {
  readonly log: Logger;
  readonly stateFor: (person: string) => WireState;
  /** Somebody's first connection opened or last one closed. */
  readonly presence: (person: string) => void;
  readonly beatMs?: number;
}): Hub {
  const { log, stateFor, presence } = options;
  const beatMs = options.beatMs ?? BEAT_MS;
  const epoch = randomBytes(6).toString('base64url');
  const kept: { seq: number; update: WireUpdate; audience: Audience }[] = [];
  const connections = new Map<Connection, Info>();
  let seq = 0;

  function concerns(audience: Audience, person: string): boolean {
    return audience === 'all' || audience.only === person;
  }

  function online(person: string): boolean {
    for (const [connection, info] of connections)
      if (info.welcome && connection.person === person) return true;
    return false;
  }

  function isTooSlow({ socket }: Connection, info: Info): boolean {
    if (socket.bufferedAmount < BEHIND_BYTES) {
      info.behindSince = undefined;
      return false;
    }
    if (info.behindSince === undefined || socket.bufferedAmount < info.behind) {
      info.behindSince = performance.now();
    }
    info.behind = socket.bufferedAmount;
    return (
      socket.bufferedAmount > FAR_BEHIND_BYTES + info.owed || performance.now() - info.behindSince > BEHIND_MS
    );
  }

  const beat = setInterval(() => {
    for (const [connection, info] of connections) {
      if (info.unanswered >= MAX_UNANSWERED) {
        log.debug({ person: connection.person }, 'a browser went silent');
        connection.socket.terminate();
        continue;
      }
      info.unanswered++;
      connection.send({ t: 'beat' });
    }
  }, beatMs);
  beat.unref();

  return {
    epoch,
    online,
    add(person, socket) {
      const connection: Connection = {
        person,
        socket,
        send: (frame) => connection.sendText(JSON.stringify(frame)),
        sendText(json) {
          if (socket.readyState === socket.OPEN) socket.send(json);
        },
      };
      connections.set(connection, {
        welcome: false,
        unanswered: 0,
        owed: 0,
        behind: 0,
        behindSince: undefined,
      });
      socket.once('close', () => {
        const welcomed = connections.get(connection)?.welcome;
        connections.delete(connection);
        if (welcomed && !online(person)) presence(person);
      });
      return connection;
    },
    welcome(connection, known) {
      const info = connections.get(connection);
      if (info === undefined) return;
      const first = !online(connection.person);
      const oldest = kept[0]?.seq ?? seq + 1;
      if (
        known.epoch === epoch &&
        known.seen !== undefined &&
        known.seen <= seq &&
        known.seen >= oldest - 1
      ) {
        for (const { seq: number, update, audience } of kept) {
          if (number > known.seen && concerns(audience, connection.person)) {
            connection.send({ t: 'update', seq: number, update });
          }
        }
        connection.send({ t: 'resumed', epoch, seq });
        info.welcome = true;
      } else {
        info.welcome = true;
        connection.send({ t: 'state', epoch, seq, state: stateFor(connection.person) });
      }
      info.owed = connection.socket.bufferedAmount;
      if (first) presence(connection.person);
    },
    heard(connection) {
      const info = connections.get(connection);
      if (info !== undefined) info.unanswered = 0;
    },
    publish(update, audience) {
      seq++;
      kept.push({ seq, update, audience });
      if (kept.length > KEPT_UPDATES) kept.splice(0, kept.length - KEPT_UPDATES);
      const frame: ServerFrame = { t: 'update', seq, update };
      const json = JSON.stringify(frame);
      for (const [connection, info] of connections) {
        if (!info.welcome || !concerns(audience, connection.person)) continue;
        if (isTooSlow(connection, info)) {
          log.info({ person: connection.person }, 'a browser is too slow and was cut; it will resume');
          connection.socket.terminate();
        } else connection.sendText(json);
      }
    },
    count: (person) =>
      person === undefined
        ? connections.size
        : [...connections.keys()].filter((connection) => connection.person === person).length,
    dismiss(person) {
      for (const connection of connections.keys()) {
        if (connection.person === person) connection.socket.close(FORGOTTEN, 'forgotten');
      }
    },
    close() {
      clearInterval(beat);
      for (const connection of connections.keys()) connection.socket.close(1001, 'stopping');
    },
  };
}
