import type { CommandDeclaration } from '../declaration.ts';
import type { Message } from '../message.ts';
import type { Choice, OptionValue } from '../platform.ts';

/** Close code of a person's connections after the room has forgotten them. */
export const FORGOTTEN = 4001;

/**
 * What travels over the room's WebSocket; the browser's code shares this file.
 * Every frame is one JSON text.
 */

/** A person as everybody sees them. `id` is the part of the identity after `room:`. */
export interface WirePerson {
  readonly id: string;
  readonly name: string;
  readonly moderator: boolean;
  readonly online: boolean;
}

/** The person that a browser speaks for. Without a name they can read, not act. */
export interface WireSelf {
  readonly id: string;
  readonly name?: string;
  readonly moderator: boolean;
}

/** Who reacted with one emoji, in order of time. The bot's own (the invitation) are `seeds`. */
export interface WireReaction {
  readonly emoji: string;
  readonly people: readonly string[];
}

export interface WireFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

export type WireBody = Omit<Message, 'files' | 'private'> & { readonly files?: readonly WireFile[] };

export interface WireMessage {
  /** Decimal, growing: a later message has a larger number. */
  readonly id: string;
  readonly at: number;
  /** A person's id, or the bot. */
  readonly from: { readonly kind: 'bot' } | { readonly kind: 'person'; readonly id: string };
  /** Only the reader sees it. */
  readonly onlyYou: boolean;
  /** What it answers: a command or button of somebody. */
  readonly answers?: { readonly person: string; readonly line: string; readonly request: string };
  readonly body: WireBody;
  readonly edited: boolean;
  readonly seeds: readonly string[];
  readonly reactions: readonly WireReaction[];
}

export interface WireEmotion {
  readonly key: string;
  readonly emoji: string;
  readonly name: string;
}

/** Everything a browser needs to begin, or to begin again. */
export interface WireState {
  readonly self: WireSelf;
  readonly people: readonly WirePerson[];
  /** The newest ones, oldest first. */
  readonly messages: readonly WireMessage[];
  /** There are older ones than these. */
  readonly older: boolean;
  readonly commands: readonly CommandDeclaration[];
  readonly emotions: readonly WireEmotion[];
  readonly brand: { readonly name: string; readonly tagline?: string };
  readonly shareUrl?: string;
}

export type WireUpdate =
  | { readonly kind: 'message'; readonly message: WireMessage }
  | { readonly kind: 'edit'; readonly id: string; readonly body: WireBody }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'seeds'; readonly id: string; readonly seeds: readonly string[] }
  | {
      readonly kind: 'reaction';
      readonly id: string;
      readonly emoji: string;
      readonly person: string;
      readonly present: boolean;
    }
  | { readonly kind: 'person'; readonly person: WirePerson }
  | { readonly kind: 'self'; readonly self: WireSelf }
  /** Somebody was forgotten. */
  | { readonly kind: 'gone'; readonly person: string };

/** What a browser can ask for. Who asks is known from the session, never from here. */
export type WireOperation =
  | { readonly kind: 'say'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly options: Readonly<Record<string, OptionValue>>;
      /** What the asker chose by name (a song's title) where `options` has the value behind it; only for showing. */
      readonly names?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly kind: 'action'; readonly message: string; readonly action: string }
  | { readonly kind: 'react'; readonly message: string; readonly emoji: string; readonly present: boolean }
  | {
      readonly kind: 'complete';
      readonly command: string;
      readonly option: string;
      readonly typed: string;
    }
  | { readonly kind: 'rename'; readonly name: string }
  | { readonly kind: 'promote'; readonly person: string; readonly moderator: boolean }
  | { readonly kind: 'remove'; readonly message: string }
  | { readonly kind: 'older'; readonly before: string };

export interface WireResults {
  say: { readonly message: string };
  command: Record<string, never>;
  action: Record<string, never>;
  react: Record<string, never>;
  complete: { readonly choices: readonly Choice[] };
  rename: { readonly name: string };
  promote: Record<string, never>;
  remove: Record<string, never>;
  older: { readonly messages: readonly WireMessage[]; readonly older: boolean };
}

/** `text` is for people. */
export interface WireRefusal {
  readonly code:
    | 'bad-request'
    | 'too-long'
    | 'slow-down'
    | 'name-first'
    | 'name-taken'
    | 'name-not-allowed'
    | 'not-allowed'
    | 'gone'
    | 'not-saved';
  readonly text: string;
  /** Another name that is free. */
  readonly suggestion?: string;
}

export type ClientFrame =
  /** First frame. With `seen` and the epoch it belongs to, only what was missed comes back. */
  | { readonly t: 'hello'; readonly epoch?: string; readonly seen?: number }
  | { readonly t: 'ask'; readonly id: string; readonly op: WireOperation }
  | { readonly t: 'beat' };

export type ServerFrame =
  | { readonly t: 'state'; readonly epoch: string; readonly seq: number; readonly state: WireState }
  /** All that was missed has been sent. */
  | { readonly t: 'resumed'; readonly epoch: string; readonly seq: number }
  | { readonly t: 'update'; readonly seq: number; readonly update: WireUpdate }
  | { readonly t: 'reply'; readonly id: string; readonly result: unknown }
  | { readonly t: 'refused'; readonly id?: string; readonly refusal: WireRefusal }
  /** A command or button has been dealt with to the end. */
  | { readonly t: 'settled'; readonly id: string }
  | { readonly t: 'beat' };

/** Characters of one message. */
export const MAX_TEXT = 2_000;
/** Distinct emojis under one message. */
export const MAX_EMOJIS = 20;
export const MAX_NAME = 32;
