import { RESTJSONErrorCodes } from 'discord.js';
import { type CommandForm, commandListSchema, commandPatchSchema, commandSchema } from '../command-form.ts';
import { refuse } from '../errors.ts';
import { parseForm } from '../form.ts';
import type { Command, World } from '../world.ts';
import { findGuild, NO_CONTENT, ok, ownApplication, param, type RestRequest, type Route } from './route.ts';

const MAX_COMMANDS = 100;
const MAX_CREATES_PER_DAY = 200;
const DAY_MS = 24 * 60 * 60_000;

/** When commands were created, per scope: Discord counts 200 a day. */
const creations = new WeakMap<World, Map<string, number[]>>();

function countCreation(world: World, scope: string): void {
  const scopes = creations.get(world) ?? new Map<string, number[]>();
  creations.set(world, scopes);
  const now = world.clock.now();
  const recent = (scopes.get(scope) ?? []).filter((at) => now - at < DAY_MS);
  if (recent.length >= MAX_CREATES_PER_DAY)
    refuse(RESTJSONErrorCodes.MaximumDailyApplicationCommandCreatesReached);
  scopes.set(scope, [...recent, now]);
}

function scopeOf(request: RestRequest): { scope: string; commands: Map<string, Command> } {
  ownApplication(request);
  const scope = request.params.guild_id === undefined ? '' : findGuild(request).id;
  const commands = request.world.commands.get(scope) ?? new Map<string, Command>();
  request.world.commands.set(scope, commands);
  return { scope, commands };
}

/** What Discord fills in. */
function completed(world: World, scope: string, form: Partial<CommandForm>, before?: Command): Command {
  const given = Object.fromEntries(
    Object.entries(form).filter(([, value]) => value !== null && value !== undefined),
  );
  return {
    default_member_permissions: null,
    nsfw: false,
    ...(scope === '' && { dm_permission: true, contexts: null, integration_types: [0] }),
    ...before,
    type: 1,
    description: '',
    ...given,
    // Set to null it takes the default back.
    ...(form.default_member_permissions === null && { default_member_permissions: null }),
    id: before?.id ?? world.newId(),
    application_id: world.applicationId,
    version: world.newId(),
    ...(scope !== '' && { guild_id: scope }),
  } as unknown as Command;
}

function sameName(commands: Map<string, Command>, form: CommandForm): Command | undefined {
  return [...commands.values()].find((one) => one.name === form.name && one.type === (form.type ?? 1));
}

/** Lists leave translations out unless they are asked for. */
function listed(command: Command, request: RestRequest): object {
  if (request.query.get('with_localizations') === 'true') return command;
  const strip = (part: object): object => {
    const {
      name_localizations: _n,
      description_localizations: _d,
      ...rest
    } = part as Record<string, unknown>;
    for (const key of ['options', 'choices'])
      if (Array.isArray(rest[key])) rest[key] = (rest[key] as object[]).map(strip);
    return rest;
  };
  return strip(command);
}

function oneOf(request: RestRequest): { scope: string; commands: Map<string, Command>; command: Command } {
  const { scope, commands } = scopeOf(request);
  const command = commands.get(param(request, 'command_id'));
  if (command === undefined) return refuse(RESTJSONErrorCodes.UnknownApplicationCommand);
  return { scope, commands, command };
}

function routesFor(path: string): Route[] {
  return [
    {
      method: 'GET',
      path,
      handle: (request) => ok([...scopeOf(request).commands.values()].map((one) => listed(one, request))),
    },
    {
      method: 'POST',
      path,
      handle(request) {
        const { scope, commands } = scopeOf(request);
        const form = parseForm(commandSchema, request.body);
        // One of the same name is overwritten.
        const before = sameName(commands, form);
        if (before === undefined) {
          if (commands.size >= MAX_COMMANDS)
            refuse(RESTJSONErrorCodes.MaximumNumberOfApplicationCommandsReached);
          countCreation(request.world, scope);
        }
        const command = completed(request.world, scope, form, before && ({ id: before.id } as Command));
        commands.set(command.id, command);
        return { status: before === undefined ? 201 : 200, body: command };
      },
    },
    {
      method: 'PUT',
      path,
      handle(request) {
        const { scope, commands } = scopeOf(request);
        const forms = parseForm(commandListSchema, request.body);
        if (forms.length > MAX_COMMANDS) refuse(RESTJSONErrorCodes.MaximumNumberOfApplicationCommandsReached);
        const next = forms.map((form) => {
          const before = sameName(commands, form);
          if (before === undefined) countCreation(request.world, scope);
          return completed(request.world, scope, form, before && ({ id: before.id } as Command));
        });
        commands.clear();
        for (const command of next) commands.set(command.id, command);
        return ok(next);
      },
    },
    {
      method: 'GET',
      path: `${path}/{command_id}`,
      handle: (request) => ok(oneOf(request).command),
    },
    {
      method: 'PATCH',
      path: `${path}/{command_id}`,
      handle(request) {
        const { scope, commands, command } = oneOf(request);
        const form = parseForm(commandPatchSchema, request.body);
        const changed = completed(
          request.world,
          scope,
          { ...command, ...form } as Partial<CommandForm>,
          command,
        );
        commands.set(command.id, changed);
        return ok(changed);
      },
    },
    {
      method: 'DELETE',
      path: `${path}/{command_id}`,
      handle(request) {
        const { commands, command } = oneOf(request);
        commands.delete(command.id);
        return NO_CONTENT;
      },
    },
  ];
}

export const commandRoutes: readonly Route[] = [
  ...routesFor('/applications/{application_id}/commands'),
  ...routesFor('/applications/{application_id}/guilds/{guild_id}/commands'),
];
