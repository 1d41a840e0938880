import {
  type APIApplicationCommandOptionChoice,
  ChannelType,
  GatewayDispatchEvents,
  InteractionType,
  MessageType,
  type PermissionsString,
} from 'discord.js';
import { Answer } from './answer.ts';
import { commandData, type OptionInput, RefusedByClient, visibleCommands } from './command-input.ts';
import { flatten } from './component-form.ts';
import { emojiKey } from './emoji.ts';
import type { Interactions } from './interactions.ts';
import {
  addMessage,
  addReaction,
  clearReactions,
  deleteMessage,
  deleteMessages,
  removeReaction,
} from './message-changes.ts';
import { channelPayload, memberPayload, messagePayload } from './payloads.ts';
import { channelPermissions, has } from './permissions.ts';
import { findEmoji } from './rest/reactions.ts';
import { type SeenMessage, seen } from './seen.ts';
import type { Channel, Command, Component, Guild, Member, Message, World } from './world.ts';

export type MessageLike = string | { readonly id: string };
/** A channel by name, id or itself. */
export type ChannelLike = string | { readonly id: string };

/** A member of a guild, sitting in front of Discord's client. What the client would not do throws RefusedByClient. */
export class Person {
  readonly member: Member;
  private readonly world: World;
  private readonly interactions: Interactions;
  private readonly guild: Guild;

  constructor(parts: {
    readonly world: World;
    readonly interactions: Interactions;
    readonly guild: Guild;
    readonly member: Member;
  }) {
    this.world = parts.world;
    this.interactions = parts.interactions;
    this.guild = parts.guild;
    this.member = parts.member;
  }

  get id(): string {
    return this.member.user.id;
  }

  get name(): string {
    return this.member.user.username;
  }

  /** The commands on offer when this person types a slash. */
  commands(channel: ChannelLike = this.anyChannel()): Command[] {
    return visibleCommands(this.world, this.guild, this.member, this.permissions(this.channel(channel)));
  }

  /** Types a slash command, in a channel that this person sees. */
  types(
    channel: ChannelLike,
    command: string,
    options: Readonly<Record<string, OptionInput | undefined>> = {},
  ): Answer {
    const place = this.channel(channel);
    const data = commandData(this.asking(place), command, options);
    return this.interacts(InteractionType.ApplicationCommand, place, data);
  }

  /** Types into an option that the bot completes: the choices that appear. */
  async completes(
    channel: ChannelLike,
    command: string,
    option: string,
    typed: string,
    others: Readonly<Record<string, OptionInput | undefined>> = {},
  ): Promise<readonly APIApplicationCommandOptionChoice[]> {
    const place = this.channel(channel);
    const data = commandData(this.asking(place), command, { ...others, [option]: typed }, option);
    const answer = this.interacts(InteractionType.ApplicationCommandAutocomplete, place, data);
    await answer.acknowledged();
    return answer.interaction.choices ?? [];
  }

  /** Clicks a button of a message, by custom id or label. */
  clicks(message: MessageLike, which: string): Answer {
    const target = this.message(message);
    const buttons = [...flatten(target.components)].filter((one) => one.type === 2) as Component[];
    const button =
      buttons.find((one) => one.custom_id === which) ?? buttons.find((one) => one.label === which);
    if (button === undefined) throw new RefusedByClient(`there is no button “${which}”`);
    if (button.disabled) throw new RefusedByClient(`“${which}” is disabled`);
    if (button.custom_id == null) throw new RefusedByClient(`“${which}” is a link`);
    const data = { component_type: 2, custom_id: button.custom_id, id: button.id };
    return this.interacts(InteractionType.MessageComponent, target.channel, data, target);
  }

  /** Chooses from a select menu. */
  chooses(message: MessageLike, customId: string, ...values: readonly string[]): Answer {
    const target = this.message(message);
    const menu = [...flatten(target.components)].find((one) => one.custom_id === customId && one.type === 3);
    if (menu === undefined) throw new RefusedByClient(`there is no menu “${customId}”`);
    const offered = (menu.options as { value: string }[]).map(({ value }) => value);
    for (const value of values)
      if (!offered.includes(value)) throw new RefusedByClient(`“${value}” is not on the menu`);
    const data = { component_type: 3, custom_id: customId, id: menu.id, values };
    return this.interacts(InteractionType.MessageComponent, target.channel, data, target);
  }

  async reacts(message: MessageLike, emoji: string): Promise<void> {
    this.react(message, emoji, false);
  }

  /** A super reaction. */
  async superReacts(message: MessageLike, emoji: string): Promise<void> {
    this.react(message, emoji, true);
  }

  async unreacts(message: MessageLike, emoji: string): Promise<void> {
    const target = this.message(message);
    removeReaction(this.world, target, this.id, findEmoji(this.world, emoji));
  }

  /** Writes a message. */
  async says(channel: ChannelLike, text: string): Promise<SeenMessage> {
    const place = this.channel(channel);
    this.require(place, 'SendMessages');
    const message: Message = {
      id: this.world.newId(),
      channel: place,
      author: this.member.user,
      type: MessageType.Default,
      content: text,
      embeds: [],
      components: [],
      attachments: [],
      flags: 0,
      editedAt: undefined,
      reactions: new Map(),
    };
    addMessage(this.world, message);
    return seen(message, this.world);
  }

  /** The messages of a channel, oldest first, with those that only this person sees. */
  sees(channel: ChannelLike): SeenMessage[] {
    return this.visible(this.channel(channel)).map((message) => seen(message, this.world));
  }

  /** Waits until a message that fits is there. */
  waitsFor(
    channel: ChannelLike,
    fits: (message: SeenMessage) => boolean,
    what = `${this.name} sees a message that fits`,
  ): Promise<SeenMessage> {
    return this.world.until(() => this.sees(channel).find(fits), what);
  }

  /** The direct messages with the bot. */
  dms(): SeenMessage[] {
    const channel = this.world.dms.get(this.id);
    return channel === undefined ? [] : [...channel.messages.values()].map((one) => seen(one, this.world));
  }

  /** Whether this person lets the bot write to them. */
  acceptsDms(accepts: boolean): void {
    this.member.user.acceptsDms = accepts;
  }

  async deletes(message: MessageLike): Promise<void> {
    const target = this.message(message);
    // Anybody can dismiss what only they see.
    if (target.author.id !== this.id && target.ephemeralFor !== this.id)
      this.require(target.channel, 'ManageMessages');
    deleteMessage(this.world, target);
  }

  /** Deletes several at once, as moderation bots do. */
  async deletesAll(messages: readonly MessageLike[]): Promise<void> {
    const targets = messages.map((message) => this.message(message));
    const channel = targets[0]?.channel;
    if (channel === undefined) return;
    this.require(channel, 'ManageMessages');
    deleteMessages(this.world, channel, targets);
  }

  /** Takes off all reactions, or all with one emoji. */
  async clearsReactions(message: MessageLike, emoji?: string): Promise<void> {
    const target = this.message(message);
    this.require(target.channel, 'ManageMessages');
    clearReactions(this.world, target, emoji === undefined ? undefined : findEmoji(this.world, emoji));
  }

  private react(message: MessageLike, text: string, burst: boolean): void {
    const target = this.message(message);
    if (target.ephemeralFor !== undefined)
      throw new RefusedByClient('nobody can react to what only they see');
    const emoji = findEmoji(this.world, text);
    this.require(target.channel, 'ReadMessageHistory');
    if (!target.reactions.has(emojiKey(emoji))) this.require(target.channel, 'AddReactions');
    if (addReaction(this.world, target, this.id, emoji, burst) === 'full')
      throw new RefusedByClient('there are 20 different reactions already');
  }

  private permissions(channel: Channel): bigint {
    return channelPermissions(channel, this.guild.members.get(this.id));
  }

  private require(channel: Channel, ...permissions: readonly PermissionsString[]): void {
    if (!has(this.permissions(channel), ...permissions))
      throw new RefusedByClient(`${this.name} lacks ${permissions.join(', ')} in #${channel.name}`);
  }

  private anyChannel(): Channel {
    const channel = [...this.guild.channels.values()].find((one) =>
      has(this.permissions(one), 'ViewChannel'),
    );
    if (channel === undefined) throw new RefusedByClient(`${this.name} sees no channel`);
    return channel;
  }

  private channel(like: ChannelLike): Channel {
    const name = typeof like === 'string' ? like : like.id;
    const direct = this.world.dms.get(this.id);
    const channels = [...this.guild.channels.values(), ...(direct ? [direct] : [])];
    const channel = channels.find((one) => one.id === name) ?? channels.find((one) => one.name === name);
    if (channel === undefined) throw new RefusedByClient(`there is no channel ${name}`);
    this.require(channel, 'ViewChannel');
    return channel;
  }

  private visible(channel: Channel): Message[] {
    return [...channel.messages.values()].filter(
      ({ ephemeralFor }) => ephemeralFor === undefined || ephemeralFor === this.id,
    );
  }

  private message(like: MessageLike): Message {
    const id = typeof like === 'string' ? like : like.id;
    const channels = [...this.guild.channels.values(), this.world.dms.get(this.id)];
    for (const channel of channels) {
      const message = channel?.messages.get(id);
      if (message === undefined || channel === undefined) continue;
      if (message.ephemeralFor !== undefined && message.ephemeralFor !== this.id) break;
      if (channel.guild !== undefined) this.require(channel, 'ViewChannel');
      return message;
    }
    throw new RefusedByClient(`${this.name} sees no message ${id}`);
  }

  private asking(channel: Channel) {
    const commands = visibleCommands(this.world, this.guild, this.member, this.permissions(channel));
    return { world: this.world, guild: this.guild, asker: this.member, commands };
  }

  /** Sends the interaction to the bot. */
  private interacts(type: InteractionType, channel: Channel, data: object, source?: Message): Answer {
    const { world, guild } = this;
    const id = world.newId();
    const interaction = this.interactions.open({
      id,
      type,
      user: this.member.user,
      channel,
      ...(source && { source }),
    });
    const dm = channel.type === ChannelType.DM;
    const bot = world.botMember(guild);
    const d = {
      id,
      application_id: world.applicationId,
      type,
      token: interaction.token,
      version: 1,
      data,
      channel_id: channel.id,
      channel: dm
        ? channelPayload(channel, world)
        : { ...channelPayload(channel, world), permissions: String(this.permissions(channel)) },
      ...(dm
        ? { user: memberPayload(this.member).user }
        : {
            guild_id: guild.id,
            guild: { id: guild.id, locale: guild.locale, features: [] },
            guild_locale: guild.locale,
            member: { ...memberPayload(this.member), permissions: String(this.permissions(channel)) },
          }),
      ...(source && { message: messagePayload(source, world) }),
      locale: 'en-US',
      app_permissions: String(channelPermissions(channel, bot)),
      entitlements: [],
      authorizing_integration_owners: { '0': dm ? '0' : guild.id },
      context: dm ? 1 : 0,
      attachment_size_limit: 10 * 1024 * 1024,
    };
    // Interactions reach the bot wherever it is; it needs no permission and no intent for them.
    world.emit({ t: GatewayDispatchEvents.InteractionCreate, d, intents: 0, ...(dm ? {} : { guild }) });
    return new Answer(world, interaction);
  }
}
