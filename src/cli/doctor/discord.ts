import path from 'node:path';
import { ApplicationFlags, DiscordAPIError, type REST, RESTJSONErrorCodes, Routes } from 'discord.js';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { CommandPlan } from '../../chat/discord/command-plan.ts';
import { inviteLink } from '../../chat/discord/invite.ts';
import type { Config } from '../../config.ts';
import { readStore } from '../../store/lowdb/read-store.ts';
import { StoreError } from '../../store/store.ts';
import { discordProblem, openDiscordApi } from '../discord-api.ts';
import { readPlan, wantedCommands } from '../discord-commands.ts';
import { plainText } from '../plain-text.ts';
import { type Check, type Finding, fine, note, wrong } from './check.ts';
import { FEW, type GuildOfBot, guildsOfBot, lookAtServers } from './discord-servers.ts';

const HELLO_PATIENCE_MS = 10_000;
const DEPLOY = 'npm run reactune -- deploy-commands';

const userForm = z.object({ id: z.string(), username: z.string(), bot: z.boolean().optional() });
const applicationForm = z.object({
  id: z.string(),
  name: z.string(),
  flags: z.number().default(0),
  bot_public: z.boolean().default(true),
  bot_require_code_grant: z.boolean().default(false),
  interactions_endpoint_url: z.string().nullish(),
});
type Application = z.infer<typeof applicationForm>;
const gatewayForm = z.object({
  url: z.url({ protocol: /^wss?$/ }),
  session_start_limit: z.object({ total: z.number(), remaining: z.number(), reset_after: z.number() }),
});

const PRIVILEGED = [
  { flags: ApplicationFlags.GatewayPresence | ApplicationFlags.GatewayPresenceLimited, name: 'Presence' },
  {
    flags: ApplicationFlags.GatewayGuildMembers | ApplicationFlags.GatewayGuildMembersLimited,
    name: 'Server Members',
  },
  {
    flags: ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited,
    name: 'Message Content',
  },
];

/** Waits for the gateway's first word, without logging in: that would count against the day's log-ins. */
function gatewaySaysHello(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/\/+$/, '')}/?v=10&encoding=json`, {
      handshakeTimeout: HELLO_PATIENCE_MS,
    });
    const timer = setTimeout(() => end(new Error('it does not say hello')), HELLO_PATIENCE_MS);
    function end(error?: Error) {
      clearTimeout(timer);
      socket.removeAllListeners();
      // Ending a connection that is still being made is an error event as well.
      socket.on('error', () => {});
      socket.terminate();
      if (error) reject(error);
      else resolve();
    }
    socket.on('message', (data) => {
      try {
        const { op } = JSON.parse(String(data)) as { op?: unknown };
        end(op === 10 ? undefined : new Error('its first word is not hello'));
      } catch {
        end(new Error('it does not speak JSON'));
      }
    });
    socket.on('error', (error) => end(error));
    socket.on('close', (code) => end(new Error(`it closed the connection (${code})`)));
  });
}

async function* gateway(rest: REST): AsyncIterable<Finding> {
  const { url, session_start_limit: limit } = gatewayForm.parse(await rest.get(Routes.gatewayBot()));
  try {
    await gatewaySaysHello(url);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    yield wrong(
      `Gateway: ${new URL(url).host} cannot be reached (${code ?? message})`,
      'let WebSocket connections through the firewall or proxy',
    );
    return;
  }
  if (limit.remaining === 0) {
    const minutes = Math.ceil(limit.reset_after / 60_000);
    yield wrong(
      `Gateway: reachable, but all ${limit.total} log-ins of the day are used up`,
      `start the bot in ${minutes} minutes, and find out why it starts so often`,
    );
    return;
  }
  yield fine(`Gateway: reachable, ${limit.remaining} of ${limit.total} log-ins left today`);
}

function intents({ flags }: Application): Finding {
  const idle = PRIVILEGED.filter((one) => (flags & one.flags) !== 0).map(({ name }) => name);
  const none = 'Intents: servers and reactions; none of them is privileged, so nothing has to be switched on';
  return idle.length === 0
    ? fine(none)
    : note(
        `${none}. Switched on without need: ${idle.join(', ')}`,
        'switch them off under Bot in the portal',
      );
}

/** Switches in Discord's developer portal that keep a bot from working. */
function* portal(application: Application): Iterable<Finding> {
  if (application.interactions_endpoint_url) {
    yield wrong(
      'Application: an Interactions Endpoint URL is set, so slash commands go there and not to the bot',
      'clear it under General Information in the portal',
    );
  }
  if (application.bot_require_code_grant) {
    yield wrong(
      'Application: it requires an OAuth2 code grant, so the invite link does not work',
      'switch that off under Bot in the portal',
    );
  }
}

function registered(plan: CommandPlan): number {
  return plan.unchanged.length + plan.changed.length + plan.removed.length;
}

function verdict(plan: CommandPlan, where: string, fix: string): Finding {
  const parts = [
    [plan.added, 'missing'],
    [plan.changed, 'changed'],
    [plan.removed, 'gone'],
  ] as const;
  const outdated = parts.flatMap(([some, word]) => (some.length > 0 ? [`${some.length} ${word}`] : []));
  return outdated.length === 0
    ? fine(`Commands: ${plan.unchanged.length} registered ${where}, up to date`)
    : wrong(`Commands: out of date ${where} (${outdated.join(', ')})`, fix);
}

async function* guildCommands(
  rest: REST,
  application: Application,
  guild: GuildOfBot,
  isGlobal: boolean,
): AsyncIterable<Finding> {
  const where = `on ${plainText(guild.name)}`;
  const fix = `${DEPLOY} --guild ${guild.id}`;
  try {
    const plan = await readPlan(rest, application.id, guild.id, wantedCommands());
    if (registered(plan) > 0) {
      yield isGlobal
        ? wrong(`Commands: there twice ${where}, once of its own`, `${fix} --remove`)
        : verdict(plan, where, fix);
    } else if (!isGlobal) yield wrong(`Commands: none ${where}`, `${fix}, or ${DEPLOY} for every server`);
  } catch (error) {
    if (!(error instanceof DiscordAPIError) || error.code !== RESTJSONErrorCodes.MissingAccess) throw error;
    yield wrong(
      `Commands: not allowed ${where} (the scope applications.commands is missing)`,
      'invite the bot there again with the link below; it stays as it is',
    );
  }
}

async function* registration(
  rest: REST,
  application: Application,
  servers: readonly GuildOfBot[],
): AsyncIterable<Finding> {
  const plan = await readPlan(rest, application.id, undefined, wantedCommands());
  const isGlobal = registered(plan) > 0;
  const few = servers.length > 0 && servers.length <= FEW;
  if (isGlobal) yield verdict(plan, 'on every server', DEPLOY);
  else if (!few) yield wrong('Commands: none registered', DEPLOY);
  if (few) for (const guild of servers) yield* guildCommands(rest, application, guild, isGlobal);
}

/** The chosen channels by server, as a running or stopped bot has written them down. */
async function chosenChannels(stateDir: string): Promise<ReadonlyMap<string, string> | Finding> {
  try {
    const { communities = [] } = (await readStore(path.join(stateDir, 'store'))) ?? {};
    return new Map(
      communities.flatMap(({ id, platform, settings: { channel } }) =>
        platform === 'discord' && channel !== undefined ? [[id.slice('discord:'.length), channel]] : [],
      ),
    );
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return wrong(`Settings: ${error.message}`, 'then run this again');
  }
}

async function* examine({ stateDir }: Config, rest: REST): AsyncIterable<Finding> {
  const user = userForm.parse(await rest.get(Routes.user()));
  if (!user.bot) {
    yield wrong('Token: it belongs to a person, not to a bot', 'use the token under Bot in the portal');
    return;
  }
  const application = applicationForm.parse(await rest.get(Routes.currentApplication()));
  yield fine(
    `Token: valid, of the bot ${plainText(user.username)} (application ${plainText(application.name)}, ${application.id})`,
  );
  yield* portal(application);
  yield* gateway(rest);
  yield intents(application);
  const servers = await guildsOfBot(rest);
  yield* registration(rest, application, servers);
  yield note(
    `Invite link, with exactly what it needs: ${inviteLink(application.id)}${
      application.bot_public ? '' : ' (only you can use it: Public Bot is off in the portal)'
    }`,
  );
  if (servers.length === 0) {
    yield note('Servers: none yet', 'open the invite link and choose one');
    return;
  }
  const channels = await chosenChannels(stateDir);
  if ('mark' in channels) yield channels;
  else yield* await lookAtServers(rest, user.id, servers, channels);
}

export const discordCheck: Check = {
  title: 'Discord',
  async *run(config) {
    if (config.discord === undefined) {
      yield note('off: there is no DISCORD_TOKEN', 'docs/discord.md shows how to set it up in ten minutes');
      return;
    }
    const { token, apiUrl } = config.discord;
    try {
      yield* examine(config, openDiscordApi(token, apiUrl));
    } catch (error) {
      const problem = discordProblem(error, apiUrl);
      if (problem === undefined) throw error;
      yield wrong(problem.what, problem.fix);
    }
  },
};
