import type { Ids } from './ids.ts';
import type { AppConfig } from './world.ts';

/** The parts of an app manifest that decide what Slack sends. */
export interface ManifestLike {
  readonly display_information?: { readonly name?: string };
  readonly features?: {
    readonly slash_commands?: readonly { readonly command: string }[];
    readonly app_home?: { readonly home_tab_enabled?: boolean; readonly messages_tab_enabled?: boolean };
  };
  readonly oauth_config?: {
    readonly redirect_urls?: readonly string[];
    readonly scopes?: { readonly bot?: readonly string[] };
  };
  readonly settings?: {
    readonly event_subscriptions?: { readonly bot_events?: readonly string[] };
    readonly interactivity?: { readonly is_enabled?: boolean };
    readonly socket_mode_enabled?: boolean;
  };
}

export interface AppOptions {
  readonly name?: string;
  /** What the app declares; undefined: everything is allowed. */
  readonly manifest?: ManifestLike;
  readonly commands?: readonly string[];
  readonly events?: readonly string[];
  readonly scopes?: readonly string[];
}

/** The app as somebody configured it at api.slack.com, from its manifest where there is one. */
export function configureApp(ids: Ids, options: AppOptions): AppConfig {
  const { manifest } = options;
  const declared = <T>(given: T | undefined, empty: T): T | undefined =>
    manifest === undefined ? undefined : (given ?? empty);
  return {
    id: ids.next('A'),
    name: options.name ?? manifest?.display_information?.name ?? 'Reactune',
    clientId: '1010101010.2020202020',
    clientSecret: '0123456789abcdef0123456789abcdef',
    signingSecret: 'fedcba9876543210fedcba9876543210',
    appToken: ids.secret('xapp-1-'),
    verificationToken: 'deprecated-verification',
    commands:
      options.commands ??
      declared(
        manifest?.features?.slash_commands?.map(({ command }) => command),
        [],
      ),
    events: options.events ?? declared(manifest?.settings?.event_subscriptions?.bot_events, []),
    scopes: options.scopes ?? declared(manifest?.oauth_config?.scopes?.bot, []),
    redirectUrls: manifest?.oauth_config?.redirect_urls ?? [],
    socketMode: declared(manifest?.settings?.socket_mode_enabled, false) ?? true,
    interactivity: declared(manifest?.settings?.interactivity?.is_enabled, false) ?? true,
    homeTab: declared(manifest?.features?.app_home?.home_tab_enabled, false) ?? true,
    messagesTab: declared(manifest?.features?.app_home?.messages_tab_enabled, false) ?? true,
  };
}
