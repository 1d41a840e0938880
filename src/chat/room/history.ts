import type { Logger } from 'pino';
import { type Durable, openDurable } from '../../durable/index.ts';
import { applyEntry, emptyRoom, type RoomEntry, type RoomState } from './state.ts';

/** What the room remembers, kept on disk. */
export type History = Durable<RoomState, RoomEntry>;

/**
 * Opens the room's history in a folder.
 * @throws StoreError
 */
export function openHistory(options: { readonly dir: string; readonly log: Logger }): Promise<History> {
  return openDurable<RoomState, RoomEntry>({
    ...options,
    name: 'room',
    version: 1,
    empty: emptyRoom,
    apply: applyEntry,
    forgets: (entry) => entry.k === 'forget',
  });
}
