import { DiscordAPIError, DiscordjsError, DiscordjsErrorCodes, HTTPError, RateLimitError } from 'discord.js';
import { ChatError } from '../platform.ts';

/** Discord's own codes that this bot meets. https://discord.com/developers/docs/topics/opcodes-and-status-codes */
export const Code = {
  UnknownChannel: 10003,
  UnknownGuild: 10004,
  UnknownMember: 10007,
  UnknownMessage: 10008,
  UnknownUser: 10013,
  UnknownEmoji: 10014,
  UnknownWebhook: 10015,
  UnknownInteraction: 10062,
  TooManyReactions: 30010,
  DirectTooFast: 40003,
  RequestTooLarge: 40005,
  AlreadyAcknowledged: 40060,
  MissingAccess: 50001,
  CannotMessageUser: 50007,
  MissingPermissions: 50013,
  InvalidWebhookToken: 50027,
  InvalidForm: 50035,
  ThreadArchived: 50083,
  NoCommonServer: 50278,
  ReactionBlocked: 90001,
} as const;

export function codeOf(error: unknown): number | string | undefined {
  return error instanceof DiscordAPIError ? error.code : undefined;
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof DiscordAPIError || error instanceof HTTPError ? error.status : undefined;
}

/** The message, or the channel or server it was in, is not there any more. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === Code.UnknownMessage || code === Code.UnknownChannel || code === Code.UnknownGuild;
}

/** The 15 minutes in which an interaction can be answered are over, whatever our own clock says. */
export function isTokenDead(error: unknown): boolean {
  const code = codeOf(error);
  return code === Code.UnknownWebhook || code === Code.InvalidWebhookToken || statusOf(error) === 401;
}

/** They take no direct messages from the bot, share no server with it (any more), or are a bot or nobody. */
export function takesNoMessages(error: unknown): boolean {
  const code = codeOf(error instanceof ChatError ? error.cause : error);
  return code === Code.CannotMessageUser || code === Code.NoCommonServer || code === Code.UnknownUser;
}

const INVALID_TOKEN =
  'DISCORD_TOKEN is not valid: reset the token on the “Bot” page of your application at https://discord.com/developers/applications and put the new one in its place.';
const UNREACHABLE = 'Discord cannot be reached';

/** What was being done, for the sentence to the operator. */
export interface Doing {
  /** Continues “Discord did not let me …”. */
  readonly what: string;
  /** Names of the permissions that it takes and the bot does not have, as far as is known. */
  readonly missing?: () => readonly string[];
  /** Where, for people: `#songs of Our server`. */
  readonly where?: () => string;
}

function forbidden({ what, missing, where }: Doing, cause: unknown): ChatError {
  const place = where?.();
  const names = (missing?.() ?? []).map((name) => `“${name}”`);
  const cure =
    names.length > 0
      ? `give the bot’s role ${names.join(' and ')} there.`
      : 'check the permissions of the bot’s role there.';
  return new ChatError(
    'forbidden',
    `Discord did not let me ${what}${place === undefined ? '' : ` in ${place}`}: ${cure}`,
    { cause },
  );
}

/** Whatever went wrong with Discord, as the one kind of error that the port knows. */
export function asChatError(error: unknown, doing: Doing): ChatError {
  if (error instanceof ChatError) return error;
  const cause = { cause: error };
  const place = doing.where?.();
  const where = place === undefined ? '' : ` in ${place}`;
  if (error instanceof RateLimitError || statusOf(error) === 429) {
    return new ChatError(
      'limited',
      `Discord asks for fewer requests: I could not ${doing.what}${where} just now.`,
      cause,
    );
  }
  if (statusOf(error) === 401) return new ChatError('forbidden', INVALID_TOKEN, cause);
  if (error instanceof DiscordAPIError) {
    switch (error.code) {
      case Code.UnknownMessage:
        return new ChatError('gone', `I could not ${doing.what}${where}: the message was deleted.`, cause);
      case Code.UnknownChannel:
      case Code.UnknownGuild:
        return new ChatError(
          'gone',
          `I could not ${doing.what}: the channel is gone. Choose another one with /settings.`,
          cause,
        );
      case Code.DirectTooFast:
        return new ChatError(
          'limited',
          `Discord lets me write to new people only so fast: I could not ${doing.what}${where} just now.`,
          cause,
        );
      case Code.TooManyReactions:
        return new ChatError(
          'limited',
          `I could not ${doing.what}${where}: 20 different emojis are all that Discord takes on a message.`,
          cause,
        );
      case Code.ThreadArchived:
        return new ChatError(
          'forbidden',
          `I could not ${doing.what}${where}: the thread is archived. Open it again, or choose another channel with /settings.`,
          cause,
        );
      case Code.InvalidForm:
        return new ChatError(
          'forbidden',
          `Discord does not accept what I sent to ${doing.what}${where}. This is a mistake of the bot: please report it. (${error.message})`,
          cause,
        );
    }
    if (error.status === 403 || error.code === Code.MissingAccess || error.code === Code.MissingPermissions) {
      return forbidden(doing, error);
    }
    if (error.status === 404)
      return new ChatError('gone', `I could not ${doing.what}${where}: it is gone.`, cause);
    return new ChatError(
      'forbidden',
      `Discord did not let me ${doing.what}${where}: ${error.message}.`,
      cause,
    );
  }
  // After the token was refused once, the library does not try again.
  if (error instanceof Error && error.message.startsWith('Expected token to be set')) {
    return new ChatError('forbidden', INVALID_TOKEN, cause);
  }
  return new ChatError(
    'unreachable',
    `${UNREACHABLE}: I could not ${doing.what}${where}. Check this machine’s connection to the internet, and https://discordstatus.com.`,
    cause,
  );
}

/** Why the bot could not connect. */
export function asStartError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  const cause = { cause: error };
  const message = error instanceof Error ? error.message : String(error);
  const invalid = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
  if (invalid || statusOf(error) === 401 || message === 'Authentication failed') {
    return new ChatError('forbidden', INVALID_TOKEN, cause);
  }
  if (/intents/.test(message)) {
    return new ChatError(
      'forbidden',
      'Discord refuses the intents that the bot asks for, although none of them is a privileged one: check that the application is a bot of yours and not disabled, at https://discord.com/developers/applications.',
      cause,
    );
  }
  if (/sessions? remaining/i.test(message)) {
    return new ChatError(
      'limited',
      `Discord allows no more connections of this bot today: it was started too often. (${message})`,
      cause,
    );
  }
  if (/^(Invalid shard|Sharding is required)/.test(message)) {
    return new ChatError(
      'forbidden',
      `Discord refuses the bot’s connections as they are divided: start it again. (${message})`,
      cause,
    );
  }
  if (error instanceof DiscordAPIError && error.status < 500 && error.status !== 429) {
    return new ChatError('forbidden', `Discord refuses the bot: ${error.message}.`, cause);
  }
  return new ChatError(
    'unreachable',
    `${UNREACHABLE}: check this machine’s connection to the internet, and https://discordstatus.com.`,
    cause,
  );
}
