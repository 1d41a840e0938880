import type { Payload } from './world.ts';

/** Slack answers `ok: false` with this code. */
export class RefusedCall extends Error {
  readonly code: string;
  readonly more: Payload;
  /** The app should not have asked like this; `close` tells. */
  readonly mistake: boolean;

  constructor(code: string, more: Payload = {}, mistake = false) {
    super(code);
    this.name = 'RefusedCall';
    this.code = code;
    this.more = more;
    this.mistake = mistake;
  }
}

export function refuse(code: string, more: Payload = {}): never {
  throw new RefusedCall(code, more);
}

/** Refuses something that no situation excuses: the messages name each part of it, as Slack's do. */
export function refuseMistake(code: string, messages: readonly string[] = []): never {
  const more =
    messages.length === 0
      ? {}
      : { errors: messages, response_metadata: { messages: messages.map((text) => `[ERROR] ${text}`) } };
  throw new RefusedCall(code, more, true);
}
