import { compose } from '../compose.ts';
import { postMessage } from '../conversation.ts';
import { refuse, refuseMistake } from '../errors.ts';
import { filePayload } from '../payloads.ts';
import type { File, User, World } from '../world.ts';
import { findChannel, type Methods } from './method.ts';

/** A file on its way: asked for, then sent, then completed. */
interface Upload {
  readonly id: string;
  readonly name: string;
  readonly length: number;
  readonly altText: string | undefined;
  readonly user: User;
  data: Buffer | undefined;
}

const LARGEST = 1024 ** 3;

/** What is known of the endings that a bot like ours sends. */
const TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  m4a: 'audio/mp4',
  png: 'image/png',
  svg: 'image/svg+xml',
  csv: 'text/csv',
  json: 'application/json',
  txt: 'text/plain',
};

export class Uploads {
  private readonly world: World;
  private readonly uploads = new Map<string, Upload>();

  constructor(world: World) {
    this.world = world;
  }

  ask(user: User, name: string, length: number, altText: string | undefined): { id: string; url: string } {
    const id = this.world.ids.next('F');
    this.uploads.set(id, { id, name, length, altText, user, data: undefined });
    return { id, url: `${this.world.origin}/upload/v1/${id}` };
  }

  /** The bytes arrive. What is said back is Slack's `OK - 123`. */
  receive(id: string, data: Buffer): { status: number; body: string } {
    const upload = this.uploads.get(id);
    if (upload === undefined) return { status: 404, body: 'file_not_found' };
    if (data.length !== upload.length) {
      this.world.violation(`announced ${upload.length} bytes of ${upload.name} and sent ${data.length}`);
      return { status: 400, body: 'length_mismatch' };
    }
    upload.data = data;
    return { status: 200, body: `OK - ${data.length}` };
  }

  complete(id: string, title: string | undefined): File | undefined {
    const upload = this.uploads.get(id);
    if (upload?.data === undefined) return undefined;
    this.uploads.delete(id);
    const ending = upload.name.split('.').at(-1)?.toLowerCase() ?? '';
    const file: File = {
      id,
      name: upload.name,
      title: title ?? upload.name,
      mimetype: TYPES[ending] ?? 'application/octet-stream',
      size: upload.length,
      data: upload.data,
      user: upload.user,
      altText: upload.altText,
    };
    this.world.files.set(id, file);
    return file;
  }
}

export const FILES: Methods = {
  'files.getUploadURLExternal': {
    tier: 4,
    token: 'bot',
    scopes: ['files:write'],
    run(call) {
      const length = call.args.number('length') ?? 0;
      if (!Number.isInteger(length) || length < 1)
        return refuseMistake('invalid_arguments', [
          'length must be a positive integer [json-pointer:/length]',
        ]);
      if (length > LARGEST) return refuse('file_upload_size_restricted');
      const altText = call.args.text('alt_txt');
      if ((altText?.length ?? 0) > 1000) return refuse('alt_txt_too_large');
      const { id, url } = call.uploads.ask(call.bot, call.args.need('filename'), length, altText);
      return { upload_url: url, file_id: id };
    },
  },
  'files.completeUploadExternal': {
    tier: 4,
    token: 'bot',
    scopes: ['files:write'],
    channelArgument: 'channel_id',
    run(call) {
      const { args, world } = call;
      const given = args.json('files', 'invalid_arguments') as readonly {
        readonly id: string;
        readonly title?: string;
      }[];
      const files = given.map(
        ({ id, title }) => call.uploads.complete(id, title) ?? refuse('file_not_found'),
      );
      const channelIds = [...new Set([args.text('channel_id'), ...args.list('channels')])].filter(
        (id) => id !== undefined && id !== '',
      );
      if (channelIds.length > 100) return refuse('channels_limit_exceeded');
      for (const id of channelIds) {
        const channel = findChannel(call, id!);
        if (!channel.members.has(call.bot.id)) return refuse('not_in_channel');
        const comment = args.text('initial_comment');
        const content = compose(
          world,
          { text: comment, blocks: args.json('blocks', 'invalid_blocks') },
          { empty: true },
        );
        postMessage(world, {
          channel,
          user: call.bot,
          team: call.team,
          text: content.text,
          blocks: content.blocks,
          threadTs: args.text('thread_ts'),
          files,
          subtype: 'file_share',
        });
      }
      // The answer names the files, not the messages: their ts comes with the message event or `files.info`.
      return { files: files.map((file) => filePayload(file, world.origin)) };
    },
  },
  'files.info': {
    tier: 4,
    token: 'bot',
    scopes: ['files:read'],
    run(call) {
      const file = call.world.files.get(call.args.need('file'));
      if (file === undefined) return refuse('file_not_found');
      const shares: Record<'public' | 'private', Record<string, { ts: string }[]>> = {
        public: {},
        private: {},
      };
      for (const channel of call.team.channels.values()) {
        const posts = [...channel.messages.values()].filter(({ files }) => files.includes(file));
        if (posts.length > 0)
          shares[channel.kind === 'public' ? 'public' : 'private'][channel.id] = posts.map(({ ts }) => ({
            ts,
          }));
      }
      return {
        file: { ...filePayload(file, call.world.origin), shares },
        comments: [],
        response_metadata: { next_cursor: '' },
      };
    },
  },
};
