import type { RawFile } from 'discord.js';
import { clip } from './text.ts';

/** What a message may carry, in bytes, unless a server was boosted. */
export const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const MAX_FILES = 10;
const MAX_ALT = 1024;

/** A file that goes with a message. */
export interface Attachment {
  readonly name: string;
  readonly mediaType: string;
  readonly data: Buffer;
  /** What it shows, for those who cannot see it. */
  readonly alt?: string;
}

/** In order, as long as they fit; the others are named. */
export function fitting(
  files: readonly Attachment[],
  maxBytes: number,
): { readonly taken: readonly Attachment[]; readonly left: readonly Attachment[] } {
  const taken: Attachment[] = [];
  const left: Attachment[] = [];
  let bytes = 0;
  for (const file of files) {
    const fits = taken.length < MAX_FILES && bytes + file.data.length <= maxBytes;
    (fits ? taken : left).push(file);
    if (fits) bytes += file.data.length;
  }
  return { taken, left };
}

export function rawFiles(files: readonly Attachment[]): RawFile[] {
  return files.map(({ name, data, mediaType }) => ({ name, data, contentType: mediaType }));
}

/** Also says that attachments of an earlier state of the message are to go. */
export function described(files: readonly Attachment[]) {
  return files.map(({ name, alt }, index) => ({
    id: String(index),
    filename: name,
    ...(alt !== undefined && alt !== '' && { description: clip(alt, MAX_ALT) }),
  }));
}
