import {
  type APIApplicationCommand,
  type APIEmbed,
  ApplicationFlags,
  type ChannelType,
  GatewayIntentBits,
  type MessageType,
} from 'discord.js';
import type { Clock } from './clock.ts';
import type { Emoji } from './emoji.ts';
import { createFixtureIds, createSnowflakes } from './snowflake.ts';

export interface User {
  readonly id: string;
  readonly username: string;
  globalName: string | null;
  readonly bot: boolean;
  /** False: Discord refuses direct messages to this person. */
  acceptsDms: boolean;
}

export interface Role {
  readonly id: string;
  name: string;
  permissions: bigint;
  position: number;
  /** Set on the role that a bot brings along. */
  readonly botId?: string;
}

export interface Overwrite {
  readonly id: string;
  readonly type: 0 | 1;
  allow: bigint;
  deny: bigint;
}

export interface Channel {
  readonly id: string;
  readonly type: ChannelType;
  name: string;
  position: number;
  /** Undefined in a direct message. */
  readonly guild?: Guild;
  readonly recipient?: User;
  readonly overwrites: Map<string, Overwrite>;
  readonly messages: Map<string, Message>;
  lastMessageId: string | null;
}

export interface Member {
  readonly user: User;
  readonly guild: Guild;
  nick: string | null;
  readonly roles: Set<string>;
  readonly joinedAt: number;
}

export interface CustomEmoji extends Emoji {
  readonly id: string;
  readonly guild: Guild;
}

export interface Guild {
  readonly id: string;
  name: string;
  ownerId: string;
  locale: string;
  systemChannelId: string | null;
  readonly roles: Map<string, Role>;
  readonly channels: Map<string, Channel>;
  readonly members: Map<string, Member>;
  readonly emojis: Map<string, CustomEmoji>;
  /** False during an outage. */
  available: boolean;
  joinedAt: number;
}

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly description?: string;
  readonly durationSecs?: number;
  readonly waveform?: string;
}

export interface Reaction {
  readonly emoji: Emoji;
  /** In the order in which people reacted. */
  readonly normal: Set<string>;
  readonly burst: Set<string>;
}

/** A component as the bot sent it, with the ids that Discord adds. */
export interface Component {
  readonly type: number;
  readonly id?: number;
  readonly components?: readonly Component[];
  readonly style?: number;
  readonly label?: string;
  readonly custom_id?: string;
  readonly url?: string;
  readonly disabled?: boolean;
  readonly [field: string]: unknown;
}

export interface Message {
  readonly id: string;
  readonly channel: Channel;
  readonly author: User;
  readonly type: MessageType;
  content: string;
  embeds: APIEmbed[];
  components: Component[];
  attachments: Attachment[];
  flags: number;
  editedAt: number | undefined;
  readonly reactions: Map<string, Reaction>;
  readonly nonce?: string | number;
  readonly reference?: string;
  /** The interaction that it answers. */
  readonly interactionId?: string;
  /** Only this person sees it. */
  readonly ephemeralFor?: string;
}

export type Command = APIApplicationCommand;

/** An event for the gateway: what, to whom. */
export interface Dispatch {
  readonly t: string;
  readonly d: unknown;
  /** The same without the content of messages, for a bot without the MESSAGE_CONTENT intent. */
  readonly redacted?: unknown;
  /** Any of these intents; 0 reaches every session. */
  readonly intents: number;
  readonly guild?: Guild;
  /** The bot has to see it. */
  readonly channel?: Channel;
}

export interface WorldOptions {
  readonly clock: Clock;
  readonly token: string;
  readonly botName: string;
  /** Privileged intents switched on in the developer portal. */
  readonly privilegedIntents: number;
}

/** How an application's flags tell which privileged intents are switched on. */
const INTENT_FLAGS = [
  [GatewayIntentBits.GuildPresences, ApplicationFlags.GatewayPresenceLimited],
  [GatewayIntentBits.GuildMembers, ApplicationFlags.GatewayGuildMembersLimited],
  [GatewayIntentBits.MessageContent, ApplicationFlags.GatewayMessageContentLimited],
] as const;

/** Everything that Discord knows, and the one place through which a change becomes known. */
export class World {
  readonly clock: Clock;
  readonly token: string;
  readonly applicationId: string;
  readonly privilegedIntents: number;
  readonly bot: User;
  readonly users = new Map<string, User>();
  readonly guilds = new Map<string, Guild>();
  readonly channels = new Map<string, Channel>();
  /** The bot's direct messages, by the other person. */
  readonly dms = new Map<string, Channel>();
  readonly emojis = new Map<string, CustomEmoji>();
  /** What somebody has set in the developer portal, over the defaults. */
  application: Readonly<Record<string, unknown>> = {};
  /** By guild id; global ones under `''`. */
  readonly commands = new Map<string, Map<string, Command>>();
  readonly newId: () => string;
  readonly fixtureId: () => string;
  /** A series of their own, so that guilds fall on shards in turn. */
  readonly guildId: () => string;
  /** Takes each event; the gateway sets it. */
  deliver: (dispatch: Dispatch) => void = () => {};
  /** Where attachments are served from; the HTTP server sets it. */
  origin = '';
  private readonly waiting = new Set<() => void>();

  constructor(options: WorldOptions) {
    this.clock = options.clock;
    this.token = options.token;
    this.privilegedIntents = options.privilegedIntents;
    this.newId = createSnowflakes(options.clock.now);
    this.fixtureId = createFixtureIds('2023-01-01T00:00:00Z');
    this.guildId = createFixtureIds('2022-01-01T00:00:00Z');
    this.applicationId = this.fixtureId();
    this.bot = this.addUser(options.botName, { bot: true, id: this.applicationId });
    this.commands.set('', new Map());
  }

  get applicationFlags(): number {
    return INTENT_FLAGS.reduce(
      (flags, [intent, flag]) => (this.privilegedIntents & intent ? flags | flag : flags),
      0,
    );
  }

  addUser(username: string, options: { readonly bot?: boolean; readonly id?: string } = {}): User {
    const user: User = {
      id: options.id ?? this.fixtureId(),
      username,
      globalName: null,
      bot: options.bot ?? false,
      acceptsDms: true,
    };
    this.users.set(user.id, user);
    return user;
  }

  /** The bot's membership, if it is in the guild. */
  botMember(guild: Guild): Member | undefined {
    return guild.members.get(this.bot.id);
  }

  emit(dispatch: Dispatch): void {
    this.deliver(dispatch);
    this.wake();
  }

  /** Something changed that somebody may be waiting for. */
  wake(): void {
    if (this.waiting.size === 0) return;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** Waits until something is there, looking again after each change. Fails rather than hangs. */
  async until<T>(look: () => T | undefined | false, what: string, patienceMs = 10_000): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}
