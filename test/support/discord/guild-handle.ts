import type { PermissionsString } from 'discord.js';
import {
  addChannel,
  addEmoji,
  addMember,
  addRole,
  botRole,
  type ChannelOptions,
  removeChannel,
  removeEmoji,
  removeMember,
  updateChannel,
  updateGuild,
  updateMember,
  updateRole,
} from './guild-changes.ts';
import type { Interactions } from './interactions.ts';
import { bits } from './permissions.ts';
import { Person } from './person.ts';
import type { Channel, CustomEmoji, Guild, Overwrite, Role, User, World } from './world.ts';

export interface MemberOptions {
  readonly permissions?: readonly PermissionsString[];
  readonly roles?: readonly string[];
  readonly bot?: boolean;
  readonly nick?: string;
}

/** Whom a permission concerns: the bot, everybody, or a person. */
export type Who = 'bot' | 'everyone' | Person;

/** One guild, as its members and moderators handle it. */
export class GuildHandle {
  readonly data: Guild;
  private readonly world: World;
  private readonly interactions: Interactions;
  private readonly user: (name: string, bot: boolean) => User;
  private readonly persons = new Map<string, Person>();

  constructor(parts: {
    readonly world: World;
    readonly interactions: Interactions;
    readonly guild: Guild;
    readonly user: (name: string, bot: boolean) => User;
  }) {
    this.world = parts.world;
    this.interactions = parts.interactions;
    this.data = parts.guild;
    this.user = parts.user;
  }

  get id(): string {
    return this.data.id;
  }

  /** A member by name, who joins if need be. Options are for the first mention. */
  member(name: string, options: MemberOptions = {}): Person {
    let person = this.persons.get(name);
    if (person !== undefined) return person;
    const user = this.user(name, options.bot ?? false);
    const member = addMember(this.world, this.data, user);
    if (options.nick !== undefined) member.nick = options.nick;
    for (const role of options.roles ?? []) member.roles.add(this.role(role).id);
    if (options.permissions !== undefined) member.roles.add(this.role(`${name}'s`, options.permissions).id);
    if (member.roles.size > 0) updateMember(this.world, member);
    person = new Person({ world: this.world, interactions: this.interactions, guild: this.data, member });
    this.persons.set(name, person);
    return person;
  }

  /** A member who may manage the server. */
  moderator(name: string): Person {
    return this.member(name, { permissions: ['ManageGuild', 'ManageMessages'] });
  }

  /** Gives a role; of a new name, it is made. */
  gives(person: Person, role: string): void {
    person.member.roles.add(this.role(role).id);
    updateMember(this.world, person.member);
  }

  takes(person: Person, role: string): void {
    person.member.roles.delete(this.role(role).id);
    updateMember(this.world, person.member);
  }

  loses(person: Person): void {
    removeMember(this.world, person.member);
    this.persons.delete(person.name);
  }

  /** A role by name; made if there is none. */
  role(name: string, permissions: readonly PermissionsString[] = []): Role {
    const known = [...this.data.roles.values()].find((role) => role.name === name);
    return known ?? addRole(this.world, this.data, name, bits(permissions));
  }

  channel(name: string): Channel {
    const channel = [...this.data.channels.values()].find((one) => one.name === name || one.id === name);
    if (channel === undefined) throw new Error(`${this.data.name} has no channel ${name}`);
    return channel;
  }

  addsChannel(options: string | ChannelOptions): Channel {
    return addChannel(this.world, this.data, typeof options === 'string' ? { name: options } : options);
  }

  removesChannel(name: string): void {
    removeChannel(this.world, this.channel(name));
  }

  renames(name: string): void {
    this.data.name = name;
    updateGuild(this.world, this.data);
  }

  addsEmoji(name: string, animated = false): CustomEmoji {
    return addEmoji(this.world, this.data, name, animated);
  }

  removesEmoji(emoji: CustomEmoji): void {
    removeEmoji(this.world, emoji);
  }

  /** In a channel: denies, allows, or says nothing again (`unset`). */
  sets(
    channel: string,
    who: Who,
    how: 'deny' | 'allow' | 'unset',
    ...permissions: PermissionsString[]
  ): void {
    const target = this.channel(channel);
    const id = this.idOf(who);
    const overwrite: Overwrite = target.overwrites.get(id) ?? {
      id,
      type: typeof who === 'string' ? 0 : 1,
      allow: 0n,
      deny: 0n,
    };
    const wanted = bits(permissions);
    overwrite.allow &= ~wanted;
    overwrite.deny &= ~wanted;
    if (how !== 'unset') overwrite[how] |= wanted;
    target.overwrites.set(id, overwrite);
    updateChannel(this.world, target);
  }

  /** In the whole guild: what a role may do. */
  permits(who: 'bot' | 'everyone', permissions: readonly PermissionsString[]): void {
    const role = this.data.roles.get(this.idOf(who));
    if (role === undefined) throw new Error('the bot is not in this guild');
    role.permissions = bits(permissions);
    updateRole(this.world, this.data, role);
  }

  private idOf(who: Who): string {
    if (who === 'everyone') return this.data.id;
    if (who !== 'bot') return who.id;
    const role = botRole(this.world, this.data);
    if (role === undefined) throw new Error('the bot is not in this guild');
    return role.id;
  }
}
