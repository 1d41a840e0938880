import type { Message } from '../message.ts';

/** A message as it is kept. People's own messages are bodies with a text only. */
export interface StoredMessage {
  readonly id: number;
  readonly at: number;
  /** A person's id; undefined for the bot. */
  readonly person?: string;
  /** Only this person sees it. */
  readonly audience?: string;
  readonly answers?: { readonly person: string; readonly line: string; readonly request: string };
  body: Message;
  edited?: boolean;
  seeds: string[];
  /** Person ids per emoji, in order of time. */
  reactions: Record<string, string[]>;
}

export interface StoredPerson {
  readonly id: string;
  readonly name: string;
  readonly moderator: boolean;
  readonly since: number;
  /** When they were last here: to the day, or after the last that they were told. */
  readonly seenAt: number;
}

export interface StoredSession {
  readonly person: string;
  readonly since: number;
  /** Which password let them in; another password ends the session. */
  readonly pass?: string;
}

/** All the room remembers. Plain data: it is kept as JSON. */
export interface RoomState {
  /** Random, made once: names the cookie, so that two rooms on one machine do not share it. */
  roomId: string;
  lastId: number;
  /** Oldest first. */
  messages: StoredMessage[];
  people: Record<string, StoredPerson>;
  /** By the SHA-256 of the token. */
  sessions: Record<string, StoredSession>;
  /** Requests that have been dealt with, newest last, so that none is done twice after a crash. */
  handled: string[];
}

export type RoomEntry =
  | { readonly k: 'room'; readonly roomId: string }
  | { readonly k: 'message'; readonly message: StoredMessage }
  | { readonly k: 'edit'; readonly id: number; readonly body: Message }
  | { readonly k: 'remove'; readonly id: number }
  | { readonly k: 'seeds'; readonly id: number; readonly seeds: readonly string[] }
  | {
      readonly k: 'reaction';
      readonly id: number;
      readonly emoji: string;
      readonly person: string;
      readonly present: boolean;
    }
  | { readonly k: 'person'; readonly person: StoredPerson }
  | { readonly k: 'session'; readonly hash: string; readonly session: StoredSession }
  | { readonly k: 'handled'; readonly request: string }
  | { readonly k: 'forget'; readonly person: string };

export const MAX_MESSAGES = 5_000;
const MAX_PRIVATE_PER_PERSON = 50;
const PRIVATE_MS = 24 * 60 * 60 * 1000;
const MAX_HANDLED = 500;
const MAX_SESSIONS = 20_000;

export function emptyRoom(): RoomState {
  return { roomId: '', lastId: 0, messages: [], people: {}, sessions: {}, handled: [] };
}

/** Position of a message by binary search, or -1. Ids only grow. */
export function indexOfMessage(messages: readonly StoredMessage[], id: number): number {
  let low = 0;
  let high = messages.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = (messages[middle] as StoredMessage).id;
    if (at === id) return middle;
    if (at < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

export function findMessage(state: RoomState, id: number): StoredMessage | undefined {
  return state.messages[indexOfMessage(state.messages, id)];
}

/** Told to somebody who has not been here since. */
export function isNews(state: RoomState, { audience, answers, at }: StoredMessage): boolean {
  return audience !== undefined && answers === undefined && (state.people[audience]?.seenAt ?? at) < at;
}

/** Old messages go; private ones go after a day, when they were seen, and beyond the last fifty of a person. */
function trim(state: RoomState, newest: StoredMessage): void {
  const { messages } = state;
  if (newest.audience !== undefined) {
    const own = messages.filter((message) => message.audience === newest.audience);
    const tooMany = new Set(own.slice(0, Math.max(0, own.length - MAX_PRIVATE_PER_PERSON)));
    const old = own.filter((message) => message.at < newest.at - PRIVATE_MS && !isNews(state, message));
    for (const message of old) tooMany.add(message);
    if (tooMany.size > 0) state.messages = messages.filter((message) => !tooMany.has(message));
  }
  if (state.messages.length > MAX_MESSAGES) {
    state.messages.splice(0, state.messages.length - MAX_MESSAGES);
  }
}

function react(message: StoredMessage, emoji: string, person: string, present: boolean): void {
  const people = message.reactions[emoji] ?? [];
  const there = people.includes(person);
  if (present && !there) message.reactions[emoji] = [...people, person];
  if (!present && there) {
    const left = people.filter((other) => other !== person);
    if (left.length > 0) message.reactions[emoji] = left;
    else delete message.reactions[emoji];
  }
}

function forget(state: RoomState, person: string): void {
  state.messages = state.messages.filter(
    (message) =>
      message.person !== person && message.audience !== person && message.answers?.person !== person,
  );
  for (const message of state.messages) {
    for (const emoji of Object.keys(message.reactions)) react(message, emoji, person, false);
  }
  delete state.people[person];
  for (const [hash, session] of Object.entries(state.sessions)) {
    if (session.person === person) delete state.sessions[hash];
  }
}

/** Folds one entry into the state, in place. Entries about what is gone change nothing. */
export function applyEntry(state: RoomState, entry: RoomEntry): void {
  switch (entry.k) {
    case 'room':
      state.roomId = entry.roomId;
      break;
    case 'message':
      // Replaying an entry twice must not double the message.
      if (entry.message.id > state.lastId) {
        state.lastId = entry.message.id;
        state.messages.push(structuredClone(entry.message));
        trim(state, entry.message);
      }
      break;
    case 'edit': {
      const message = findMessage(state, entry.id);
      if (message !== undefined) {
        message.body = entry.body;
        message.edited = true;
      }
      break;
    }
    case 'remove': {
      const index = indexOfMessage(state.messages, entry.id);
      if (index >= 0) state.messages.splice(index, 1);
      break;
    }
    case 'seeds': {
      const message = findMessage(state, entry.id);
      if (message !== undefined) message.seeds = [...entry.seeds];
      break;
    }
    case 'reaction': {
      const message = findMessage(state, entry.id);
      if (message !== undefined) react(message, entry.emoji, entry.person, entry.present);
      break;
    }
    case 'person':
      state.people[entry.person.id] = entry.person;
      break;
    case 'session': {
      state.sessions[entry.hash] = entry.session;
      const hashes = Object.keys(state.sessions);
      if (hashes.length > MAX_SESSIONS) delete state.sessions[hashes[0] as string];
      break;
    }
    case 'handled':
      state.handled.push(entry.request);
      if (state.handled.length > MAX_HANDLED) state.handled.splice(0, state.handled.length - MAX_HANDLED);
      break;
    case 'forget':
      forget(state, entry.person);
      break;
  }
}
