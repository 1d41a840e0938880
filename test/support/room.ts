import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { isLink } from '../../src/chat/buttons.ts';
import { parseLine } from '../../src/chat/command-line.ts';
import type { CommandDeclaration } from '../../src/chat/declaration.ts';
import type { ChatHandlers, Choice } from '../../src/chat/platform.ts';
import { createRoom, type Room, type RoomOptions } from '../../src/chat/room/room.ts';
import type {
  ClientFrame,
  ServerFrame,
  WireMessage,
  WireOperation,
  WirePerson,
  WireRefusal,
  WireResults,
  WireSelf,
  WireState,
  WireUpdate,
} from '../../src/chat/room/wire.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';

/** What the room refused to do for a member. */
export class RefusedError extends Error {
  readonly refusal: WireRefusal;
  constructor(refusal: WireRefusal) {
    super(refusal.text);
    this.refusal = refusal;
  }
}

/** A browser without a screen: the room's real HTTP and WebSocket protocol, and what its member sees. */
export class RoomMember {
  readonly url: string;
  cookie: string | undefined;
  self!: WireSelf;
  commands: readonly CommandDeclaration[] = [];
  readonly messages = new Map<string, WireMessage>();
  readonly people = new Map<string, WirePerson>();
  /** Every frame in the order it came. */
  readonly frames: ServerFrame[] = [];
  lastRequest = '';
  /** False plays a browser whose machine fell asleep. */
  answersBeats = true;
  private socket: WebSocket | undefined;
  private epoch: string | undefined;
  private seen: number | undefined;
  private requests = 0;
  private readonly waiting = new Set<() => void>();

  constructor(url: string) {
    this.url = url;
  }

  /** POSTs to the room as the page does. */
  async posts(route: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.url}${route}`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        Origin: this.url,
        ...(this.cookie && { Cookie: this.cookie }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const cookie = response.headers.get('set-cookie');
    if (cookie !== null) this.cookie = cookie.split(';')[0];
    return response;
  }

  async gets(route: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${route}`, {
      headers: { ...(this.cookie && { Cookie: this.cookie }), ...headers },
    });
  }

  /** Opens the page: session, connection, state. With what was seen before, only the rest is sent. */
  async connects(): Promise<this> {
    if (this.cookie === undefined) await this.posts('/api/session');
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/live`, {
      headers: { Origin: this.url, ...(this.cookie && { Cookie: this.cookie }) },
    });
    this.socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const ready = this.sees((frame) => frame.t === 'state' || frame.t === 'resumed');
    socket.on('message', (data) => this.take(JSON.parse(String(data)) as ServerFrame));
    socket.on('close', () => this.wake());
    this.sends({
      t: 'hello',
      ...(this.epoch !== undefined && { epoch: this.epoch }),
      ...(this.seen !== undefined && { seen: this.seen }),
    });
    await ready;
    return this;
  }

  /** Loses the connection without a goodbye. */
  async drops(): Promise<void> {
    const socket = this.socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.terminate();
    await closed;
  }

  sends(frame: ClientFrame | object): void {
    this.socket?.send(JSON.stringify(frame));
  }

  get connected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  get raw(): WebSocket {
    if (this.socket === undefined) throw new Error('not connected');
    return this.socket;
  }

  /** Waits until a frame comes (from now on) that fits. */
  sees(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    const from = this.frames.length;
    return this.until(() => this.frames.slice(from).find(fits));
  }

  /** Waits until something is there, looking again whenever a frame came. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (this.socket?.readyState === WebSocket.CLOSED) throw new Error('the connection was closed');
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  async asks<Kind extends WireOperation['kind']>(
    op: Extract<WireOperation, { kind: Kind }>,
    id = `r${++this.requests}`,
  ): Promise<WireResults[Kind]> {
    this.lastRequest = id;
    const answer = this.sees((frame) => (frame.t === 'reply' || frame.t === 'refused') && frame.id === id);
    this.sends({ t: 'ask', id, op });
    const frame = await answer;
    if (frame.t === 'refused') throw new RefusedError(frame.refusal);
    return (frame as { result: WireResults[Kind] }).result;
  }

  /** Types a line and presses Enter: a command's first answer, or the own message. */
  async types(line: string): Promise<WireMessage> {
    const parsed = parseLine(line, this.commands);
    if (parsed.kind === 'mistake') throw new Error(parsed.text);
    if (parsed.kind === 'text') {
      const { message } = await this.asks({ kind: 'say', text: line });
      return this.until(() => this.messages.get(message));
    }
    const options = parsed.kind === 'command' ? parsed.options : {};
    await this.asks({ kind: 'command', command: parsed.command, options });
    return this.answerTo(this.lastRequest);
  }

  /** Presses a button by its label; returns the first answer. */
  async presses(message: WireMessage, label: string): Promise<WireMessage> {
    const button = this.messages.get(message.id)?.body.buttons?.find((one) => one.label === label);
    if (button === undefined || isLink(button)) throw new Error(`there is no button “${label}”`);
    await this.asks({ kind: 'action', message: message.id, action: button.action });
    return this.answerTo(this.lastRequest);
  }

  answerTo(request: string): Promise<WireMessage> {
    return this.until(() =>
      [...this.messages.values()].find((message) => message.answers?.request === request),
    );
  }

  async reacts(message: { readonly id: string }, emoji: string, present = true): Promise<void> {
    await this.asks({ kind: 'react', message: message.id, emoji, present });
  }

  async completes(command: string, option: string, typed: string): Promise<readonly Choice[]> {
    return (await this.asks({ kind: 'complete', command, option, typed })).choices;
  }

  /** Opens the operator's link. */
  async claims(claimUrl: string): Promise<boolean> {
    const token = new URL(claimUrl).hash.replace('#claim=', '');
    return (await this.posts('/api/claim', { token })).ok;
  }

  /** The people who reacted to a message with an emoji, by name, as this member sees it now. */
  reactions(message: { readonly id: string }, emoji: string): string[] {
    const reaction = this.messages.get(message.id)?.reactions.find((one) => one.emoji === emoji);
    return (reaction?.people ?? []).map((id) => this.people.get(id)?.name ?? id);
  }

  private take(frame: ServerFrame): void {
    this.frames.push(frame);
    if (frame.t === 'beat' && this.answersBeats) this.sends({ t: 'beat' });
    if (frame.t === 'state') {
      this.epoch = frame.epoch;
      this.seen = frame.seq;
      this.takeState(frame.state);
    }
    if (frame.t === 'resumed') this.seen = frame.seq;
    if (frame.t === 'update') {
      this.seen = frame.seq;
      this.takeUpdate(frame.update);
    }
    this.wake();
  }

  private wake(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }

  private takeState(state: WireState): void {
    this.self = state.self;
    this.commands = state.commands;
    this.messages.clear();
    this.people.clear();
    for (const message of state.messages) this.messages.set(message.id, message);
    for (const person of state.people) this.people.set(person.id, person);
  }

  private takeUpdate(update: WireUpdate): void {
    if (update.kind === 'self') this.self = update.self;
    else if (update.kind === 'person') this.people.set(update.person.id, update.person);
    else if (update.kind === 'gone') this.people.delete(update.person);
    else if (update.kind === 'message') this.messages.set(update.message.id, update.message);
    else if (update.kind === 'remove') this.messages.delete(update.id);
    else {
      const message = this.messages.get(update.id);
      if (message === undefined) return;
      if (update.kind === 'edit')
        this.messages.set(update.id, { ...message, body: update.body, edited: true });
      if (update.kind === 'seeds') this.messages.set(update.id, { ...message, seeds: update.seeds });
      if (update.kind === 'reaction') {
        const before = message.reactions.find((one) => one.emoji === update.emoji)?.people ?? [];
        const people = before.filter((id) => id !== update.person);
        if (update.present) people.push(update.person);
        const others = message.reactions.filter((one) => one.emoji !== update.emoji);
        const reactions = people.length > 0 ? [...others, { emoji: update.emoji, people }] : others;
        this.messages.set(update.id, { ...message, reactions });
      }
    }
  }
}

/** Members by name of a room that runs somewhere. */
export function membersOf(url: string): {
  member(name: string): Promise<RoomMember>;
  close(): Promise<void>;
} {
  const members = new Map<string, Promise<RoomMember>>();
  return {
    member(name) {
      let member = members.get(name);
      if (member === undefined) {
        member = new RoomMember(url).connects().then(async (one) => {
          await one.asks({ kind: 'rename', name });
          return one;
        });
        members.set(name, member);
      }
      return member;
    },
    async close() {
      for (const member of members.values()) await (await member).drops();
      members.clear();
    },
  };
}

export const TEST_EMOTIONS = [
  { key: 'happy', emoji: '😄', name: 'Happy' },
  { key: 'sad', emoji: '😢', name: 'Sad' },
  { key: 'nostalgic', emoji: '🕰️', name: 'Nostalgic' },
  { key: 'calm', emoji: '😌', name: 'Calm' },
  { key: 'like', emoji: '❤️', name: 'I like it' },
];

export const QUIET_HANDLERS: ChatHandlers = {
  async reaction() {},
  async cleared() {},
  async removed() {},
  async missed() {},
  async joined() {},
  async left() {},
  async command() {},
  async action() {},
  async complete() {
    return [];
  },
};

export interface RunningRoom {
  readonly room: Room;
  readonly http: HttpServer;
  readonly url: string;
  readonly dir: string;
  /** A named member with a connection of its own; the same one for the same name. */
  member(name: string): Promise<RoomMember>;
  /** A browser that has not told a name, not yet connected. */
  stranger(): RoomMember;
  /** Stops, keeping the folder, and opens again on the same port. */
  restart(): Promise<RunningRoom>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** A room on a free port with its own folder. */
export async function openRoom(
  options: Partial<Omit<RoomOptions, 'http' | 'url' | 'historyDir'>> & {
    readonly handlers?: Partial<ChatHandlers>;
    readonly dir?: string;
    readonly port?: number;
    /** False leaves starting to the test. */
    readonly start?: boolean;
  } = {},
): Promise<RunningRoom> {
  const { handlers, dir: givenDir, port: givenPort, start = true, ...rest } = options;
  const dir = givenDir ?? (await mkdtemp(path.join(tmpdir(), 'reactune-room-')));
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const http = createHttpServer({ host: '127.0.0.1', port: givenPort ?? 0, log });
  let url = '';
  const room = await createRoom({
    historyDir: path.join(dir, 'room'),
    http,
    log,
    now: Date.now,
    declarations: [],
    emotions: TEST_EMOTIONS,
    audio: async () => undefined,
    brand: { name: 'Reactune' },
    loopback: true,
    url: () => url,
    ...rest,
  });
  const listening = await http.listen();
  url = listening.url;
  if (start) await room.start({ ...QUIET_HANDLERS, ...handlers });
  const members = membersOf(url);
  let stopped = false;
  async function stop(): Promise<void> {
    if (stopped) return;
    stopped = true;
    await members.close();
    await room.stop();
    await http.close();
  }
  return {
    room,
    http,
    url,
    dir,
    member: members.member,
    stranger: () => new RoomMember(url),
    async restart() {
      await stop();
      return openRoom({ ...options, dir, port: listening.port });
    },
    stop,
    async remove() {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
