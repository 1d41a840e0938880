import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { fileName, safeName } from '../file-name.ts';
import type { Message, SongCard } from '../message.ts';
import { ChatError } from '../platform.ts';
import type { AudioFile } from '../sound.ts';
import type { Api } from './api.ts';
import type { Draw, DrawOptions } from './draw.ts';
import { asChatError, codeOf, type Doing, isGone, isTooLong } from './errors.ts';
import type { Layout } from './layout.ts';
import type { Stored, Uploads } from './uploads.ts';
import type { Workspace } from './workspaces.ts';

/** Where a message stands. */
export interface Spot {
  readonly channel: string;
  readonly ts: string;
}

export interface PostOptions extends DrawOptions {
  readonly thread?: string;
  readonly urgent?: boolean;
}

/** Sends what was drawn, and less of it where Slack does not take everything. */
export interface Messenger {
  /** Draws and sends; a picture that Slack does not take is left out. @throws what `request` throws */
  send<T>(
    workspace: Workspace,
    message: Message,
    options: DrawOptions,
    request: (drawn: Layout) => Promise<T>,
  ): Promise<T>;
  /** @throws ChatError */
  post(workspace: Workspace, channel: string, message: Message, options?: PostOptions): Promise<Spot>;
  /** Shown to one person only, until they close Slack. @throws SlackFailure */
  whisper(
    workspace: Workspace,
    to: { channel: string; userId: string; thread?: string },
    message: Message,
    options?: DrawOptions,
  ): Promise<void>;
  /** @throws ChatError */
  edit(workspace: Workspace, spot: Spot, message: Message, options?: DrawOptions): Promise<void>;
  /** Gone already is success. @throws ChatError */
  remove(workspace: Workspace, spot: Spot): Promise<void>;
  /** The channel of direct messages to somebody. @throws ChatError */
  directTo(workspace: Workspace, userId: string): Promise<string>;
}

const words = {
  hearInThread: '🔊 Its sound is in the thread below.',
  cannotHear:
    'I may not upload files here, so this one cannot be heard. Whoever installed me can allow it: files:write.',
};

const posted = z.object({ channel: z.string(), ts: z.string() });
const opened = z.object({ channel: z.object({ id: z.string() }) });

/** `<#C1> of “Choir”`, which Slack shows by its name. */
export function doing(what: string, workspace: Workspace, channel: string): Doing {
  const shown = /^[CG][A-Z0-9]+$/.test(channel) ? `<#${channel}>` : 'a direct message';
  return { what, where: `${shown} of “${workspace.name}”` };
}

export function createMessenger({
  api,
  draw,
  uploads,
  audio,
  log,
}: {
  api: Api;
  draw: Draw;
  uploads: Uploads;
  audio: (songId: string) => Promise<AudioFile | undefined>;
  log: Logger;
}): Messenger {
  const send: Messenger['send'] = async (workspace, message, options, request) => {
    try {
      return await request(await draw(workspace, message, options));
    } catch (error) {
      if (isTooLong(error)) {
        log.warn(
          { err: error, team: workspace.id },
          'a message was too long for Slack; only its words are sent',
        );
        const { text } = await draw(workspace, message, { ...options, pictures: false });
        return request({ text, blocks: [] });
      }
      // A picture of this moment may not be ready yet, or the place does not take it.
      if (!message.picture || !/^invalid_(blocks|attachments)/.test(codeOf(error) ?? '')) throw error;
      log.info({ err: error }, 'a message is sent without its picture, which was refused');
      return request(await draw(workspace, message, { ...options, pictures: false }));
    }
  };

  /** The sound of a song, brought to Slack but shown nowhere yet. */
  async function soundOf(workspace: Workspace, song: SongCard): Promise<Stored | undefined | 'refused'> {
    if (song.sound.kind !== 'own') return undefined;
    let file: AudioFile | undefined;
    let data: Buffer;
    try {
      file = await audio(song.songId);
      if (file === undefined) return undefined;
      data = await readFile(file.path);
    } catch (cause) {
      // A piece that nobody can hear asks for nothing.
      const reason = (cause as Error).message;
      throw new ChatError('unreachable', `The sound of ${song.songId} could not be had: ${reason}`, {
        cause,
      });
    }
    const extension = file.mediaType === 'audio/wav' ? 'wav' : safeName(file.path).replace(/^.*\./, '');
    try {
      return await uploads.store(workspace, {
        name: fileName(song.title, extension),
        title: song.title,
        data,
      });
    } catch (error) {
      if (codeOf(error) !== 'missing_scope') throw error;
      log.warn({ err: error, team: workspace.id }, 'the sound of a snippet could not be uploaded');
      return 'refused';
    }
  }

  /** A public channel can be entered; who keeps a private one has to let the bot in. */
  async function enter(workspace: Workspace, channel: string, refused: unknown): Promise<void> {
    try {
      await api.call(workspace, 'conversations.join', { channel }, { urgent: true });
      log.info({ team: workspace.id, channel }, 'joined a channel');
    } catch (err) {
      log.debug({ err, channel }, 'a channel could not be joined');
      throw refused;
    }
  }

  async function entering<T>(workspace: Workspace, channel: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (codeOf(error) !== 'not_in_channel') throw error;
      await enter(workspace, channel, error);
      return task();
    }
  }

  async function guarded<T>(what: Doing, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw asChatError(error, what);
    }
  }

  return {
    send,
    post: (workspace, channel, message, { thread, urgent = false, ...options } = {}) =>
      guarded(doing('post', workspace, channel), async () => {
        const sound = message.snippet && (await soundOf(workspace, message.snippet));
        const extra =
          sound === undefined ? [] : [sound === 'refused' ? words.cannotHear : words.hearInThread];
        const notes = [...(options.notes ?? []), ...extra];
        const spot = await send(workspace, message, { ...options, notes }, ({ text, blocks }) =>
          entering(workspace, channel, async () => {
            const unfurl = message.snippet !== undefined;
            const args = {
              channel,
              text,
              ...(blocks.length > 0 && { blocks }),
              ...(thread !== undefined && { thread_ts: thread }),
              unfurl_links: unfurl,
              unfurl_media: unfurl,
            };
            return posted.parse(await api.call(workspace, 'chat.postMessage', args, { urgent }));
          }),
        );
        if (sound !== undefined && sound !== 'refused') {
          try {
            await uploads.show(workspace, [sound], { channel: spot.channel, thread: spot.ts });
          } catch (error) {
            await api.call(workspace, 'chat.delete', { ...spot }).catch(() => undefined);
            throw error;
          }
        }
        return spot;
      }),
    async whisper(workspace, { channel, userId, thread }, message, options = {}) {
      await send(workspace, message, options, ({ text, blocks }) =>
        entering(workspace, channel, () =>
          api.call(
            workspace,
            'chat.postEphemeral',
            {
              channel,
              user: userId,
              text,
              ...(blocks.length > 0 && { blocks }),
              ...(thread !== undefined && { thread_ts: thread }),
            },
            { urgent: true },
          ),
        ),
      );
    },
    edit: (workspace, { channel, ts }, message, options = {}) =>
      guarded(doing('change a message', workspace, channel), async () => {
        await send(workspace, message, options, ({ text, blocks }) =>
          // Blocks that are not sent again would stay.
          api.call(workspace, 'chat.update', { channel, ts, text, blocks }, { urgent: true }),
        );
      }),
    remove: (workspace, { channel, ts }) =>
      guarded(doing('delete a message', workspace, channel), async () => {
        try {
          await api.call(workspace, 'chat.delete', { channel, ts });
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      }),
    directTo: (workspace, userId) =>
      guarded({ what: 'write a direct message' }, async () => {
        const args = { users: userId };
        const open = await api.call(workspace, 'conversations.open', args, { urgent: true });
        return opened.parse(open).channel.id;
      }),
  };
}
