import type { Logger } from 'pino';
import type { ChatHandlers } from '../platform.ts';
import type { Api } from './api.ts';
import type { EmojiNames } from './emoji.ts';
import type { Messenger } from './messenger.ts';
import type { People } from './people.ts';
import type { Uploads } from './uploads.ts';
import type { Workspaces } from './workspaces.ts';

/** What everything that comes in is worked on with, from start to stop. */
export interface Desk {
  readonly api: Api;
  readonly workspaces: Workspaces;
  readonly people: People;
  readonly names: EmojiNames;
  readonly messenger: Messenger;
  readonly uploads: Uploads;
  readonly handlers: ChatHandlers;
  readonly now: () => number;
  readonly log: Logger;
  /** Goes on after Slack has been told that it came. */
  background(work: Promise<unknown>): void;
  /** False if this came before: Slack delivers again what it believes lost, and anybody may replay a request. */
  isNew(key: string): boolean;
}

/** The last `max` of what came by. */
export function createMemory(max: number): (key: string) => boolean {
  const seen = new Set<string>();
  return (key) => {
    if (seen.has(key)) return false;
    seen.add(key);
    const oldest = seen.values().next().value;
    if (seen.size > max && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}
