import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';

export interface AudioFile {
  readonly path: string;
  readonly mediaType: string;
}

/** First and last byte of a Range header; undefined = send everything; 'unsatisfiable' = outside the file. */
export function parseRange(
  header: string | undefined,
  size: number,
): { readonly first: number; readonly last: number } | 'unsatisfiable' | undefined {
  // Several ranges at once may be answered with the whole (RFC 9110, 14.2); no player asks for them.
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const suffix = Number(match[2]);
    if (suffix === 0 || size === 0) return 'unsatisfiable';
    return { first: Math.max(0, size - suffix), last: size - 1 };
  }
  const first = Number(match[1]);
  const last = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== '' && Number(match[2]) < first) return undefined;
  return first >= size ? 'unsatisfiable' : { first, last };
}

/** Song ids are keys of a catalogue. What could be a path is no song. */
export function looksLikePath(songId: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  return songId === '' || songId.length > 200 || /[/\\\u0000-\u001f]|^\.+$|\.\./.test(songId);
}

/** Answers a request for a sound: whole or in part, only if changed, or just the headers. */
export async function serveAudio(file: AudioFile, method: string, headers: Headers): Promise<Response> {
  let info: Awaited<ReturnType<typeof stat>>;
  try {
    info = await stat(file.path);
  } catch {
    return new Response('There is no such sound.', { status: 404 });
  }
  const etag = `"${info.size.toString(36)}-${Math.trunc(info.mtimeMs).toString(36)}"`;
  const common = {
    'Content-Type': file.mediaType,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
    ETag: etag,
  };
  if (
    headers
      .get('if-none-match')
      ?.split(/\s*,\s*/)
      .includes(etag)
  ) {
    return new Response(null, { status: 304, headers: common });
  }
  const condition = headers.get('if-range');
  const wanted = condition === null || condition === etag ? headers.get('range') : null;
  const range = parseRange(wanted ?? undefined, info.size);
  if (range === 'unsatisfiable') {
    return new Response(null, {
      status: 416,
      headers: { ...common, 'Content-Range': `bytes */${info.size}` },
    });
  }
  const first = range?.first ?? 0;
  const last = range?.last ?? info.size - 1;
  const all = {
    ...common,
    'Content-Length': String(last - first + 1),
    ...(range && { 'Content-Range': `bytes ${first}-${last}/${info.size}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (method === 'HEAD' || info.size === 0) return new Response(null, { status, headers: all });
  const stream = createReadStream(file.path, { start: first, end: last });
  return new Response(Readable.toWeb(stream) as ReadableStream, { status, headers: all });
}
