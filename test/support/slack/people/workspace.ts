import { postMessage } from '../conversation.ts';
import { install, revokeToken, uninstall } from '../installing.ts';
import type { SlackParts } from '../parts.ts';
import {
  addChannel,
  addGroup,
  addUser,
  announceUser,
  archiveChannel,
  type ChannelOptions,
  changeGroup,
  deleteChannel,
  renameChannel,
  shareChannel,
  type UserOptions,
  userChanged,
} from '../places.ts';
import type { Channel, Installation, Message, Payload, Team, User, UserGroup, UserRole } from '../world.ts';
import { Person } from './person.ts';

export interface NewChannel {
  readonly name: string;
  readonly private?: boolean;
  /** False: the bot is not in it. */
  readonly bot?: boolean;
  readonly archived?: boolean;
  readonly readOnly?: boolean;
  readonly general?: boolean;
}

/** A workspace and everybody in it. */
export class Workspace {
  readonly team: Team;
  private readonly parts: SlackParts;
  private readonly people = new Map<string, Person>();

  constructor(parts: SlackParts, team: Team) {
    this.parts = parts;
    this.team = team;
  }

  get id(): string {
    return this.team.id;
  }

  /** The living installation. */
  get installation(): Installation {
    const installation = this.parts.world.installationOf(this.team);
    if (installation === undefined) throw new Error(`the app is not installed in ${this.team.name}`);
    return installation;
  }

  get token(): string {
    return this.installation.token;
  }

  get bot(): User {
    return this.installation.bot;
  }

  /** A person by name: the same one for the same name. New people are in every channel. */
  member(name: string, options: UserOptions = {}): Person {
    let person = this.people.get(name);
    if (person === undefined) {
      const user = addUser(this.parts.world, this.team, name, options);
      for (const channel of this.team.channels.values()) {
        if (channel.kind === 'public' || channel.kind === 'private') channel.members.add(user.id);
      }
      person = new Person(this.parts, user);
      this.people.set(name, person);
    }
    return person;
  }

  /** Somebody new, and the app hears of it. */
  welcomes(name: string, options: UserOptions = {}): Person {
    const person = this.member(name, options);
    announceUser(this.parts.world, person.user);
    return person;
  }

  admin(name: string): Person {
    return this.withRole(name, 'admin');
  }

  owner(name: string): Person {
    return this.withRole(name, 'owner');
  }

  primaryOwner(name: string): Person {
    return this.withRole(name, 'primary-owner');
  }

  guest(name: string): Person {
    return this.withRole(name, 'guest');
  }

  /** Another app's bot user; acts as people do. */
  otherBot(name: string): Person {
    return this.member(name, { kind: 'bot', appId: 'A0OTHERAPP' });
  }

  /** What a workflow posts: a bot's message that belongs to no user. */
  workflowPosts(channel: Channel, text: string, blocks?: Payload[]): Message {
    return postMessage(this.parts.world, {
      channel,
      team: this.team,
      text,
      blocks: blocks as Message['blocks'],
      botId: this.parts.world.ids.next('B'),
      username: 'Workflow',
    });
  }

  /** Somebody's account is closed, or opened again. */
  deactivates(person: Person, deleted = true): void {
    person.user.deleted = deleted;
    userChanged(this.parts.world, person.user);
  }

  /** Somebody becomes an admin, or is one no more. */
  changesRole(person: Person, role: UserRole): void {
    person.user.role = role;
    userChanged(this.parts.world, person.user);
  }

  userGroup(handle: string, people: readonly Person[] = []): UserGroup {
    return addGroup(
      this.parts.world,
      this.team,
      handle,
      people.map(({ user }) => user),
    );
  }

  joinsGroup(group: UserGroup, person: Person): void {
    changeGroup(this.parts.world, group, person.user, true);
  }

  leavesGroup(group: UserGroup, person: Person): void {
    changeGroup(this.parts.world, group, person.user, false);
  }

  /** A channel by name. */
  channel(name: string): Channel {
    for (const channel of this.team.channels.values()) if (channel.name === name) return channel;
    throw new Error(`there is no #${name} in ${this.team.name}`);
  }

  /** A new channel; everybody is in it. */
  addChannel(given: string | NewChannel): Channel {
    const options = typeof given === 'string' ? { name: given } : given;
    const installation = this.parts.world.installationOf(this.team);
    const members = [...this.people.values()].map(({ id }) => id);
    if (options.bot !== false && installation !== undefined) members.push(installation.bot.id);
    const kind: ChannelOptions['kind'] = options.private ? 'private' : 'public';
    return addChannel(this.parts.world, this.team, options.name, { ...options, kind, members });
  }

  archives(channel: Channel, by: Person, archived = true): void {
    archiveChannel(this.parts.world, channel, by.user, archived);
  }

  renames(channel: Channel, by: Person, name: string): void {
    renameChannel(this.parts.world, channel, by.user, name);
  }

  deletesChannel(channel: Channel, by: Person): void {
    deleteChannel(this.parts.world, channel, by.user);
  }

  /** Slack Connect: another workspace gets the channel too, with these of its people. */
  shares(channel: Channel, other: Workspace, people: readonly Person[] = []): void {
    shareChannel(this.parts.world, channel, other.team);
    for (const { id } of people) channel.members.add(id);
  }

  /** A custom emoji: an address, or `alias:name`. */
  addsEmoji(name: string, url = `https://emoji.slack-edge.com/${this.team.id}/${name}/1.png`): void {
    this.team.emojis.set(name, url);
  }

  /** Installs the app from its configuration page; the bot enters the channels that it was in by `channels`. */
  installs(scopes?: readonly string[], by?: Person): Installation {
    return install(this.parts.world, this.team, { scopes, installer: by?.user });
  }

  uninstalls(): void {
    uninstall(this.parts.world, this.installation);
  }

  revokesToken(): void {
    revokeToken(this.parts.world, this.installation);
  }

  private withRole(name: string, role: UserRole): Person {
    const person = this.member(name, { role });
    person.user.role = role;
    return person;
  }
}
