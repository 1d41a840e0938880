import { readFile } from 'node:fs/promises';
import type { APIAllowedMentions, APIEmbed, RawFile } from 'discord.js';
import type { Logger } from 'pino';
import { fileName, safeName } from '../file-name.ts';
import type { Message, Picture, SongCard } from '../message.ts';
import { ChatError } from '../platform.ts';
import type { AudioFile } from '../sound.ts';
import { type Attachment, DEFAULT_MAX_BYTES, described, fitting, rawFiles } from './attachments.ts';
import type { ButtonRow } from './buttons.ts';
import { layOut } from './layout.ts';
import { cut, oneLine, verbatim } from './text.ts';

/** What the place allows, as far as is known. */
export interface Allowed {
  readonly embeds?: boolean;
  readonly files?: boolean;
  readonly maxBytes?: number;
}

export interface DrawOptions extends Allowed {
  /** Page of a long list, from 1. */
  readonly page?: number;
  /** In a direct message: the server that its buttons speak for. */
  readonly server?: string;
}

/** A message as Discord's REST interface takes it, for a new message and for a change alike. */
export interface Drawn {
  readonly body: {
    readonly content: string;
    readonly embeds: readonly APIEmbed[];
    readonly components: readonly ButtonRow[];
    readonly attachments: ReturnType<typeof described>;
    readonly allowed_mentions: APIAllowedMentions;
  };
  readonly files: RawFile[];
}

export type Draw = (message: Message, options?: DrawOptions) => Promise<Drawn>;

const words = {
  cannotAttach:
    '-# I may not attach files here, so this one cannot be heard. A moderator can allow it: *Attach Files*.',
  cannotShow: (names: string) => `-# I may not attach files here, so this is missing: ${names}`,
  tooLarge: (names: string) => `-# Too large to attach here: ${names}`,
};

const userId = (identity: string) => /^discord:(\d{15,20})$/.exec(identity)?.[1];

/** Where a plain name is expected, no matter what was given. */
const named = (files: readonly Attachment[]) => files.map(({ name }) => cut(name, 60, verbatim)).join(', ');

/** Turns messages into what Discord shows. */
export function createDraw({
  audio,
  picture,
  log,
}: {
  audio: (songId: string) => Promise<AudioFile | undefined>;
  picture: (picture: Picture) => Promise<Buffer>;
  log: Logger;
}): Draw {
  async function soundOf(song: SongCard): Promise<Attachment | undefined> {
    if (song.sound.kind !== 'own') return undefined;
    try {
      const file = await audio(song.songId);
      if (file === undefined) return undefined;
      const extension = file.mediaType === 'audio/wav' ? 'wav' : safeName(file.path).replace(/^.*\./, '');
      return {
        name: fileName(song.title, extension),
        mediaType: file.mediaType,
        data: await readFile(file.path),
      };
    } catch (cause) {
      // A piece that nobody can hear asks for nothing.
      throw new ChatError(
        'unreachable',
        `The sound of ${song.songId} could not be had: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  async function pictureOf(drawing: Picture): Promise<Attachment | undefined> {
    try {
      return { name: 'picture.png', mediaType: 'image/png', data: await picture(drawing), alt: drawing.alt };
    } catch (err) {
      log.warn({ err }, 'a picture could not be drawn; its words are shown instead');
      return undefined;
    }
  }

  async function attachmentsOf(message: Message): Promise<Attachment[]> {
    const [drawing, sound] = await Promise.all([
      message.picture && pictureOf(message.picture),
      message.snippet && soundOf(message.snippet),
    ]);
    const files = (message.files ?? []).map(({ name, mediaType, content }) => ({
      name: safeName(name),
      mediaType,
      data: Buffer.from(content, 'utf8'),
    }));
    return [drawing, sound, ...files].filter((file) => file !== undefined);
  }

  return async (
    message,
    { page, server, embeds = true, files = true, maxBytes = DEFAULT_MAX_BYTES } = {},
  ) => {
    const wanted = files ? await attachmentsOf(message) : [];
    const { taken, left } = fitting(wanted, maxBytes);
    const notes: string[] = [];
    if (left.length > 0) notes.push(words.tooLarge(named(left)));
    if (!files && message.snippet?.sound.kind === 'own') notes.push(words.cannotAttach);
    if (!files && (message.files ?? []).length > 0) {
      notes.push(
        words.cannotShow((message.files ?? []).map(({ name }) => cut(name, 60, verbatim)).join(', ')),
      );
    }
    const shown = taken.find(({ mediaType, alt }) => mediaType === 'image/png' && alt !== undefined);
    // A picture always has its words.
    if (message.picture && !shown) notes.push(`-# ${cut(oneLine(message.picture.alt), 800)}`);

    const layout = layOut(message, {
      ...(page !== undefined && { wanted: page }),
      ...(server !== undefined && { server }),
      notes,
      embeds,
    });
    const address = message.addressee === undefined ? undefined : userId(message.addressee);
    const content = [address === undefined ? '' : `<@${address}>`, layout.content]
      .filter((part) => part !== '')
      .join(' ');
    const embed = layout.embed && {
      ...layout.embed,
      ...(shown && { image: { url: `attachment://${shown.name}` } }),
    };
    const isEmpty = content.trim() === '' && (!embed || Object.keys(embed).length < 2) && taken.length === 0;
    return {
      body: {
        content: isEmpty ? '…' : content,
        embeds: embed && Object.keys(embed).length > 1 ? [embed] : [],
        components: layout.rows,
        attachments: described(taken),
        allowed_mentions: address === undefined ? { parse: [] } : { parse: [], users: [address] },
      },
      files: rawFiles(taken),
    };
  };
}
