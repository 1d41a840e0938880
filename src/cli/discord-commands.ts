import path from 'node:path';
import { type APIApplicationCommand, type REST, Routes } from 'discord.js';
import { z } from 'zod';
import { commands } from '../../commands/index.ts';
import { localeProblems, locales } from '../../commands/locales.ts';
import { type CommandPlan, planCommands } from '../chat/discord/command-plan.ts';
import { type DiscordCommand, discordCommands } from '../chat/discord/declarations.ts';
import { loadTaxonomy } from '../domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../paths.ts';

const listed = z.array(z.looseObject({ id: z.string(), type: z.number(), name: z.string() }));

/** All commands as Discord should have them. */
export function wantedCommands(): readonly DiscordCommand[] {
  const problems = locales.flatMap((locale) =>
    localeProblems(locale, commands).map((problem) => `${locale.locale}: ${problem}`),
  );
  if (problems.length > 0) throw new Error(`Translations are incomplete:\n  - ${problems.join('\n  - ')}`);
  return discordCommands(commands, loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json')), locales);
}

/** The route of a place's commands. */
export function commandsRoute(applicationId: string, guildId: string | undefined) {
  return guildId === undefined
    ? Routes.applicationCommands(applicationId)
    : Routes.applicationGuildCommands(applicationId, guildId);
}

/** Compares what is registered, everywhere or on one server, with what should be. */
export async function readPlan(
  rest: REST,
  applicationId: string,
  guildId: string | undefined,
  wanted: readonly DiscordCommand[],
): Promise<CommandPlan> {
  const found = await rest.get(commandsRoute(applicationId, guildId), {
    query: new URLSearchParams({ with_localizations: 'true' }),
  });
  const registered = listed.parse(found) as unknown as readonly APIApplicationCommand[];
  return planCommands(wanted, registered, guildId === undefined ? 'global' : 'guild');
}
