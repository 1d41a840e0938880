import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MessageRef } from '../../domain/post.ts';
import { type HttpServer, refuseUpgrade } from '../../http/server.ts';
import { PACKAGE_ROOT } from '../../paths.ts';
import type { CommandDeclaration } from '../declaration.ts';
import type { Message } from '../message.ts';
import { ChatError, type ChatHandlers, type ChatPlatform, type StandingReaction } from '../platform.ts';
import type { AudioFile } from './audio.ts';
import { openHistory } from './history.ts';
import { createHub } from './hub.ts';
import { createBuckets } from './limits.ts';
import { parseFrame } from './parse.ts';
import { CHANNEL, COMMUNITY, createRequests } from './requests.ts';
import { createSessions } from './sessions.ts';
import { findMessage, type RoomEntry, type StoredMessage } from './state.ts';
import { pageFor, peopleOf, toBody, toWire } from './view.ts';
import { addRoomPages } from './web.ts';
import type { WireEmotion, WirePerson, WireRefusal, WireSelf, WireState, WireUpdate } from './wire.ts';

export interface RoomOptions {
  /** Messages, people and sessions are kept here. */
  readonly historyDir: string;
  readonly http: HttpServer;
  readonly log: Logger;
  readonly now: () => number;
  readonly declarations: readonly CommandDeclaration[];
  /** What a snippet invites to react with, in order, ❤️ too. */
  readonly emotions: readonly WireEmotion[];
  /** The sound of a song, if the bot may serve it. */
  readonly audio: (songId: string) => Promise<AudioFile | undefined>;
  readonly brand: { readonly name: string; readonly tagline?: string };
  /** Only this machine can reach the server. Else a password is needed. */
  readonly loopback: boolean;
  readonly password?: string;
  /** Where visitors find the room; asked after the server listens. */
  readonly url: () => string;
  /** What to pass on to others, when others can reach it. */
  readonly shareUrl?: () => string | undefined;
  /** Cookies only over https (a PUBLIC_URL that begins with it). */
  readonly secure?: boolean;
  readonly maxConnections?: number;
  readonly beatMs?: number;
  readonly clientDir?: string;
}

export interface Room extends ChatPlatform {
  /** One-time link that makes whoever opens it first a moderator. Its secret is in the fragment, which no log sees. */
  claimUrl(): string;
  shareUrl(): string | undefined;
}

/** Bytes of one frame: above the first it is refused kindly, above the second the connection is closed. */
const MAX_FRAME_BYTES = 32 * 1024;
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
const MAX_PER_PERSON = 20;
/** Requests of one person: a lively human, not a script. */
const REQUESTS = { burst: 60, perSecond: 10, keys: 5_000 };
const COMPLETIONS = { burst: 60, perSecond: 20, keys: 5_000 };
/** A browser that goes on although it was told to slow down is not listened to for a second. */
const DEAF_AFTER = 100;
const DEAF_MS = 1_000;
const STOP_MS = 5_000;
const INTERRUPTED = 'I was started again before this came to its end.';

/**
 * Opens the room: a chat platform in the browser, on the bot's own web server.
 * @throws Error when it could be reached from other machines without a password
 * @throws StoreError when its history cannot be opened
 */
export async function createRoom(options: RoomOptions): Promise<Room> {
  const { http, log, now, brand } = options;
  if (!options.loopback && !options.password) {
    throw new Error(
      'The room can be reached from other machines, so it needs a password: set ROOM_PASSWORD, or HOST=127.0.0.1.',
    );
  }
  // Only what was declared: what is handed in may be whole commands.
  const declarations = options.declarations.map(({ name, description, options: taken, moderatorsOnly }) => ({
    name,
    description,
    options: taken,
    ...(moderatorsOnly && { moderatorsOnly }),
  }));
  const history = await openHistory({ dir: options.historyDir, log });
  const state = () => history.state;
  const save = (entry: RoomEntry) => history.append(entry);
  if (state().roomId === '') await save({ k: 'room', roomId: randomBytes(6).toString('hex') });
  const sessions = createSessions({
    state,
    // Whoever changes a person shows the change.
    save: async (entry) => {
      await save(entry);
      if (entry.k === 'person') showPerson(entry.person.id);
    },
    now,
    brand: brand.name,
    ...(options.password && { password: options.password }),
  });

  const working = new Set<Promise<unknown>>();
  let handlers: ChatHandlers | undefined;
  let open = false;

  function self(person: string): WireSelf {
    const visitor = sessions.visitor(person);
    return {
      id: person,
      ...(visitor?.name !== undefined && { name: visitor.name }),
      moderator: visitor?.moderator ?? false,
    };
  }

  function stateFor(person: string): WireState {
    const share = options.shareUrl?.();
    return {
      self: self(person),
      people: peopleOf(state(), hub.online),
      ...pageFor(state(), person),
      commands: declarations,
      emotions: options.emotions,
      brand,
      ...(share !== undefined && { shareUrl: share }),
    };
  }

  function showPerson(id: string): void {
    const person = state().people[id];
    hub.publish({ kind: 'self', self: self(id) }, { only: id });
    if (person === undefined) return;
    const shown: WirePerson = {
      id,
      name: person.name,
      moderator: person.moderator,
      online: hub.online(id),
    };
    hub.publish({ kind: 'person', person: shown }, 'all');
  }

  const hub = createHub({
    log,
    stateFor,
    presence(person) {
      if (!open) return;
      showPerson(person);
      sessions.seen(person).catch((error: unknown) => log.warn({ err: error }, 'a visit was not noted'));
    },
    ...(options.beatMs !== undefined && { beatMs: options.beatMs }),
  });

  function publish(update: WireUpdate, only?: string): void {
    hub.publish(update, only === undefined ? 'all' : { only });
  }

  async function post(
    message: Omit<StoredMessage, 'id' | 'at' | 'seeds' | 'reactions'>,
  ): Promise<StoredMessage> {
    const stored: StoredMessage = {
      ...message,
      id: state().lastId + 1,
      at: now(),
      seeds: [],
      reactions: {},
    };
    try {
      await save({ k: 'message', message: stored });
    } catch (error) {
      // Whoever asked is told that it failed, so it must not turn up once the disk takes writes again.
      save({ k: 'remove', id: stored.id }).catch(() => {});
      throw error;
    }
    publish({ kind: 'message', message: toWire(stored) }, stored.audience);
    return stored;
  }

  async function edit(id: number, body: Message): Promise<void> {
    const message = findMessage(state(), id);
    if (message === undefined) throw new ChatError('gone', 'The message is not in the room any more.');
    await save({ k: 'edit', id, body });
    publish({ kind: 'edit', id: String(id), body: toBody(body) }, message.audience);
  }

  async function remove(message: StoredMessage): Promise<void> {
    await save({ k: 'remove', id: message.id });
    publish({ kind: 'remove', id: String(message.id) }, message.audience);
  }

  const requests = createRequests({
    state,
    save,
    publish,
    post,
    edit,
    remove,
    handlers() {
      if (handlers === undefined) throw new Error('the room was not started');
      return handlers;
    },
    sessions,
    declarations,
    emotions: options.emotions,
    now,
    log,
    background(work) {
      const settled = work
        .catch((error: unknown) => log.error({ err: error }, 'a handler failed'))
        .finally(() => working.delete(settled));
      working.add(settled);
    },
  });
  const acting = createBuckets(REQUESTS, now);
  const typing = createBuckets(COMPLETIONS, now);

  function converse(person: string, socket: WebSocket): void {
    const connection = hub.add(person, socket);
    let greeted = false;
    let deaf: NodeJS.Timeout | undefined;
    socket.on('error', (error) => log.debug({ err: error, person }, 'a connection broke'));
    socket.once('close', () => clearTimeout(deaf));

    function quiet(): void {
      deaf ??= setTimeout(() => {
        deaf = undefined;
        socket.resume();
      }, DEAF_MS);
      socket.pause();
    }

    /** Counts like a request: an answer to each of a flood of bad frames would pile up in memory. */
    function refuse(refusal: WireRefusal, id?: string): void {
      const bucket = acting(person);
      if (bucket.take()) connection.send({ t: 'refused', ...(id !== undefined && { id }), refusal });
      if (bucket.refusedInARow > DEAF_AFTER) quiet();
    }

    socket.on('message', (data, binary) => {
      hub.heard(connection);
      const text = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
      if (binary || text.length > MAX_FRAME_BYTES) {
        refuse({ code: 'too-long', text: 'That is far too long for one message.' });
        return;
      }
      const parsed = parseFrame(text.toString('utf8'));
      if ('bad' in parsed) {
        const text = 'I did not understand that. Reload the page and try again.';
        refuse({ code: 'bad-request', text }, parsed.id);
        return;
      }
      const { frame } = parsed;
      if (frame.t === 'hello' && !greeted) {
        greeted = true;
        hub.welcome(connection, frame);
      }
      if (frame.t !== 'ask' || !greeted) return;
      const bucket = (frame.op.kind === 'complete' ? typing : acting)(person);
      const reply = requests.handle(person, frame.id, frame.op, bucket, connection.send);
      if (bucket.refusedInARow > DEAF_AFTER) quiet();
      void reply.then(connection.send);
    });
  }

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
  });
  http.onUpgrade('/live', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const visitor = sessions.visitorOf(request.headers.cookie);
    if (!open) return refuseUpgrade(socket, '503 Not Ready', 'The room is not open.');
    if (visitor === undefined)
      return refuseUpgrade(socket, '401 Unauthorized', 'Please open the room first.');
    if (hub.count() >= (options.maxConnections ?? 500) || hub.count(visitor.id) >= MAX_PER_PERSON) {
      return refuseUpgrade(socket, '503 Full', 'The room is full just now.');
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => converse(visitor.id, accepted));
  });

  await addRoomPages({
    app: http.app,
    clientDir: options.clientDir ?? path.join(PACKAGE_ROOT, 'dist', 'client'),
    sessions,
    audio: options.audio,
    message: (id) => findMessage(state(), id),
    secure: options.secure ?? false,
    brand: brand.name,
    now,
    claimed: showPerson,
  });

  function own(ref: MessageRef): StoredMessage | undefined {
    return ref.communityId === COMMUNITY && /^\d+$/.test(ref.message)
      ? findMessage(state(), Number(ref.message))
      : undefined;
  }

  return {
    name: 'room',
    async start(given) {
      // Whoever moved these bars went with the bot that was killed.
      for (const { id, body } of state().messages.filter((message) => message.body.progress !== undefined)) {
        const { progress: _progress, buttons: _buttons, ...rest } = body;
        await save({ k: 'edit', id, body: { ...rest, text: INTERRUPTED, tone: 'plain' } });
      }
      handlers = given;
      open = true;
    },
    async stop() {
      if (!open) return;
      open = false;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, STOP_MS);
      });
      await Promise.race([Promise.allSettled(working), patience]);
      clearTimeout(timer);
      hub.close();
      sockets.close();
      await history.close();
    },
    async places() {
      return [{ communityId: COMMUNITY, name: brand.name, defaultChannel: CHANNEL }];
    },
    async post(place, message) {
      if (place.communityId !== COMMUNITY || place.channel !== CHANNEL) {
        throw new ChatError(
          'gone',
          `The room has one channel, “${CHANNEL}”; there is no “${place.channel}”.`,
        );
      }
      const { id } = await post({ body: message });
      return { platform: 'room', communityId: COMMUNITY, channel: CHANNEL, message: String(id) };
    },
    async edit(ref, message) {
      await edit(own(ref)?.id ?? -1, message);
    },
    async remove(ref) {
      const message = own(ref);
      if (message !== undefined) await remove(message);
    },
    async tell(identity, message, communityId = COMMUNITY) {
      const person = /^room:(\w+)$/.exec(identity)?.[1];
      // Whoever has no name is not known any more once their page is closed.
      if (person === undefined || communityId !== COMMUNITY) return false;
      if (sessions.visitor(person)?.name === undefined) return false;
      await post({ body: { ...message, private: true }, audience: person });
      return true;
    },
    async seedReactions(ref, emojis) {
      const message = own(ref);
      if (message === undefined) throw new ChatError('gone', 'The message is not in the room any more.');
      const seeds = [...new Set([...message.seeds, ...emojis])];
      if (seeds.length === message.seeds.length) return;
      await save({ k: 'seeds', id: message.id, seeds });
      publish({ kind: 'seeds', id: String(message.id), seeds }, message.audience);
    },
    async reactions(ref) {
      const message = own(ref);
      if (message === undefined) return undefined;
      return Object.entries(message.reactions).flatMap(([emoji, people]) =>
        people.map((person): StandingReaction => ({ identity: `room:${person}`, emoji })),
      );
    },
    claimUrl: () => `${options.url()}/#claim=${sessions.claimToken()}`,
    shareUrl: () => options.shareUrl?.(),
    reactionsStay: false,
    async forget(identity) {
      const person = identity.replace(/^room:/, '');
      const gone = state().messages.filter(
        (message) => message.person === person || message.answers?.person === person,
      );
      const reacted = state().messages.flatMap((message) =>
        Object.entries(message.reactions)
          .filter(([, people]) => people.includes(person))
          .map(([emoji]) => ({ message, emoji })),
      );
      await save({ k: 'forget', person });
      for (const message of gone) publish({ kind: 'remove', id: String(message.id) }, message.audience);
      for (const { message, emoji } of reacted) {
        publish(
          { kind: 'reaction', id: String(message.id), emoji, person, present: false },
          message.audience,
        );
      }
      publish({ kind: 'gone', person });
      hub.dismiss(person);
    },
  };
}
