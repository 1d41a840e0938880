import { DiscordAPIError, type REST, RESTJSONErrorCodes, Routes } from 'discord.js';
import { z } from 'zod';
import type { CommandPlan } from '../chat/discord/command-plan.ts';
import { inviteLink } from '../chat/discord/invite.ts';
import { discordProblem, openDiscordApi } from './discord-api.ts';
import { commandsRoute, readPlan, wantedCommands } from './discord-commands.ts';
import { plainText } from './plain-text.ts';
import { UsageError } from './run.ts';

export interface DeployOptions {
  readonly token: string;
  readonly apiUrl: string;
  /** Undefined: everywhere. */
  readonly guild?: string;
  readonly dryRun?: boolean;
  /** Takes all of them away. */
  readonly remove?: boolean;
  say(line: string): void;
}

const application = z.object({ id: z.string(), name: z.string() });
const guilds = z.array(z.object({ id: z.string(), name: z.string() }));

function describe(plan: CommandPlan): string[] {
  return [
    ...plan.added.map(({ name }) => `  + /${name}`),
    ...plan.changed.flatMap(({ command, differences }) => [
      `  ~ /${command.name}`,
      ...differences.map((difference) => `      ${plainText(difference)}`),
    ]),
    ...plan.removed.map(({ name }) => `  - /${name}`),
    ...(plan.unchanged.length > 0 ? [`  = ${plan.unchanged.length} unchanged`] : []),
  ];
}

/** The server's name; the reason why commands cannot be put there is found out before anything is written. */
async function findGuild(rest: REST, guildId: string): Promise<string> {
  try {
    return guilds.element.parse(await rest.get(Routes.guild(guildId))).name;
  } catch (error) {
    const unknown: readonly unknown[] = [RESTJSONErrorCodes.UnknownGuild, RESTJSONErrorCodes.MissingAccess];
    if (!(error instanceof DiscordAPIError) || !unknown.includes(error.code)) throw error;
    const known = guilds.parse(await rest.get(Routes.userGuilds()));
    const shown = known.slice(0, 10).map(({ id, name }) => `\n  ${id}  ${plainText(name)}`);
    throw new UsageError(
      `The bot is on no server with the id ${guildId}. ${
        known.length === 0
          ? 'It is on no server yet: invite it first (npm run reactune -- doctor shows the link).'
          : `It is on these${known.length > 10 ? ', among others' : ''}:${shown.join('')}`
      }`,
    );
  }
}

async function apply(rest: REST, plan: CommandPlan, route: `/${string}`): Promise<void> {
  // What goes first makes room: a place takes a hundred.
  for (const { id } of plan.removed) await rest.delete(`${route}/${id}`);
  for (const { id, command } of plan.changed) {
    const { type: _type, ...body } = command;
    // A field that is left out of a change stays as it was.
    const emptied = { name_localizations: null, description_localizations: null, nsfw: false };
    await rest.patch(`${route}/${id}`, { body: { ...emptied, ...body } });
  }
  for (const command of plan.added) await rest.post(route, { body: command });
}

async function deploy(rest: REST, options: DeployOptions): Promise<void> {
  const { guild, dryRun, remove, say } = options;
  const { id, name } = application.parse(await rest.get(Routes.currentApplication()));
  const where = guild === undefined ? 'on every server' : `on ${plainText(await findGuild(rest, guild))}`;
  const wanted = wantedCommands();
  let plan: CommandPlan;
  try {
    plan = await readPlan(rest, id, guild, remove ? [] : wanted);
    const changes = plan.added.length + plan.changed.length + plan.removed.length;
    say(`Commands of ${plainText(name)} ${where}:`);
    for (const line of describe(plan)) say(line);
    if (changes === 0) {
      say('Nothing to do.');
      return;
    }
    if (dryRun) {
      say('Nothing was changed (--dry-run).');
      return;
    }
    await apply(rest, plan, commandsRoute(id, guild));
  } catch (error) {
    if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.MissingAccess) {
      throw new UsageError(
        `The bot may not have commands there: it was invited without the scope applications.commands. Invite it again, it stays as it is:\n  ${inviteLink(id)}`,
      );
    }
    throw error;
  }
  say(
    `Done: ${plan.added.length} added, ${plan.changed.length} changed, ${plan.removed.length} removed. ${
      guild === undefined
        ? 'Discord clients show it within a few minutes (Ctrl-R hurries one up).'
        : 'They are there at once.'
    }`,
  );
}

/**
 * Registers exactly what differs from what is declared, and takes away what is gone. Each change is a request of its
 * own: one request for all would also take away commands of other types.
 * @throws UsageError that says what to do
 */
export async function deployCommands(options: DeployOptions): Promise<void> {
  try {
    await deploy(openDiscordApi(options.token, options.apiUrl), options);
  } catch (error) {
    const problem = discordProblem(error, options.apiUrl);
    if (problem === undefined) throw error;
    throw new UsageError(`${problem.what}: ${problem.fix}.`);
  }
}
