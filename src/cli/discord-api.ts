import { DiscordAPIError, HTTPError, RateLimitError, REST, RESTJSONErrorCodes } from 'discord.js';
import { ZodError } from 'zod';

/** Waiting longer than this is no use to somebody who sits in front of a terminal. */
const PATIENCE_MS = 60_000;

/**
 * Requests to Discord for a command that somebody waits for: short rate limits are waited for, a long one is an
 * error (discord.js would silently wait a day for the daily limit: discordjs/discord.js#10458).
 */
export function openDiscordApi(token: string, apiUrl: string): REST {
  return new REST({
    version: '10',
    api: apiUrl,
    retries: 1,
    rejectOnRateLimit: ({ retryAfter }) => retryAfter > PATIENCE_MS,
  }).setToken(token);
}

/** What went wrong, and what to do about it. */
export interface DiscordProblem {
  readonly what: string;
  readonly fix: string;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

function refusal({ status, code, message }: DiscordAPIError): DiscordProblem {
  if (status === 401) {
    return {
      what: 'Discord does not know this DISCORD_TOKEN',
      fix: 'make a new one (discord.com/developers/applications → your application → Bot → Reset Token) and put it into .env; the old one stops working',
    };
  }
  switch (code) {
    case RESTJSONErrorCodes.MaximumDailyApplicationCommandCreatesReached:
      return {
        what: 'Discord takes no more new commands today (200 a day and place)',
        fix: 'run this again tomorrow: it goes on with what is missing',
      };
    case RESTJSONErrorCodes.MaximumNumberOfApplicationCommandsReached:
      return {
        what: 'Discord takes no more than 100 commands in one place',
        fix: 'use an application of its own for Reactune',
      };
    default:
      return {
        what: `Discord refused: ${message} (code ${code}, status ${status})`,
        fix: 'if it stays so, report it with this line',
      };
  }
}

/** Whoever answers there speaks something else, a page of HTML say; discord.js looks for a code in it. */
function isSomebodyElse(error: unknown): boolean {
  if (error instanceof ZodError || error instanceof DiscordAPIError) return true;
  return error instanceof TypeError && error.message.includes("'in' operator");
}

/**
 * Puts what a request threw into words.
 * @returns undefined for what is no failure of Discord or of the way there: that is a bug of ours
 */
export function discordProblem(error: unknown, apiUrl: string): DiscordProblem | undefined {
  if (error instanceof DiscordAPIError && typeof error.code === 'number') return refusal(error);
  if (error instanceof RateLimitError) {
    const minutes = Math.ceil(error.retryAfter / 60_000);
    return {
      what: `Discord asks to wait ${minutes} minutes (too many requests, or too many new commands today)`,
      fix: 'run this again then: it goes on with what is missing',
    };
  }
  if (error instanceof HTTPError) {
    return {
      what: `Discord has trouble (status ${error.status})`,
      fix: 'see discordstatus.com and try again later',
    };
  }
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || UNREACHABLE.has(code ?? '')) {
    const why = name === 'AbortError' ? 'it does not answer' : code;
    return {
      what: `${new URL(apiUrl).host} cannot be reached (${why})`,
      fix: 'look after the network, a proxy or firewall, and DISCORD_API_URL if you set it',
    };
  }
  if (isSomebodyElse(error)) {
    return {
      what: `${new URL(apiUrl).host} does not answer as Discord does`,
      fix: 'correct DISCORD_API_URL or leave it out; else a proxy or firewall answers in its place',
    };
  }
  return undefined;
}
