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

/** A file name that every system takes: Latin letters, digits and little else. */
export function fileName(name: string, extension: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '');
  return `${plain || 'file'}.${extension}`;
}

/** Takes a name with its extension. */
export function safeName(name: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot + 1).replace(/[^A-Za-z0-9]/g, '') : '';
  return fileName(dot > 0 ? name.slice(0, dot) : name, extension.slice(0, 10) || 'txt');
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
