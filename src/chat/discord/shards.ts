import { type Client, SimpleShardingStrategy, type WebSocketOptions } from 'discord.js';
import type { Logger } from 'pino';

type Manager = Parameters<NonNullable<WebSocketOptions['buildStrategy']>>[0];

/** How long the library may take to say goodbye. */
const GOODBYE_MS = 1_000;

/** The library's connections to the gateway, as far as they need a hand. */
export interface Shards {
  /** For the library's own options. */
  readonly ws: WebSocketOptions;
  /** Disconnects for good, within `GOODBYE_MS`. */
  end(client: Client): Promise<void>;
}

/**
 * discord.js, with two faults of its connections (14.28) kept from doing harm:
 * - What it does with an event may throw: when a session is declared invalid right after it was resumed, it looks for
 *   the session that is gone. That would end the bot as an unhandled rejection, although the connection is renewed all
 *   the same; and what was missed is read back then.
 * - Ended between IDENTIFY and READY, it waits for ever for its own goodbye, and connects once more behind its back.
 */
export function createShards(log: Logger): Shards {
  let ended = false;

  function guard(manager: Manager): SimpleShardingStrategy {
    const emit = manager.emit.bind(manager);
    manager.emit = ((...event: Parameters<typeof emit>) => {
      try {
        return emit(...event);
      } catch (err) {
        log.warn({ err }, 'Discord: an event could not be taken in');
        return false;
      }
    }) as typeof manager.emit;
    const { retrieveSessionInfo } = manager.options;
    // Asked for before every connection: without an answer there is none.
    manager.options.retrieveSessionInfo = (shard) =>
      ended ? new Promise<never>(() => {}) : retrieveSessionInfo(shard);
    return new SimpleShardingStrategy(manager);
  }

  return {
    ws: { buildStrategy: guard },
    async end(client) {
      ended = true;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([client.destroy(), patience]);
      clearTimeout(timer);
    },
  };
}
