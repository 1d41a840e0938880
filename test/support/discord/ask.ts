import type { Discord } from './discord.ts';

export interface Asked {
  readonly status: number;
  readonly body: {
    readonly code?: number;
    readonly message?: string;
    readonly errors?: unknown;
    readonly [field: string]: unknown;
  };
  readonly headers: Headers;
}

export interface AskOptions {
  readonly token?: string | null;
  readonly files?: readonly {
    readonly name: string;
    readonly type: string;
    readonly data: Uint8Array<ArrayBuffer>;
  }[];
}

/** One bare REST request, for rules that a well-behaved library never breaks. */
export async function ask(
  discord: Discord,
  method: string,
  path: string,
  body?: unknown,
  options: AskOptions = {},
): Promise<Asked> {
  const token = options.token === undefined ? discord.token : options.token;
  const headers: Record<string, string> = token === null ? {} : { Authorization: `Bot ${token}` };
  let payload: FormData | string | undefined;
  if (options.files !== undefined) {
    payload = new FormData();
    payload.append('payload_json', JSON.stringify(body ?? {}));
    for (const [index, file] of options.files.entries())
      payload.append(`files[${index}]`, new Blob([file.data], { type: file.type }), file.name);
  } else if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    payload = JSON.stringify(body);
  }
  const response = await fetch(`${discord.api}/v10${path}`, {
    method,
    headers,
    ...(payload && { body: payload }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text), headers: response.headers };
}

/** Discord's codes at the places that were refused: `{ 'embeds.0.title': ['BASE_TYPE_MAX_LENGTH'] }`. */
export function complaints(errors: unknown, path = ''): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [key, value] of Object.entries((errors ?? {}) as Record<string, unknown>)) {
    if (key === '_errors') found[path] = (value as { code: string }[]).map(({ code }) => code);
    else Object.assign(found, complaints(value, path === '' ? key : `${path}.${key}`));
  }
  return found;
}
