import { randomBytes } from 'node:crypto';
import { type APIChannel, type APIMessage, type Client, Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { Message } from '../message.ts';
import { ChatError } from '../platform.ts';
import type { Draw, Drawn, DrawOptions } from './draw.ts';
import { asChatError, Code, codeOf, type Doing, isGone, statusOf } from './errors.ts';
import { allowedIn, missingIn, nameOfChannel, type PermissionName } from './permissions.ts';

/** What a direct message is about. */
type DirectOptions = Pick<DrawOptions, 'server'>;

/** Sends what was drawn, and less of it where the place does not take everything. */
export interface Messenger {
  /**
   * Draws and sends; what may not be attached or embedded is left out rather than failing.
   * @throws what `request` throws
   */
  send<T>(message: Message, options: DrawOptions, request: (drawn: Drawn) => Promise<T>): Promise<T>;
  /** @throws ChatError */
  post(channel: string, message: Message, options?: DirectOptions): Promise<string>;
  /** @throws ChatError */
  edit(channel: string, id: string, message: Message, options?: DirectOptions): Promise<void>;
  /** Gone already is success. @throws ChatError */
  remove(channel: string, id: string): Promise<void>;
  /** The channel of direct messages to somebody. @throws ChatError */
  directTo(userId: string): Promise<string>;
  /** What to tell the operator when something with a channel fails. */
  doing(what: string, channel: string, needs: readonly PermissionName[]): Doing;
}

const TO_POST: readonly PermissionName[] = ['View Channel', 'Send Messages'];

export const isSnowflake = (id: string) => /^\d{15,20}$/.test(id);

export function createMessenger({
  client,
  draw,
  log,
}: {
  client: Client;
  draw: Draw;
  log: Logger;
}): Messenger {
  const { rest } = client;

  const doing: Messenger['doing'] = (what, channel, needs) => ({
    what,
    missing: () => missingIn(client, channel, needs),
    where: () => nameOfChannel(client, channel),
  });

  function checked(channel: string, what: string): void {
    if (!isSnowflake(channel)) {
      throw new ChatError(
        'gone',
        `I could not ${what}: “${channel}” is no channel of Discord. Choose one with /settings.`,
      );
    }
  }

  /** How to draw a message that was refused; undefined if drawing it otherwise would not help. */
  function simpler(error: unknown, drawn: Drawn, options: DrawOptions): DrawOptions | undefined {
    const tooLarge = codeOf(error) === Code.RequestTooLarge || statusOf(error) === 413;
    if (tooLarge && drawn.files.length > 0) return { ...options, files: false };
    const rich = drawn.files.length > 0 || drawn.body.embeds.length > 0;
    if (codeOf(error) === Code.MissingPermissions && rich) return { ...options, files: false, embeds: false };
    return undefined;
  }

  const send: Messenger['send'] = async (message, options, request) => {
    const drawn = await draw(message, options);
    try {
      return await request(drawn);
    } catch (error) {
      const less = simpler(error, drawn, options);
      if (!less) throw error;
      log.info({ err: error }, 'a message is sent without its attachments, which were refused');
      return request(await draw(message, less));
    }
  };

  return {
    send,
    doing,
    async post(channel, message, direct = {}) {
      checked(channel, 'post');
      try {
        const options = { ...allowedIn(client, channel), ...direct };
        const sent = await send(message, options, ({ body, files }) => {
          // Sent again after a broken connection, a message with the same nonce is the same message.
          const nonce = randomBytes(12).toString('hex');
          return rest.post(Routes.channelMessages(channel), {
            body: { ...body, nonce, enforce_nonce: true },
            files,
          });
        });
        return (sent as APIMessage).id;
      } catch (error) {
        throw asChatError(error, doing('post', channel, TO_POST));
      }
    },
    async edit(channel, id, message, direct = {}) {
      checked(channel, 'change a message');
      try {
        await send(message, { ...allowedIn(client, channel), ...direct }, ({ body, files }) =>
          rest.patch(Routes.channelMessage(channel, id), { body, files }),
        );
      } catch (error) {
        throw asChatError(error, doing('change a message', channel, ['View Channel']));
      }
    },
    async remove(channel, id) {
      if (!isSnowflake(channel) || !isSnowflake(id)) return;
      try {
        await rest.delete(Routes.channelMessage(channel, id));
      } catch (error) {
        if (!isGone(error)) throw asChatError(error, doing('delete a message', channel, ['View Channel']));
      }
    },
    async directTo(userId) {
      try {
        const channel = await rest.post(Routes.userChannels(), { body: { recipient_id: userId } });
        return (channel as APIChannel).id;
      } catch (error) {
        throw asChatError(error, { what: 'write a direct message' });
      }
    },
  };
}
