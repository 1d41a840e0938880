import type { Logger } from 'pino';
import { ChatError, type ChatHandlers, type ChatPlatform } from './chat/platform.ts';
import type { Communities } from './communities/communities.ts';
import type { Labelling } from './labelling/labelling.ts';
import type { Reactions } from './labelling/reactions.ts';

interface ConnectionParts {
  readonly platforms: readonly ChatPlatform[];
  readonly commands: Pick<ChatHandlers, 'command' | 'action' | 'complete'>;
  readonly reactions: Reactions;
  readonly communities: Communities;
  readonly labelling: Labelling;
  readonly log: Logger;
  /** Between two tries to reach a service, the first time; doubled up to `MOST_PATIENCE_MS`. */
  readonly retryMs?: number;
}

const RETRY_MS = 15_000;
const MOST_PATIENCE_MS = 10 * 60_000;

/** Connects the platforms with everything behind them, and keeps at it. */
export interface Connections {
  /**
   * Resolves when every platform is connected or will be tried again.
   * @throws ChatError when a service refuses the bot: trying again would not help
   */
  start(): Promise<void>;
  /** In how many places the bot is on a platform; undefined when it could not be reached yet. */
  places(platform: ChatPlatform): Promise<number | undefined>;
  stop(): Promise<void>;
}

export function createConnections({
  platforms,
  commands,
  reactions,
  communities,
  labelling,
  log,
  retryMs = RETRY_MS,
}: ConnectionParts): Connections {
  const started: ChatPlatform[] = [];
  const retries = new Set<NodeJS.Timeout>();
  const working = new Set<Promise<unknown>>();
  let stopped = false;

  function handlersOf(platform: ChatPlatform): ChatHandlers {
    return {
      ...commands,
      reaction: reactions.handle,
      cleared: reactions.cleared,
      removed: reactions.removed,
      async missed(affected) {
        await reactions.catchUp(platform, affected);
      },
      joined: (place) => communities.joined(platform, place),
      left: communities.left,
    };
  }

  function background(what: string, work: Promise<unknown>): void {
    const settled = work
      .catch((err: unknown) => {
        if (!stopped) log.error({ err }, what);
      })
      .finally(() => working.delete(settled));
    working.add(settled);
  }

  async function comeUp(platform: ChatPlatform): Promise<void> {
    await reactions.catchUp(platform);
    await labelling.finishSeeding(platform);
  }

  async function connect(platform: ChatPlatform): Promise<void> {
    await platform.start(handlersOf(platform));
    started.push(platform);
    if (stopped) return platform.stop();
    const { greeted } = await communities.remember(platform);
    background(`greeting on ${platform.name} failed`, greeted);
    // Reading back thousands of reactions takes as long as the service's limits let it: nobody waits for that.
    if (platform.name === 'room') await comeUp(platform);
    else background(`catching up on ${platform.name} failed`, comeUp(platform));
  }

  /** A service that cannot be reached keeps no other platform from running. */
  async function attempt(platform: ChatPlatform, waitMs: number): Promise<void> {
    try {
      await connect(platform);
    } catch (err) {
      if (!(err instanceof ChatError) || err.code !== 'unreachable' || started.includes(platform)) throw err;
      if (stopped) return;
      log.error({ err, again: `in ${Math.round(waitMs / 1000)} s` }, err.message);
      const retry = setTimeout(() => {
        retries.delete(retry);
        const next = Math.min(2 * waitMs, MOST_PATIENCE_MS);
        background(`${platform.name} could not be started`, attempt(platform, next));
      }, waitMs);
      retries.add(retry);
    }
  }

  return {
    async start() {
      for (const platform of platforms) await attempt(platform, retryMs);
    },
    async places(platform) {
      return started.includes(platform) ? (await platform.places()).length : undefined;
    },
    async stop() {
      stopped = true;
      for (const retry of retries) clearTimeout(retry);
      // Those that are still starting too: that ends their start.
      for (const platform of [...platforms].reverse()) {
        await platform.stop().catch((err: unknown) => {
          log.error({ err }, `${platform.name} could not be stopped cleanly`);
        });
      }
      await Promise.allSettled(working);
    },
  };
}
