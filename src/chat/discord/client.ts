import {
  Client,
  DefaultRestOptions,
  GatewayIntentBits,
  Options,
  type RESTOptions,
  type WebSocketOptions,
} from 'discord.js';

export interface ClientOptions {
  /** Where Discord's REST interface is, without the version; an emulator's for tests and trials. */
  readonly apiUrl?: string;
  /** How long a shard waits for servers that are out of order before it counts as ready. */
  readonly waitForGuildsMs?: number;
}

interface OfClient {
  readonly id: string;
  readonly client: Client;
}

const itself = ({ id, client }: OfClient) => id === client.user?.id;

/**
 * The library tries a request again when the connection was reset, but not when the other side closed it while it was
 * idle, which Node's fetch reports differently.
 */
const makeRequest: RESTOptions['makeRequest'] = async (url, init) => {
  try {
    return await DefaultRestOptions.makeRequest(url, init);
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    if (code !== 'UND_ERR_SOCKET') throw cause;
    throw Object.assign(new Error('The connection was closed.', { cause }), { code: 'ECONNRESET' });
  }
};

/**
 * discord.js with what this bot needs and no more. The events of reactions are taken from the gateway's own payloads,
 * which say everything: so no message, member or user has to be in memory, nothing is dropped because it is not (the
 * library drops the removal of a reaction by somebody unknown), and 2,500 servers stay small. Without the intent
 * GuildMessages the bot never receives what members write.
 */
export function createClient({ apiUrl, waitForGuildsMs }: ClientOptions, ws: WebSocketOptions): Client {
  return new Client({
    intents: GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessageReactions,
    shards: 'auto',
    ws,
    allowedMentions: { parse: [] },
    ...(waitForGuildsMs !== undefined && { waitGuildTimeout: waitForGuildsMs }),
    rest: { makeRequest, ...(apiUrl !== undefined && { api: apiUrl.replace(/\/+$/, '') }) },
    makeCache: Options.cacheWithLimits({
      ApplicationCommandManager: 0,
      ApplicationEmojiManager: 0,
      AutoModerationRuleManager: 0,
      BaseGuildEmojiManager: 0,
      DMMessageManager: 0,
      EntitlementManager: 0,
      GuildBanManager: 0,
      GuildEmojiManager: 0,
      GuildForumThreadManager: 0,
      GuildInviteManager: 0,
      // The bot's own member tells what it may do where.
      GuildMemberManager: { maxSize: 0, keepOverLimit: itself },
      GuildMessageManager: 0,
      GuildScheduledEventManager: 0,
      GuildStickerManager: 0,
      GuildTextThreadManager: 0,
      MessageManager: 0,
      PresenceManager: 0,
      ReactionManager: 0,
      ReactionUserManager: 0,
      StageInstanceManager: 0,
      ThreadManager: 0,
      ThreadMemberManager: 0,
      UserManager: { maxSize: 0, keepOverLimit: itself },
      VoiceStateManager: 0,
    }),
  });
}
