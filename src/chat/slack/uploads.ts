import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { clip } from '../fit.ts';
import type { Picture } from '../message.ts';
import type { Api } from './api.ts';
import type { Workspace } from './workspaces.ts';

export interface Upload {
  readonly name: string;
  readonly data: Buffer;
  readonly title?: string;
  readonly alt?: string;
}

/** A file that Slack has and nobody sees yet. */
export interface Stored {
  readonly id: string;
  readonly title: string;
}

/** Brings files to Slack. */
export interface Uploads {
  /** @throws SlackFailure */
  store(workspace: Workspace, file: Upload): Promise<Stored>;
  /** Shows stored files in a channel, or in a thread of it. @throws SlackFailure */
  show(
    workspace: Workspace,
    files: readonly Stored[],
    to: { channel: string; thread?: string },
  ): Promise<void>;
  /** Slack's id of a drawing, for use in messages; undefined where it cannot be had, which is logged. */
  picture(workspace: Workspace, picture: Picture): Promise<string | undefined>;
}

const MAX_ALT = 1000;
const MAX_REMEMBERED = 256;

const place = z.object({ upload_url: z.string(), file_id: z.string() });

export function createUploads({
  api,
  render,
  log,
}: {
  api: Api;
  render: (picture: Picture) => Promise<Buffer>;
  log: Logger;
}): Uploads {
  const pictures = new Map<string, Promise<string | undefined>>();

  async function store(workspace: Workspace, { name, data, title = name, alt }: Upload): Promise<Stored> {
    const { upload_url, file_id } = place.parse(
      await api.call(
        workspace,
        'files.getUploadURLExternal',
        { filename: name, length: data.length, ...(alt !== undefined && { alt_txt: clip(alt, MAX_ALT) }) },
        { urgent: true },
      ),
    );
    await api.upload(upload_url, data);
    return { id: file_id, title };
  }

  async function complete(workspace: Workspace, files: readonly Stored[], to: object): Promise<void> {
    const args = { files: files.map(({ id, title }) => ({ id, title })), ...to };
    await api.call(workspace, 'files.completeUploadExternal', args, { urgent: true });
  }

  async function draw(workspace: Workspace, picture: Picture): Promise<string | undefined> {
    try {
      const data = await render(picture);
      const stored = await store(workspace, { name: 'picture.png', data, alt: picture.alt });
      await complete(workspace, [stored], {});
      return stored.id;
    } catch (err) {
      log.info({ err, team: workspace.id }, 'a picture could not be shown; its words are shown instead');
      return undefined;
    }
  }

  return {
    store,
    show: (workspace, files, { channel, thread }) =>
      complete(workspace, files, { channel_id: channel, ...(thread !== undefined && { thread_ts: thread }) }),
    picture(workspace, picture) {
      const key = `${workspace.id} ${createHash('sha256').update(picture.svg).digest('base64')}`;
      const known = pictures.get(key) ?? draw(workspace, picture);
      // Last used, last forgotten.
      pictures.delete(key);
      pictures.set(key, known);
      void known.then((id) => id === undefined && pictures.delete(key));
      const oldest = pictures.keys().next().value;
      if (pictures.size > MAX_REMEMBERED && oldest !== undefined) pictures.delete(oldest);
      return known;
    },
  };
}
