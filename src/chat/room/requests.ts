import type { Logger } from 'pino';
import { plainEmoji } from '../../domain/taxonomy.ts';
import { isLink } from '../buttons.ts';
import { formatLine } from '../command-line.ts';
import type { CommandDeclaration } from '../declaration.ts';
import type { Message } from '../message.ts';
import type { AnswerHandle, Asker, ChatHandlers } from '../platform.ts';
import type { Bucket } from './limits.ts';
import type { Sessions, Visitor } from './sessions.ts';
import { findMessage, type RoomEntry, type RoomState, type StoredMessage } from './state.ts';
import { mayRead, pageFor } from './view.ts';
import {
  MAX_EMOJIS,
  MAX_TEXT,
  type ServerFrame,
  type WireEmotion,
  type WireOperation,
  type WireRefusal,
  type WireResults,
  type WireUpdate,
} from './wire.ts';

export const COMMUNITY = 'room:main';
export const CHANNEL = 'main';

/** A request that is refused; `text` is for the person who asked. */
class Refused extends Error {
  readonly refusal: WireRefusal;
  constructor(code: WireRefusal['code'], text: string, suggestion?: string) {
    super(text);
    this.refusal = { code, text, ...(suggestion !== undefined && { suggestion }) };
  }
}

export interface RequestContext {
  readonly state: () => RoomState;
  readonly save: (entry: RoomEntry) => Promise<void>;
  readonly publish: (update: WireUpdate, only?: string) => void;
  /** Keeps a new message and shows it to those who may see it. */
  readonly post: (
    message: Omit<StoredMessage, 'id' | 'at' | 'seeds' | 'reactions'>,
  ) => Promise<StoredMessage>;
  readonly edit: (id: number, body: Message) => Promise<void>;
  readonly remove: (message: StoredMessage) => Promise<void>;
  readonly handlers: () => ChatHandlers;
  readonly sessions: Sessions;
  readonly declarations: readonly CommandDeclaration[];
  readonly emotions: readonly WireEmotion[];
  readonly now: () => number;
  readonly log: Logger;
  /** Remembers work that goes on after the reply, so that stopping can wait for it. */
  readonly background: (work: Promise<unknown>) => void;
}

export interface Requests {
  /** Does what was asked once, however often it is asked under the same id, and returns the reply. */
  handle(
    person: string,
    id: string,
    operation: WireOperation,
    bucket: Bucket,
    later: (frame: ServerFrame) => void,
  ): Promise<ServerFrame>;
}

const MAX_REPLIES = 2_000;
// biome-ignore lint/complexity/useRegexLiterals: the v flag is newer than the language level of the types
const ONE_EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');

/** Names of options that were really given. */
function namesOf(options: object, names: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(names).filter(([name]) => Object.hasOwn(options, name)));
}

export function createRequests(context: RequestContext): Requests {
  const { state, save, publish, sessions, now } = context;
  const invitation = new Map(context.emotions.map(({ emoji }) => [plainEmoji(emoji), emoji]));
  const replies = new Map<string, Promise<ServerFrame>>();
  /** One reaction of one person after the other, so that a quick change of mind is reported in order. */
  const lines = new Map<string, Promise<unknown>>();

  function named(person: string): Visitor & { readonly name: string } {
    const visitor = sessions.visitor(person);
    if (visitor?.name === undefined)
      throw new Refused('name-first', 'Tell me your name first, then join in.');
    return { ...visitor, name: visitor.name };
  }

  function asker(person: string): Asker {
    const { id, name, moderator } = named(person);
    return { identity: `room:${id}`, name, platformModerator: moderator };
  }

  function visible(person: string, id: string): StoredMessage {
    const message = findMessage(state(), Number(id));
    if (message === undefined || !mayRead(message, person)) {
      throw new Refused('gone', 'That message is not there any more.');
    }
    return message;
  }

  async function once(person: string, request: string): Promise<void> {
    const key = `${person}:${request}`;
    if (state().handled.includes(key)) throw new Refused('gone', 'That was done already.');
    await save({ k: 'handled', request: key });
  }

  function answerer(person: string, request: string, line: string) {
    return async (message: Message): Promise<AnswerHandle> => {
      const posted = await context.post({
        body: message,
        answers: { person, line, request },
        ...(message.private === true && { audience: person }),
      });
      return { edit: (changed) => context.edit(posted.id, changed) };
    };
  }

  const operations: {
    [Kind in WireOperation['kind']]: (
      person: string,
      operation: Extract<WireOperation, { kind: Kind }>,
      request: string,
      later: (frame: ServerFrame) => void,
    ) => Promise<WireResults[Kind]>;
  } = {
    async say(person, { text }, request) {
      named(person);
      const trimmed = text.replace(/\r\n?/g, '\n').trim();
      if (trimmed === '') throw new Refused('bad-request', 'There is nothing in that message.');
      if (trimmed.length > MAX_TEXT) {
        throw new Refused('too-long', `That is a little long: ${MAX_TEXT} characters at most, please.`);
      }
      await once(person, request);
      const message = await context.post({ person, body: { text: trimmed } });
      return { message: String(message.id) };
    },

    async command(person, { command, options, names }, request, later) {
      const who = asker(person);
      await once(person, request);
      const declaration = context.declarations.find(({ name }) => name === command);
      const work = context.handlers().command({
        communityId: COMMUNITY,
        channel: CHANNEL,
        asker: who,
        at: now(),
        command,
        options,
        answer: answerer(
          person,
          request,
          formatLine(command, { ...options, ...namesOf(options, names) }, declaration),
        ),
      });
      context.background(work.finally(() => later({ t: 'settled', id: request })));
      return {};
    },

    async action(person, { message: id, action }, request, later) {
      const who = asker(person);
      const button = visible(person, id).body.buttons?.find(
        (candidate) => !isLink(candidate) && candidate.action === action,
      );
      if (button === undefined) throw new Refused('gone', 'That button is not there any more.');
      await once(person, request);
      const work = context.handlers().action({
        communityId: COMMUNITY,
        channel: CHANNEL,
        asker: who,
        at: now(),
        action,
        answer: answerer(person, request, button.label),
      });
      context.background(work.finally(() => later({ t: 'settled', id: request })));
      return {};
    },

    async react(person, { message: id, emoji: given, present }) {
      named(person);
      const key = `${id}:${person}`;
      const turn = (lines.get(key) ?? Promise.resolve()).then(() => reactInTurn(person, id, given, present));
      const settled = turn.catch(() => undefined);
      lines.set(key, settled);
      try {
        await turn;
      } finally {
        if (lines.get(key) === settled) lines.delete(key);
      }
      return {};
    },

    async complete(person, { command, option, typed }) {
      const choices = await context.handlers().complete({
        communityId: COMMUNITY,
        asker: asker(person),
        command,
        option,
        typed,
      });
      return { choices };
    },

    async rename(person, { name }) {
      const checked = await sessions.rename(person, name);
      if ('refusal' in checked) throw new Refused(checked.refusal, checked.text, checked.suggestion);
      return checked;
    },

    async promote(person, { person: other, moderator }) {
      if (!named(person).moderator) {
        throw new Refused('not-allowed', 'Only moderators can do that. Ask one of them.');
      }
      const target = sessions.visitor(other);
      if (target?.name === undefined) throw new Refused('gone', 'That person is not here any more.');
      if (!moderator && target.moderator && sessions.moderatorCount() <= 1) {
        throw new Refused('not-allowed', 'The room needs a moderator. Make somebody else one first.');
      }
      await sessions.setModerator(other, moderator);
      return {};
    },

    async remove(person, { message: id }) {
      const message = visible(person, id);
      const own = message.person === person || message.audience === person;
      if (!own && !named(person).moderator) {
        throw new Refused('not-allowed', 'Only its author or a moderator can remove that.');
      }
      await context.remove(message);
      return {};
    },

    older: async (person, { before }) => pageFor(state(), person, Number(before)),
  };

  async function reactInTurn(person: string, id: string, given: string, present: boolean): Promise<void> {
    const message = visible(person, id);
    const emoji = invitation.get(plainEmoji(given)) ?? given;
    const there = message.reactions[emoji]?.includes(person) ?? false;
    if (there === present) return;
    if (present && !invitation.has(plainEmoji(emoji)) && !ONE_EMOJI.test(emoji)) {
      throw new Refused('bad-request', 'That is not an emoji I know.');
    }
    const distinct = new Set([...message.seeds, ...Object.keys(message.reactions), emoji]);
    if (present && distinct.size > MAX_EMOJIS) {
      throw new Refused('not-allowed', 'There are enough different emojis here already. Pick one of them.');
    }
    try {
      await save({ k: 'reaction', id: message.id, emoji, person, present });
    } catch (error) {
      // It is refused, so it must not stand either; else asking again would change nothing and report nothing.
      save({ k: 'reaction', id: message.id, emoji, person, present: !present }).catch(() => {});
      throw error;
    }
    publish({ kind: 'reaction', id, emoji, person, present }, message.audience);
    await context.handlers().reaction({
      message: { platform: 'room', communityId: COMMUNITY, channel: CHANNEL, message: id },
      identity: `room:${person}`,
      emoji,
      present,
      at: now(),
    });
  }

  async function perform(
    person: string,
    id: string,
    operation: WireOperation,
    later: (frame: ServerFrame) => void,
  ): Promise<ServerFrame> {
    try {
      // The table's type ties every kind to its own operation; TypeScript cannot follow that through an index.
      const run = operations[operation.kind] as (
        person: string,
        operation: WireOperation,
        request: string,
        later: (frame: ServerFrame) => void,
      ) => Promise<unknown>;
      return { t: 'reply', id, result: await run(person, operation, id, later) };
    } catch (error) {
      if (error instanceof Refused) return { t: 'refused', id, refusal: error.refusal };
      context.log.error({ err: error, operation: operation.kind }, 'a request in the room failed');
      return {
        t: 'refused',
        id,
        refusal: { code: 'not-saved', text: 'I could not keep that just now. Please try again in a moment.' },
      };
    }
  }

  return {
    handle(person, id, operation, bucket, later) {
      const key = `${person}:${id}`;
      const before = replies.get(key);
      if (before !== undefined) return before;
      if (!bucket.take()) {
        return Promise.resolve({
          t: 'refused',
          id,
          refusal: { code: 'slow-down', text: 'That was a lot at once. Give me a moment, then try again.' },
        });
      }
      const reply = perform(person, id, operation, later);
      replies.set(key, reply);
      if (replies.size > MAX_REPLIES) replies.delete(replies.keys().next().value as string);
      // What could not be kept may be asked again.
      void reply.then((frame) => {
        if (frame.t === 'refused' && frame.refusal.code === 'not-saved') replies.delete(key);
      });
      return reply;
    },
  };
}
