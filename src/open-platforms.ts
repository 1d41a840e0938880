import type { Logger } from 'pino';
import { commands } from '../commands/index.ts';
import type { Snippets } from './catalogue/snippets.ts';
import type { ChatPlatform } from './chat/platform.ts';
import { SLACK_ROOT } from './chat/slack/paths.ts';
import { SCOPE_NAMES } from './chat/slack/scopes.ts';
import type { HttpMode } from './chat/slack/slack.ts';
import type { Config } from './config.ts';
import { LIKE_EMOJI, type Taxonomy } from './domain/emotion.ts';
import type { HttpServer } from './http/server.ts';
import { createInstallations } from './installations/installations.ts';
import type { Secrets } from './secrets/secrets.ts';
import type { Store } from './store/store.ts';

/** Its library takes a while to load, which nobody waits for who is not on Discord. */
export async function openDiscord(
  config: NonNullable<Config['discord']>,
  snippets: Snippets,
  log: Logger,
  now: () => number,
): Promise<ChatPlatform> {
  const { createDiscord } = await import('./chat/discord/discord.ts');
  return createDiscord({ ...config, log, now, audio: (songId) => snippets.file(songId) });
}

/** Slack has a name for each emoji: those of the taxonomy, and ❤️. */
const LIKE_ON_SLACK = { emoji: LIKE_EMOJI, slack: 'heart' };

/** As with Discord: loaded by whoever is on Slack. */
export async function openSlack(
  config: NonNullable<Config['slack']>,
  {
    store,
    secrets,
    taxonomy,
    snippets,
    http,
    log,
    now,
  }: {
    store: Store;
    secrets: () => Promise<Secrets>;
    taxonomy: Taxonomy;
    snippets: Snippets;
    http: HttpServer;
    log: Logger;
    now: () => number;
  },
): Promise<ChatPlatform> {
  const { createSlack } = await import('./chat/slack/slack.ts');
  const { apiUrl, commandPrefix } = config;
  const common = {
    apiUrl,
    commandPrefix,
    log,
    now,
    audio: (songId: string) => snippets.file(songId),
    declarations: commands,
    emotions: taxonomy.emotions,
    otherEmojis: [LIKE_ON_SLACK],
  };
  if (config.mode === 'socket') return createSlack({ ...common, mode: { kind: 'socket', ...config } });
  const { signingSecret, botToken, oauth } = config;
  const mount: HttpMode['mount'] = (handle) => http.mount(SLACK_ROOT, handle);
  if (oauth === undefined) {
    return createSlack({ ...common, mode: { kind: 'http', signingSecret, mount, access: { botToken } } });
  }
  const installations = createInstallations({
    store,
    secrets: await secrets(),
    now,
    onUnreadable: (key, err) => log.error({ err, installation: key }, err.message),
  });
  const access = { ...oauth, installations, scopes: SCOPE_NAMES };
  return createSlack({ ...common, mode: { kind: 'http', signingSecret, mount, access } });
}
