import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType as Type,
} from 'discord.js';
import { channelPayload, memberPayload, rolePayload, userPayload } from './payloads.ts';
import { channelPermissions, has } from './permissions.ts';
import type { Command, Guild, Member, World } from './world.ts';

export type OptionInput = string | number | boolean | { readonly id: string };

/** Discord's client does not let this pass, so nothing reaches the bot. */
export class RefusedByClient extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RefusedByClient';
  }
}

export interface OptionData {
  readonly name: string;
  readonly type: number;
  readonly value?: string | number | boolean;
  readonly focused?: true;
  readonly options?: readonly OptionData[];
}

export interface CommandData {
  readonly id: string;
  readonly name: string;
  readonly type: number;
  readonly guild_id?: string;
  readonly options?: readonly OptionData[];
  readonly resolved?: Record<string, Record<string, unknown>>;
}

function refuse(message: string): never {
  throw new RefusedByClient(message);
}

/** The commands that a member finds: the guild's, then the global ones that it does not replace. */
export function visibleCommands(world: World, guild: Guild, member: Member, permissions: bigint): Command[] {
  if (!has(permissions, 'UseApplicationCommands')) return [];
  const own = [...(world.commands.get(guild.id)?.values() ?? [])];
  const everywhere = [...(world.commands.get('')?.values() ?? [])].filter(
    (command) => !own.some(({ name, type }) => name === command.name && type === command.type),
  );
  return [...own, ...everywhere].filter(({ default_member_permissions: needed }) => {
    if (needed === null || needed === undefined || guild.ownerId === member.user.id) return true;
    if (has(permissions, 'Administrator')) return true;
    // «0» is for administrators alone.
    return needed !== '0' && (permissions & BigInt(needed)) === BigInt(needed);
  });
}

class Resolved {
  readonly data: Record<string, Record<string, unknown>> = {};
  private readonly world: World;
  private readonly guild: Guild;

  constructor(world: World, guild: Guild) {
    this.world = world;
    this.guild = guild;
  }

  private put(kind: string, id: string, value: unknown): void {
    this.data[kind] ??= {};
    this.data[kind][id] = value;
  }

  user(text: string): string | undefined {
    const user = [...this.world.users.values()].find((one) => one.id === text || one.username === text);
    if (user === undefined) return undefined;
    this.put('users', user.id, userPayload(user));
    const member = this.guild.members.get(user.id);
    if (member !== undefined) {
      const { user: _user, deaf: _deaf, mute: _mute, ...partial } = memberPayload(member);
      this.put('members', user.id, {
        ...partial,
        permissions: String(channelPermissions([...this.guild.channels.values()][0]!, member)),
      });
    }
    return user.id;
  }

  channel(text: string, asker: Member, types: readonly number[] | undefined): string | undefined {
    const channel = [...this.guild.channels.values()].find((one) => one.id === text || one.name === text);
    // Nobody can pick what they cannot see.
    const permissions = channel && channelPermissions(channel, asker);
    if (channel === undefined || permissions === undefined || !has(permissions, 'ViewChannel'))
      return undefined;
    if (types !== undefined && types.length > 0 && !types.includes(channel.type)) return undefined;
    const { id, name, type, parent_id } = channelPayload(channel, this.world) as unknown as Record<
      string,
      unknown
    > & {
      id: string;
    };
    this.put('channels', id, { id, name, type, parent_id, permissions: String(permissions) });
    return id;
  }

  role(text: string): string | undefined {
    const role = [...this.guild.roles.values()].find((one) => one.id === text || one.name === text);
    if (role !== undefined) this.put('roles', role.id, rolePayload(role));
    return role?.id;
  }
}

function within(value: number, low: number | undefined, high: number | undefined, name: string): void {
  if (value < (low ?? -Infinity) || value > (high ?? Infinity))
    refuse(`${name} has to be from ${low ?? '−∞'} to ${high ?? '∞'}`);
}

/** One option's value, as Discord's client would send it. */
function fill(
  option: APIApplicationCommandBasicOption,
  given: OptionInput,
  resolved: Resolved,
  asker: Member,
): string | number | boolean {
  const text = typeof given === 'object' ? given.id : String(given);
  switch (option.type) {
    case Type.String: {
      if (typeof given !== 'string') return refuse(`${option.name} takes a text`);
      if ('choices' in option && option.choices?.length) {
        const choice = option.choices.find(({ name, value }) => value === given || name === given);
        return choice?.value ?? refuse(`“${given}” is no choice of ${option.name}`);
      }
      within(given.length, option.min_length ?? 1, option.max_length ?? 6000, `the length of ${option.name}`);
      return given;
    }
    case Type.Integer:
    case Type.Number: {
      const number = Number(given);
      if (typeof given === 'boolean' || Number.isNaN(number)) return refuse(`${option.name} takes a number`);
      if (option.type === Type.Integer && !Number.isSafeInteger(number))
        return refuse(`${option.name} takes a whole number`);
      if ('choices' in option && option.choices?.length)
        return (
          (option.choices as { name: string; value: number }[]).find(({ value }) => value === number)
            ?.value ?? refuse(`${number} is no choice of ${option.name}`)
        );
      const { min_value: low, max_value: high } = option as { min_value?: number; max_value?: number };
      within(number, low, high, option.name);
      return number;
    }
    case Type.Boolean:
      return typeof given === 'boolean' ? given : refuse(`${option.name} takes true or false`);
    case Type.User:
      return resolved.user(text) ?? refuse(`nobody is called ${text}`);
    case Type.Channel:
      return (
        resolved.channel(text, asker, option.channel_types) ?? refuse(`there is no fitting channel ${text}`)
      );
    case Type.Role:
      return resolved.role(text) ?? refuse(`there is no role ${text}`);
    case Type.Mentionable:
      return resolved.user(text) ?? resolved.role(text) ?? refuse(`there is nobody called ${text}`);
    default:
      return refuse(`options of type ${option.type} are not offered here`);
  }
}

function optionsOf(container: {
  readonly options?: readonly APIApplicationCommandOption[];
}): readonly APIApplicationCommandOption[] {
  return container.options ?? [];
}

/**
 * What the client sends for a typed command. `path` is the command with its subcommands, separated by spaces; `focused`
 * names the option that is being completed, whose value may be anything and whose fellows may be missing.
 */
export function commandData(
  about: {
    readonly world: World;
    readonly guild: Guild;
    readonly asker: Member;
    readonly commands: readonly Command[];
  },
  path: string,
  given: Readonly<Record<string, OptionInput | undefined>>,
  focused?: string,
): CommandData {
  const [name, ...subcommands] = path.replace(/^\//, '').split(' ');
  const command = about.commands.find((one) => one.type === 1 && one.name === name);
  if (command === undefined) return refuse(`there is no command /${name}`);
  const resolved = new Resolved(about.world, about.guild);
  const build = (
    container: { readonly options?: readonly APIApplicationCommandOption[] },
    rest: readonly string[],
  ): OptionData[] => {
    const [next, ...further] = rest;
    if (next !== undefined) {
      const sub = optionsOf(container).find((one) => one.name === next);
      if (sub === undefined || (sub.type !== Type.Subcommand && sub.type !== Type.SubcommandGroup))
        return refuse(`/${path} is no command`);
      return [{ name: sub.name, type: sub.type, options: build(sub, further) }];
    }
    const options = optionsOf(container) as readonly APIApplicationCommandBasicOption[];
    if (options.some(({ type }) => (type as number) <= Type.SubcommandGroup))
      return refuse(`/${path} needs a subcommand`);
    for (const key of Object.keys(given))
      if (!options.some((one) => one.name === key)) refuse(`/${path} has no option ${key}`);
    return options.flatMap((option): OptionData[] => {
      const value = given[option.name];
      if (option.name === focused) {
        if (!('autocomplete' in option) || !option.autocomplete)
          refuse(`${option.name} is not completed by the bot`);
        return [{ name: option.name, type: option.type, value: String(value ?? ''), focused: true }];
      }
      if (value === undefined) {
        if (option.required && focused === undefined) refuse(`/${path} needs ${option.name}`);
        return [];
      }
      return [{ name: option.name, type: option.type, value: fill(option, value, resolved, about.asker) }];
    });
  };
  const options = build(command, subcommands);
  return {
    id: command.id,
    name: command.name,
    type: command.type,
    ...(command.guild_id !== undefined && { guild_id: command.guild_id }),
    ...(options.length > 0 && { options }),
    ...(Object.keys(resolved.data).length > 0 && { resolved: resolved.data }),
  };
}
