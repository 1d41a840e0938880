import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import { type Logger, pino } from 'pino';

/** Tokens, and addresses that whoever has them may answer with for half an hour. */
const SECRETS = /x(?:ox[a-z]|app)-[\w.-]+|(\/(?:commands|actions)\/\w+\/)[\w./-]+/g;

const clean = (text: string) => text.replace(SECRETS, (_, path?: string) => `${path ?? ''}…`);

/** The library's errors carry headers and what was sent: neither messages nor tokens belong into a log. */
function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? clean(error) : error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  const { code, data, cause } = error as Error & {
    code?: unknown;
    data?: { error?: unknown; needed?: unknown };
  };
  return {
    type,
    message: clean(message),
    ...(stack !== undefined && { stack: clean(stack) }),
    ...(typeof code === 'string' && { code }),
    ...(data?.error !== undefined && { slack: data.error }),
    ...(data?.needed !== undefined && { needed: data.needed }),
    ...(cause !== undefined && { cause: withoutSecrets(cause) }),
  };
}

export function slackLog(log: Logger): Logger {
  return log.child({ platform: 'slack' }, { serializers: { err: withoutSecrets } });
}

/** What Bolt says goes where everything goes; its details, which carry what people write, nowhere. */
export function boltLogger(log: Logger): SlackLogger {
  const text = (parts: unknown[]) =>
    clean(parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '));
  return {
    debug() {},
    info(...parts) {
      log.debug(`Bolt: ${text(parts)}`);
    },
    warn(...parts) {
      log.debug(`Bolt: ${text(parts)}`);
    },
    error(...parts) {
      log.info(`Bolt: ${text(parts)}`);
    },
    setLevel() {},
    getLevel: () => LogLevel.ERROR,
    setName() {},
  };
}
