import { Command, InvalidArgumentError } from 'commander';
import { commands } from '../../commands/index.ts';
import { slackManifest } from '../chat/slack/manifest.ts';
import { environmentWithFile, readConfig } from '../config.ts';
import { commandPrefix } from '../slack-config.ts';
import { action, UsageError } from './run.ts';

function prefixOption(text: string): string {
  if (text === '') return '';
  const parsed = commandPrefix.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`It ${parsed.error.issues[0].message}.`);
}

interface Options {
  readonly http?: boolean;
  readonly socket?: boolean;
  readonly prefix?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The mode that is asked for, else the one that the settings point to, however incomplete they still are. */
function isHttp({ http, socket }: Options, env: Env): boolean {
  if (http && socket) throw new UsageError('Choose one of --http and --socket.');
  if (http || socket) return http === true;
  return !env.SLACK_APP_TOKEN && Boolean(env.SLACK_SIGNING_SECRET || env.SLACK_CLIENT_ID);
}

function publicUrlOf({ PUBLIC_URL }: Env): string {
  const { publicUrl } = readConfig({ ROOM: 'off', PUBLIC_URL });
  if (publicUrl?.startsWith('https://')) return publicUrl;
  throw new UsageError(
    'Over HTTP, Slack has to know where the bot is: set PUBLIC_URL to its https address, such as https://reactune.example.org. Without one, use Socket Mode (leave --http out).',
  );
}

/** What the operator has to know besides; on standard error, so that the manifest stands alone on standard output. */
function advice(http: boolean, prefix: string, configured: string): readonly string[] {
  const lines = [
    'New app: https://api.slack.com/apps → Create New App → From a manifest, and paste this.',
    'After an update of Reactune: your app there → App Manifest, paste this in place of what is there, Save, and install the app again if Slack asks for it.',
  ];
  if (http) lines.push('The bot has to run while you save: Slack asks it whether the address is right.');
  if (prefix !== configured) {
    lines.push(
      prefix === ''
        ? 'SLACK_COMMAND_PREFIX is set: take it out of .env, or the bot and Slack name the commands differently.'
        : `Put SLACK_COMMAND_PREFIX=${prefix} into .env as well, or the bot does not know its commands by these names.`,
    );
  }
  return lines;
}

async function run(options: Options): Promise<void> {
  const env = environmentWithFile();
  const { SLACK_COMMAND_PREFIX } = env;
  const configured = commandPrefix.safeParse(SLACK_COMMAND_PREFIX || undefined);
  if (!configured.success) {
    throw new UsageError(`SLACK_COMMAND_PREFIX ${configured.error.issues[0].message}.`);
  }
  const prefix = options.prefix ?? configured.data;
  const http = isHttp(options, env);
  const manifest = slackManifest(commands, { prefix, ...(http && { publicUrl: publicUrlOf(env) }) });
  process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
  process.stderr.write(`\n${advice(http, prefix, configured.data).join('\n')}\n`);
}

/** `reactune slack-manifest`: the app for Slack, to be pasted there. */
export function slackManifestCommand(): Command {
  return new Command('slack-manifest')
    .description('print the app manifest for Slack, made from the commands; paste it at api.slack.com/apps')
    .option('--http', 'for requests over HTTP at PUBLIC_URL (default: what the settings are for)')
    .option('--socket', 'for Socket Mode, which needs no public address')
    .option('--prefix <prefix>', 'put before every command: reactune- makes /reactune-playlist', prefixOption)
    .action(action(run));
}
