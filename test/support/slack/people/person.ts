import { changeMessage, postMessage, react, removeMessage, unreact } from '../conversation.ts';
import type { SlackParts } from '../parts.ts';
import { directMessages, joinChannel, leaveChannel, userChanged } from '../places.ts';
import type { Channel, Installation, Message, User } from '../world.ts';
import { browse, type Landing } from './browser.ts';
import type { Entry } from './elements.ts';
import { act, type Interaction, type Offers, type Place, suggest, typeCommand } from './interact.ts';
import { closeModal, fill, Screen, type Submission, submit } from './modal.ts';
import { messageOf, type Seen, Sight } from './sight.ts';

/** Somebody in a workspace, doing what people do in Slack's own clients. */
export class Person {
  readonly user: User;
  private readonly parts: SlackParts;
  private readonly offers: Offers = new Map();

  constructor(parts: SlackParts, user: User) {
    this.parts = parts;
    this.user = user;
  }

  get id(): string {
    return this.user.id;
  }

  get name(): string {
    return this.user.name;
  }

  /** Puts an emoji under a message, by Slack's name for it. */
  reacts(seen: Seen, emoji: string): void {
    react(this.parts.world, this.visible(seen), this.user, emoji);
  }

  unreacts(seen: Seen, emoji: string): void {
    unreact(this.parts.world, this.visible(seen), this.user, emoji);
  }

  says(channel: Channel, text: string, options: { readonly thread?: Seen } = {}): Message {
    this.enter(channel);
    const thread = options.thread === undefined ? undefined : messageOf(options.thread);
    return postMessage(this.parts.world, {
      channel,
      user: this.user,
      text,
      threadTs: thread?.threadTs ?? thread?.ts,
    });
  }

  /** `@Reactune playlist calm`, where slash commands do not work. */
  mentions(channel: Channel, text: string, options: { readonly thread?: Seen } = {}): Message {
    return this.says(channel, `<@${this.installation(channel).bot.id}> ${text}`, options);
  }

  /** Writes to the bot alone. */
  tells(text: string): Message {
    return this.says(this.direct(), text);
  }

  /** The conversation with the bot. */
  direct(): Channel {
    return directMessages(this.parts.world, this.installation().bot, this.user);
  }

  edits(seen: Seen, text: string): void {
    changeMessage(this.parts.world, messageOf(seen), { text });
  }

  /** Deletes a message: one's own, or, for admins, anybody's. */
  deletes(seen: Seen): void {
    const message = messageOf(seen);
    const may = message.user === this.user || /admin|owner/.test(this.user.role);
    if (!may) throw new Error(`${this.name} may not delete what others wrote`);
    removeMessage(this.parts.world, message);
  }

  /** A slash command. Resolves when it is acknowledged, or when Slack says that it was not. */
  async types(command: string, text: string, channel: Channel): Promise<Interaction> {
    const { commands } = this.parts.world.app;
    if (commands !== undefined && !commands.includes(command))
      throw new Error(`${command} is not a valid command`);
    return typeCommand(this.parts, this.user, this.installation(), command, text, channel);
  }

  /** A button by its label, action id or value; a menu with what is chosen. */
  clicks(target: Seen | Screen, what: string, entry?: Entry): Promise<Interaction> {
    return act(this.parts, this.place(target), what, entry, this.offers);
  }

  /** Types into a menu whose options come from the app. What is offered can then be chosen. */
  searches(target: Seen | Screen, what: string, typed: string): Promise<readonly string[]> {
    return suggest(this.parts, this.place(target), what, typed, this.offers);
  }

  /** Opens the app's home tab, or its messages. */
  opensHome(tab: 'home' | 'messages' = 'home'): void {
    const { world, views } = this.parts;
    const installation = this.installation();
    const view = views.home(this.user, installation);
    world.emit({
      name: 'app_home_opened',
      scopes: [],
      teams: [this.user.team],
      from: this.user.team,
      event: {
        type: 'app_home_opened',
        user: this.user.id,
        channel: this.direct().id,
        tab,
        ...(tab === 'home' && view !== undefined && { view: views.payload(view) }),
        event_ts: world.ids.ts(),
      },
    });
  }

  /** The home tab as it was last published for this person. */
  get home(): Screen | undefined {
    const view = this.parts.views.home(this.user, this.installation());
    return view && new Screen(view);
  }

  /** The modal in front. */
  get modal(): Screen | undefined {
    const view = this.parts.views.top(this.user);
    return view && new Screen(view);
  }

  /** Fills in the fields of a modal, by label, action or block id. */
  fills(entries: Readonly<Record<string, Entry>>, screen: Screen = this.inFront()): void {
    fill(screen.view, entries, this.offers);
  }

  /** Fills in and submits the modal. */
  async submits(
    entries: Readonly<Record<string, Entry>> = {},
    screen: Screen = this.inFront(),
  ): Promise<Submission> {
    this.fills(entries, screen);
    return submit(this.parts, screen.view);
  }

  async closes(screen: Screen = this.inFront()): Promise<void> {
    await closeModal(this.parts, screen.view);
  }

  /** Everything this person sees in a channel, oldest first; threads and what is only for them included. */
  sees(channel: Channel): readonly Sight[] {
    if (channel.kind !== 'public' && !channel.members.has(this.id)) return [];
    return [...channel.messages.values()]
      .filter(({ ephemeralFor }) => ephemeralFor === undefined || ephemeralFor === this.id)
      .map((message) => new Sight(message));
  }

  /** Waits until a message that fits is there. */
  sight(channel: Channel, fits: (sight: Sight) => boolean, what = 'a message'): Promise<Sight> {
    return this.parts.world.until(() => this.sees(channel).find(fits), `${what} for ${this.name}`);
  }

  /** Reloads the client: what was only for this person is gone. */
  reloads(): void {
    for (const channel of this.parts.world.channels.values()) {
      for (const message of channel.messages.values())
        if (message.ephemeralFor === this.id) channel.messages.delete(message.ts);
    }
    this.parts.world.wake();
  }

  joins(channel: Channel): void {
    joinChannel(this.parts.world, channel, this.user);
  }

  leaves(channel: Channel): void {
    leaveChannel(this.parts.world, channel, this.user);
  }

  invitesBot(channel: Channel): void {
    joinChannel(this.parts.world, channel, this.installation(channel).bot, this.user);
  }

  removesBot(channel: Channel): void {
    leaveChannel(this.parts.world, channel, this.installation(channel).bot);
  }

  renames(displayName: string): void {
    this.user.displayName = displayName;
    this.user.realName = displayName;
    userChanged(this.parts.world, this.user);
  }

  /** Goes to the app's own page and installs it from there. */
  installsFrom(
    url: string,
    how: { readonly orgWide?: boolean; readonly declines?: boolean } = {},
  ): Promise<Landing> {
    return browse(this.parts, url, { user: this.user, ...how });
  }

  private inFront(): Screen {
    const { modal } = this;
    if (modal === undefined) throw new Error(`${this.name} has no modal open`);
    return modal;
  }

  private visible(seen: Seen): Message {
    const message = messageOf(seen);
    if (this.user.deleted) throw new Error(`${this.name} has no account any more`);
    if (message.channel.kind !== 'public' && !message.channel.members.has(this.id))
      throw new Error(`${this.name} cannot see this message`);
    if (message.channel.messages.get(message.ts) !== message) throw new Error('the message is gone');
    if (message.ephemeralFor !== undefined) throw new Error('nobody can react to what only one person sees');
    return message;
  }

  /** Whoever writes somewhere is in there. */
  private enter(channel: Channel): void {
    if (channel.archived) throw new Error(`#${channel.name} is archived`);
    if (channel.kind === 'public') joinChannel(this.parts.world, channel, this.user);
    else if (!channel.members.has(this.id)) throw new Error(`${this.name} is not in #${channel.name}`);
  }

  private place(target: Seen | Screen): Place {
    if (target instanceof Screen)
      return { user: this.user, installation: target.view.installation, view: target.view };
    const message = messageOf(target);
    if (message.ephemeralFor !== undefined && message.ephemeralFor !== this.id)
      throw new Error(`${this.name} does not see this message`);
    return { user: this.user, installation: this.installation(message.channel), message };
  }

  /** The app as it is installed here: in one's own workspace, or in one that shares the channel. */
  private installation(channel?: Channel): Installation {
    const { world } = this.parts;
    for (const team of [this.user.team, ...(channel?.teams ?? [])]) {
      const installation = world.installationOf(team);
      if (installation !== undefined) return installation;
    }
    throw new Error(`the app is not installed in ${this.user.team.name}`);
  }
}
