import type { Message } from '../message.ts';
import { type AnswerHandle, ChatError } from '../platform.ts';
import type { Desk } from './desk.ts';
import { asChatError, codeOf, isOutside, isTokenDead } from './errors.ts';
import type { Spot } from './messenger.ts';
import type { Workspace } from './workspaces.ts';

/** Slack takes five answers at the address that comes with an interaction, within half an hour. */
const URL_LIVES_MS = 29 * 60_000;
const URL_USES = 5;
/** Kept for how it ends, and for one more word. */
const URL_RESERVE = 2;
/** What only one person sees cannot be changed: news comes as another message, so there is not much of it. */
const NEWS_EVERY_MS = 20_000;

const words = {
  filesDirect: 'The files are in our direct messages.',
  noFiles:
    'I may not send files here. Whoever installed me can allow it with the scopes files:write and im:write.',
};

/** What somebody asked, as far as answering it needs. */
export interface Asked {
  /** `/playlist`, `that button` */
  readonly what: string;
  readonly workspace: Workspace;
  readonly userId: string;
  readonly at: number;
  /** Where it was asked; undefined on the home tab. */
  readonly channel: string | undefined;
  readonly thread?: string;
  readonly responseUrl?: string;
  /** A conversation of two: of the asker and the bot, if the bot can write there. */
  readonly direct: boolean;
}

/** Where an answer stands. */
type Standing =
  | { readonly at: 'message'; readonly spot: Spot }
  /** Shown to the asker and forgotten by Slack, or posted where the bot itself has no access: not to be changed. */
  | { readonly at: 'screen' };

export type Answer = (message: Message) => Promise<AnswerHandle>;

export const isDirect = (channel: string) => channel.startsWith('D');

/**
 * The answers to one command, button or form. What is private goes to the asker's screen through the interaction's own
 * address, which works in any channel, or as an ephemeral message; when neither is possible (any more), as a direct
 * message. What is public is a message of the bot's.
 */
export function createAnswers(asked: Asked, desk: Desk): Answer {
  const { api, messenger, uploads, now, log } = desk;
  const { workspace, userId, channel, thread, responseUrl } = asked;
  const doing = { what: `answer ${asked.what}`, where: `“${workspace.name}”` };
  const inThread = thread === undefined ? {} : { thread };
  let urlUses = 0;
  let turn: Promise<unknown> = Promise.resolve();

  /** Answers and their changes one after the other, in the order in which they were given. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = turn.then(async () => {
      try {
        return await task();
      } catch (error) {
        throw asChatError(error, doing);
      }
    });
    turn = result.catch(() => undefined);
    return result;
  }

  const fresh = () => now() - asked.at < URL_LIVES_MS;
  const urlLeft = () => (responseUrl !== undefined && fresh() ? URL_USES - urlUses : 0);

  /** @returns false if the address does not work any more */
  async function throughUrl(message: Message, notes: readonly string[], all: boolean): Promise<boolean> {
    if (responseUrl === undefined || urlLeft() <= 0) return false;
    try {
      await messenger.send(workspace, message, { notes }, ({ text, blocks }) => {
        urlUses += 1;
        return api.respond(responseUrl, {
          response_type: all ? 'in_channel' : 'ephemeral',
          replace_original: false,
          text,
          ...(blocks.length > 0 && { blocks }),
          ...(thread !== undefined && { thread_ts: thread }),
        });
      });
      return true;
    } catch (error) {
      if (codeOf(error) === undefined || isTokenDead(error)) throw error;
      log.info(
        { err: error, what: asked.what },
        'an interaction could not be answered any more; writing by myself',
      );
      urlUses = URL_USES;
      return false;
    }
  }

  async function direct(message: Message, notes: readonly string[]): Promise<Standing> {
    const to = await messenger.directTo(workspace, userId);
    return { at: 'message', spot: await messenger.post(workspace, to, message, { notes, urgent: true }) };
  }

  /** @returns undefined where the bot has no access, such as a conversation of other people */
  async function postHere(
    here: string,
    message: Message,
    notes: readonly string[],
  ): Promise<Spot | undefined> {
    try {
      return await messenger.post(workspace, here, message, { ...inThread, notes, urgent: true });
    } catch (error) {
      if (error instanceof ChatError && isOutside(error.cause)) return undefined;
      throw error;
    }
  }

  async function sendPrivate(message: Message, notes: readonly string[]): Promise<Standing> {
    if (channel === undefined) return direct(message, notes);
    if (asked.direct) {
      const spot = await postHere(channel, message, notes);
      if (spot) return { at: 'message', spot };
    }
    if (await throughUrl(message, notes, false)) return { at: 'screen' };
    if (!fresh()) return direct(message, notes);
    try {
      await messenger.whisper(workspace, { channel, userId, ...inThread }, message, { notes });
      return { at: 'screen' };
    } catch (error) {
      if (!isOutside(error)) throw error;
      return direct(message, notes);
    }
  }

  async function sendPublic(message: Message, notes: readonly string[]): Promise<Standing> {
    if (channel === undefined) return direct(message, notes);
    const spot = await postHere(channel, message, notes);
    if (spot) return { at: 'message', spot };
    // Where the bot is not, whoever asked may still have it speak.
    if (await throughUrl(message, notes, true)) return { at: 'screen' };
    return direct(message, notes);
  }

  /** Slack shows files to everybody in a channel: private ones go where only the asker reads. */
  async function deliver(message: Message): Promise<string[]> {
    const { files = [] } = message;
    if (files.length === 0) return [];
    const elsewhere = channel === undefined || (message.private === true && !asked.direct);
    try {
      const to = elsewhere ? await messenger.directTo(workspace, userId) : channel;
      const stored = await Promise.all(
        files.map(({ name, content }) =>
          uploads.store(workspace, { name, data: Buffer.from(content, 'utf8') }),
        ),
      );
      await uploads.show(workspace, stored, { channel: to, ...(elsewhere ? {} : inThread) });
      return elsewhere ? [words.filesDirect] : [];
    } catch (err) {
      log.warn({ err, team: workspace.id }, 'files could not be sent');
      return [words.noFiles];
    }
  }

  async function send(message: Message): Promise<Standing> {
    const notes = await deliver(message);
    return message.private ? sendPrivate(message, notes) : sendPublic(message, notes);
  }

  return async (message) => {
    // Who sees an answer is decided when it is given.
    const isPrivate = message.private ?? false;
    let standing = await inTurn(() => send(message));
    let shown = JSON.stringify({ ...message, private: isPrivate });
    let shownAt = now();

    function isWorthIt(next: Message): boolean {
      if (standing.at === 'message' || !next.progress) return true;
      const scarce = responseUrl !== undefined && urlLeft() <= URL_RESERVE;
      return !scarce && now() - shownAt >= NEWS_EVERY_MS;
    }

    async function change(next: Message): Promise<Standing> {
      if (standing.at === 'screen') return send(next);
      try {
        await messenger.edit(workspace, standing.spot, next);
        return standing;
      } catch (error) {
        if (!(error instanceof ChatError) || error.code !== 'gone') throw error;
        return send(next);
      }
    }

    return {
      edit: (next) =>
        inTurn(async () => {
          const wanted = { ...next, private: isPrivate };
          const text = JSON.stringify(wanted);
          if (text === shown || !isWorthIt(wanted)) return;
          standing = await change(wanted);
          shown = text;
          shownAt = now();
        }),
    };
  };
}
