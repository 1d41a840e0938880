import type { Message } from './message.ts';

/** Songs shown at once in a list that can be turned over. */
const PER_PAGE = 10;
const MAX_CUSTOM_ID = 100;

/** What a page button carries: which page, and the action that answers with the whole list again. */
const turn = (page: number, reopen: string) => `page:${page}:${reopen}`;

export interface Turn {
  readonly page: number;
  readonly reopen: string;
}

/** What was pressed, if it was a page button: nothing has to be remembered for it, so it works after a restart. */
export function readTurn(customId: string): Turn | undefined {
  const match = /^page:(\d{1,4}):(.+)$/s.exec(customId);
  return match ? { page: Number(match[1]), reopen: match[2] } : undefined;
}

export interface Page {
  readonly number: number;
  readonly of: number;
  /** Position of the first song shown, from 0. */
  readonly from: number;
  readonly to: number;
  readonly back: string;
  readonly on: string;
}

/** Which part of a long list is shown; undefined if it is shown as a whole. */
export function pageOf({ songs = [], reopen }: Message, wanted = 1): Page | undefined {
  const of = Math.ceil(songs.length / PER_PAGE);
  if (reopen === undefined || of < 2 || turn(of + 1, reopen).length > MAX_CUSTOM_ID) return undefined;
  // The list may have become shorter since the button was drawn.
  const number = Math.min(Math.max(1, wanted), of);
  const from = (number - 1) * PER_PAGE;
  return {
    number,
    of,
    from,
    to: Math.min(from + PER_PAGE, songs.length),
    back: turn(number - 1, reopen),
    on: turn(number + 1, reopen),
  };
}
