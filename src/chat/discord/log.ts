import { type Logger, pino } from 'pino';

/** In an address, what stands in for a password: whoever has it may answer in the bot's name for 15 minutes. */
const TOKEN_IN_URL = /(\/(?:interactions|webhooks)\/\d+\/)[^/?]+/g;

/** The library's errors carry what was sent, and where to: neither messages nor tokens belong into a log. */
function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { requestBody: _sent, ...told } = pino.stdSerializers.err(error as Error) as unknown as Record<
    string,
    unknown
  >;
  return typeof told.url === 'string' ? { ...told, url: told.url.replace(TOKEN_IN_URL, '$1…') } : told;
}

export function discordLog(log: Logger): Logger {
  return log.child({ platform: 'discord' }, { serializers: { err: withoutSecrets } });
}
