import { MessageFlags, type REST, Routes } from 'discord.js';
import type { Message } from '../message.ts';
import type { AnswerHandle } from '../platform.ts';
import type { Asked } from './answers.ts';
import { asChatError } from './errors.ts';
import type { Messenger } from './messenger.ts';

/**
 * How the action that reopens a list is answered when a page is turned: the message with the button shows the other
 * page. Whatever is no list (the list is gone, the button has grown old) is told to whoever pressed, and the message
 * stays.
 */
export function turnPage({
  applicationId,
  token,
  page,
  server,
  direct,
  rest,
  messenger,
}: Pick<Asked, 'applicationId' | 'token' | 'server' | 'direct'> & {
  page: number;
  rest: REST;
  messenger: Messenger;
}): (message: Message) => Promise<AnswerHandle> {
  const auth = false;
  const inServer = direct && server !== undefined ? { server } : {};
  let turned = false;

  const redraw = (message: Message, id: string, options = {}) =>
    messenger.send(message, { ...inServer, ...options }, ({ body, files }) =>
      rest.patch(Routes.webhookMessage(applicationId, token, id), { body, files, auth }),
    );

  async function guarded<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw asChatError(error, { what: 'turn a page' });
    }
  }

  return async (message) => {
    const isList = (message.songs ?? []).length > 0;
    if (isList && !turned) {
      turned = true;
      await guarded(() => redraw(message, '@original', { page }));
      return { edit: (next) => guarded(async () => void (await redraw(next, '@original', { page }))) };
    }
    const sent = await guarded(() =>
      messenger.send(message, inServer, ({ body, files }) =>
        rest.post(Routes.webhook(applicationId, token), {
          body: { ...body, flags: MessageFlags.Ephemeral },
          files,
          auth,
          query: new URLSearchParams({ wait: 'true' }),
        }),
      ),
    );
    const { id } = sent as { id: string };
    return { edit: (next) => guarded(async () => void (await redraw(next, id))) };
  };
}
