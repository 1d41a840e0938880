import { RESTJSONErrorCodes } from 'discord.js';
import { RefusedRequest } from '../errors.ts';
import type { UploadedFile } from './route.ts';

export interface ParsedBody {
  readonly body: unknown;
  readonly files: ReadonlyMap<number, UploadedFile>;
}

/** Discord goes by the name: discord.js guesses `application/ogg` for a voice message, which is taken all the same. */
const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

function typeOf(file: File): string {
  const known = TYPES[file.name.split('.').at(-1)?.toLowerCase() ?? ''];
  return known ?? (file.type === '' ? 'application/octet-stream' : file.type);
}

function invalidJson(): RefusedRequest {
  return new RefusedRequest(RESTJSONErrorCodes.RequestBodyContainsInvalidJSON);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidJson();
  }
}

/** Reads JSON, or a form of `payload_json` and `files[n]`; nothing else is taken. */
export async function parseBody(raw: Buffer, contentType: string): Promise<ParsedBody> {
  const files = new Map<number, UploadedFile>();
  if (raw.length === 0) return { body: undefined, files };
  if (contentType.startsWith('application/json')) return { body: parseJson(raw.toString()), files };
  if (!contentType.startsWith('multipart/form-data'))
    throw new RefusedRequest(RESTJSONErrorCodes.InvalidFormBodyOrContentType, {
      _errors: [
        {
          code: 'CONTENT_TYPE_INVALID',
          message: 'Expected "Content-Type" header to be one of {"application/json", "multipart/form-data"}.',
        },
      ],
    });
  const form = await new Response(new Uint8Array(raw), {
    headers: { 'content-type': contentType },
  }).formData();
  let body: unknown;
  for (const [name, value] of form.entries()) {
    const number = /^files\[(\d+)\]$/.exec(name)?.[1];
    if (typeof value === 'string' && name === 'payload_json') body = parseJson(value);
    else if (typeof value !== 'string' && number !== undefined)
      files.set(Number(number), {
        filename: value.name,
        contentType: typeOf(value),
        data: Buffer.from(await value.arrayBuffer()),
      });
    else
      throw new RefusedRequest(RESTJSONErrorCodes.InvalidFormBodyOrContentType, {
        [name]: { _errors: [{ code: 'UNKNOWN_FIELD', message: 'only payload_json and files[n] are taken' }] },
      });
  }
  return { body: body ?? {}, files };
}
