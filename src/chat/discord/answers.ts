import { type APIMessage, MessageFlags, type REST, Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { Message } from '../message.ts';
import { type AnswerHandle, ChatError } from '../platform.ts';
import type { DrawOptions } from './draw.ts';
import { asChatError, Code, codeOf, isGone, isTokenDead } from './errors.ts';
import type { Messenger } from './messenger.ts';

/** Discord takes answers through an interaction's token for 15 minutes; the last of them is left alone. */
const TOKEN_LIVES_MS = 14 * 60_000;

const words = {
  undelivered: (what: string) =>
    `your answer to ${what} took longer than Discord waits, and you take no direct messages from me. Please try again.`,
};

/** What somebody asked, as far as answering it needs. */
export interface Asked {
  /** `/playlist`, `that button` */
  readonly what: string;
  readonly applicationId: string;
  readonly token: string;
  readonly at: number;
  readonly channel: string;
  readonly userId: string;
  /** The server that it is about, where a direct message with buttons may have to speak for it. */
  readonly server?: string;
  /** It was asked in a direct message. */
  readonly direct?: boolean;
  /** The most that Discord lets attachments weigh here. */
  readonly maxBytes?: number;
}

/** Where an answer stands. */
type Standing =
  /** The reply that was promised at once, for the asker only. */
  | { readonly at: 'reply' }
  | { readonly at: 'follow-up'; readonly id: string }
  /** A message by the bot itself: after the token's life, in the channel or a direct message. */
  | { readonly at: 'message'; readonly channel: string; readonly id: string; readonly direct: boolean }
  /** It could not be delivered, and the asker was told. */
  | { readonly at: 'nowhere' };

export interface Answers {
  answer(message: Message): Promise<AnswerHandle>;
  /** Takes the promise of an answer back if none came. Never rejects. */
  finish(): Promise<void>;
}

/**
 * The answers to one interaction whose reply was deferred, for the asker only. A private answer takes the place of that
 * reply. A public one cannot, because what was deferred privately stays private: the reply is deleted and a message of
 * its own follows. Every further answer follows too. When the token is dead the bot writes by itself: a direct message,
 * or to the channel.
 */
export function createAnswers({
  asked,
  rest,
  messenger,
  now,
  log,
}: {
  asked: Asked;
  rest: REST;
  messenger: Messenger;
  now: () => number;
  log: Logger;
}): Answers {
  const { applicationId, token, userId } = asked;
  const inServer = asked.server === undefined ? {} : { server: asked.server };
  const options: DrawOptions = {
    ...(asked.maxBytes !== undefined && { maxBytes: asked.maxBytes }),
    ...(asked.direct && inServer),
  };
  const doing = { what: `answer ${asked.what}` };
  // A webhook is known by its token. With the bot's own, a dead one would look like an invalid DISCORD_TOKEN.
  const auth = false;
  let promised = true;
  let told = false;
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

  const alive = () => now() - asked.at < TOKEN_LIVES_MS;

  const change = (message: Message, id: string) =>
    messenger.send(message, options, ({ body, files }) =>
      rest.patch(Routes.webhookMessage(applicationId, token, id), { body, files, auth }),
    );

  async function takeBack(): Promise<void> {
    promised = false;
    try {
      await rest.delete(Routes.webhookMessage(applicationId, token, '@original'), { auth });
    } catch (error) {
      if (codeOf(error) !== Code.UnknownMessage) throw error;
    }
  }

  async function followUp(message: Message): Promise<Standing> {
    const sent = await messenger.send(message, options, ({ body, files }) =>
      rest.post(Routes.webhook(applicationId, token), {
        body: { ...body, ...(message.private && { flags: MessageFlags.Ephemeral }) },
        files,
        auth,
        query: new URLSearchParams({ wait: 'true' }),
      }),
    );
    return { at: 'follow-up', id: (sent as APIMessage).id };
  }

  async function throughToken(message: Message): Promise<Standing> {
    if (!promised) return followUp(message);
    if (!message.private) {
      await takeBack();
      return followUp(message);
    }
    promised = false;
    try {
      await change(message, '@original');
      return { at: 'reply' };
    } catch (error) {
      if (codeOf(error) !== Code.UnknownMessage) throw error;
      return followUp(message);
    }
  }

  /** The bot speaks by itself. */
  async function late(message: Message): Promise<Standing> {
    const addressee = `discord:${userId}`;
    if (!message.private) {
      const there = asked.direct ? inServer : {};
      const id = await messenger.post(asked.channel, { ...message, addressee }, there);
      return { at: 'message', channel: asked.channel, id, direct: asked.direct ?? false };
    }
    try {
      const channel = await messenger.directTo(userId);
      const id = await messenger.post(channel, message, inServer);
      return { at: 'message', channel, id, direct: true };
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'forbidden') throw error;
      if (!told) await messenger.post(asked.channel, { text: words.undelivered(asked.what), addressee });
      told = true;
      return { at: 'nowhere' };
    }
  }

  async function send(message: Message): Promise<Standing> {
    if (!alive()) return late(message);
    try {
      return await throughToken(message);
    } catch (error) {
      if (!isTokenDead(error)) throw error;
      log.info(
        { err: error, what: asked.what },
        'an interaction could not be answered any more; writing by myself',
      );
      return late(message);
    }
  }

  /** Changes a message of the bot's own; writes it anew if it is gone. */
  async function changeOwn(message: Message, own: Standing & { at: 'message' }): Promise<Standing> {
    try {
      await messenger.edit(own.channel, own.id, message, own.direct ? inServer : {});
      return own;
    } catch (error) {
      if (!(error instanceof ChatError) || (error.code !== 'gone' && error.code !== 'forbidden')) throw error;
      return late(message);
    }
  }

  async function redo(message: Message, standing: Standing): Promise<Standing> {
    switch (standing.at) {
      case 'nowhere':
        return standing;
      case 'message':
        return changeOwn(message, standing);
      default: {
        const id = standing.at === 'reply' ? '@original' : standing.id;
        if (alive()) {
          try {
            await change(message, id);
            return standing;
          } catch (error) {
            if (isGone(error)) return send(message);
            if (!isTokenDead(error)) throw error;
          }
        }
        // What everybody sees is a message like any other, which the bot may change.
        return standing.at === 'follow-up' && !message.private
          ? changeOwn(message, {
              at: 'message',
              channel: asked.channel,
              id: standing.id,
              direct: asked.direct ?? false,
            })
          : late(message);
      }
    }
  }

  return {
    async answer(message) {
      // Who sees an answer is decided when it is given.
      const isPrivate = message.private ?? false;
      let standing = await inTurn(() => send(message));
      let shown = JSON.stringify({ ...message, private: isPrivate });
      return {
        edit: (next) =>
          inTurn(async () => {
            const wanted = { ...next, private: isPrivate };
            const text = JSON.stringify(wanted);
            if (text === shown) return;
            standing = await redo(wanted, standing);
            shown = text;
          }),
      };
    },
    async finish() {
      try {
        await inTurn(async () => {
          if (promised && alive()) await takeBack();
        });
      } catch (err) {
        log.debug({ err, what: asked.what }, 'a promised reply could not be taken back');
      }
    },
  };
}
