import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** Names under which a secret could reach a log line. */
const SECRETS = [
  'password',
  'token',
  'secret',
  'cookie',
  'authorization',
  'accessToken',
  'refreshToken',
  'botToken',
  'appToken',
  'signingSecret',
  'clientSecret',
];

/**
 * Lines for people on a terminal, JSON elsewhere; on standard error, so that standard output stays for answers.
 * @param level one of pino's, or `silent`
 */
export function createLog(level: string, forPeople = process.stderr.isTTY === true): Logger {
  const options = {
    level,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[hidden]' },
  };
  if (!forPeople) return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
    }),
  );
}
