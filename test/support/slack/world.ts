import type { Clock } from './clock.ts';
import { Ids } from './ids.ts';

/** A JSON object whose fields are looked at one by one. */
export type Payload = Record<string, unknown>;
export type Block = { readonly type: string; readonly block_id?: string } & Payload;

export interface Enterprise {
  readonly id: string;
  readonly name: string;
  readonly teams: Set<Team>;
  /** Set when an organisation installed the app for all its workspaces. */
  installation: Installation | undefined;
}

export interface Team {
  readonly id: string;
  name: string;
  domain: string;
  readonly enterprise: Enterprise | undefined;
  readonly users: Map<string, User>;
  readonly channels: Map<string, Channel>;
  readonly groups: Map<string, UserGroup>;
  /** Custom emoji: name → address, or `alias:other`. */
  readonly emojis: Map<string, string>;
  installation: Installation | undefined;
  /** How long members may edit messages; undefined: for ever. */
  editWindowMs: number | undefined;
}

export type UserKind = 'person' | 'bot' | 'workflow';
export type UserRole = 'member' | 'admin' | 'owner' | 'primary-owner' | 'guest' | 'single-channel-guest';

export interface User {
  readonly id: string;
  readonly team: Team;
  readonly kind: UserKind;
  name: string;
  realName: string;
  displayName: string;
  role: UserRole;
  deleted: boolean;
  locale: string;
  tz: string;
  readonly botId: string | undefined;
  readonly appId: string | undefined;
}

export interface UserGroup {
  readonly id: string;
  readonly team: Team;
  handle: string;
  name: string;
  disabled: boolean;
  readonly users: Set<string>;
}

export type ChannelKind = 'public' | 'private' | 'im' | 'mpim';

export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  /** The workspace that hosts it. */
  readonly team: Team;
  /** Every workspace that it is shared with, the host included. */
  readonly teams: Set<Team>;
  name: string;
  readonly creator: string;
  readonly created: number;
  readonly members: Set<string>;
  archived: boolean;
  /** Only admins may post. */
  readOnly: boolean;
  general: boolean;
  topic: string;
  readonly messages: Map<string, Message>;
}

export interface File {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly size: number;
  readonly data: Buffer;
  readonly user: User;
  readonly altText: string | undefined;
}

export interface Message {
  readonly ts: string;
  readonly channel: Channel;
  /** Undefined for what an incoming webhook or a workflow posts. */
  readonly user: User | undefined;
  readonly botId: string | undefined;
  readonly appId: string | undefined;
  /** The workspace of the author. */
  readonly team: Team;
  readonly subtype: string | undefined;
  text: string;
  blocks: Block[] | undefined;
  attachments: Payload[] | undefined;
  metadata: Payload | undefined;
  readonly threadTs: string | undefined;
  readonly broadcast: boolean;
  readonly files: readonly File[];
  editedTs: string | undefined;
  threadLocked: boolean;
  readonly unfurlLinks: boolean;
  readonly unfurlMedia: boolean;
  readonly username: string | undefined;
  /** By name, in the order in which each emoji came; users in the order in which they reacted. */
  readonly reactions: Map<string, Set<string>>;
  /** What was answered in its thread, oldest first. */
  readonly replies: Message[];
  /** Only this user sees it. */
  readonly ephemeralFor: string | undefined;
}

/** What a workspace or an organisation allowed the app when it installed it. */
export interface Installation {
  readonly id: string;
  readonly team: Team | undefined;
  readonly enterprise: Enterprise | undefined;
  readonly bot: User;
  readonly botId: string;
  readonly scopes: ReadonlySet<string>;
  token: string;
  /** Why the token does not work any more: Slack's own code. */
  dead: 'token_revoked' | 'account_inactive' | 'token_expired' | undefined;
  readonly installer: User | undefined;
}

/** The app as it is configured at api.slack.com. */
export interface AppConfig {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
  readonly appToken: string;
  readonly verificationToken: string;
  /** Undefined: every command, every event. */
  commands: readonly string[] | undefined;
  events: readonly string[] | undefined;
  /** Scopes that an installation may ask for; undefined: any. */
  scopes: readonly string[] | undefined;
  /** Where OAuth may lead back to. */
  redirectUrls: readonly string[];
  socketMode: boolean;
  interactivity: boolean;
  homeTab: boolean;
  messagesTab: boolean;
}

/** Something happened that an app may have subscribed to. */
export interface WorldEvent {
  /** The name of the subscription: `reaction_added`, `message.channels`. */
  readonly name: string;
  readonly event: Payload;
  /** Any of these scopes lets the app see it. */
  readonly scopes: readonly string[];
  /** The workspaces it is about. */
  readonly teams: Iterable<Team>;
  /** The workspace of who did it. */
  readonly from: Team;
  /** The bot has to be in this conversation. */
  readonly channel?: Channel;
  /** Sent although the installation is gone: `app_uninstalled`, `tokens_revoked`. */
  readonly farewell?: Installation;
}

const LOOK_AGAIN_MS = 5;

/** Everything that Slack knows, and the one place through which a change becomes known. */
export class World {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly app: AppConfig;
  readonly enterprises = new Map<string, Enterprise>();
  readonly teams = new Map<string, Team>();
  readonly users = new Map<string, User>();
  readonly channels = new Map<string, Channel>();
  readonly files = new Map<string, File>();
  /** By token, dead ones included. */
  readonly installations = new Map<string, Installation>();
  /** What the app did that Slack refuses or a careful reviewer would. */
  readonly violations: string[] = [];
  /** How many users of a reaction are listed at most, even to whoever asks for all of them. */
  mostUsersListed = Number.POSITIVE_INFINITY;
  /** Takes each event; the deliveries set it. */
  publish: (event: WorldEvent) => void = () => {};
  /** `http://127.0.0.1:port`; the HTTP server sets it. */
  origin = '';
  private readonly waiting = new Set<() => void>();

  constructor(clock: Clock, app: (ids: Ids) => AppConfig) {
    this.clock = clock;
    this.ids = new Ids(clock.now);
    this.app = app(this.ids);
  }

  /** The installation through which the app is in a workspace: its own, or its organisation's. */
  installationOf(team: Team): Installation | undefined {
    const alive = (one: Installation | undefined) => (one?.dead === undefined ? one : undefined);
    return alive(team.installation) ?? alive(team.enterprise?.installation);
  }

  violation(text: string): void {
    this.violations.push(text);
  }

  emit(event: WorldEvent): void {
    this.publish(event);
    this.wake();
  }

  /** Something changed that somebody may be waiting for. */
  wake(): void {
    if (this.waiting.size === 0) return;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /**
   * Waits until something is there, looking again after each change here, and now and then for what changes in the
   * app alone. Fails rather than hangs.
   */
  async until<T>(look: () => T | undefined | false, what: string, patienceMs = 10_000): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(left, LOOK_AGAIN_MS));
        this.waiting.add(wake);
      });
    }
  }
}

/** What Slack calls a person who is in no workspace of ours. */
export function isForeign(user: User, team: Team): boolean {
  return user.team !== team && user.team.enterprise === undefined
    ? true
    : user.team !== team && user.team.enterprise !== team.enterprise;
}
