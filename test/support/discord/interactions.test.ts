import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  type ChatInputCommandInteraction,
  type Client,
  Events,
  GatewayDispatchEvents,
  type Interaction,
  MessageFlags,
  StringSelectMenuBuilder,
} from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { createBot, login, post } from './bot.ts';
import { type Discord, openDiscord } from './discord.ts';
import type { GuildHandle } from './guild-handle.ts';

let discord: Discord;
let guild: GuildHandle;
let client: Client<true>;
let general: string;
let interactions: Interaction[];
let on: (interaction: Interaction) => unknown;

function command(interaction: Interaction): ChatInputCommandInteraction {
  if (!interaction.isChatInputCommand()) throw new Error('not a command');
  return interaction;
}

/** Answers commands in this way. */
function answering(how: (interaction: ChatInputCommandInteraction) => Promise<unknown>): void {
  on = (interaction) => how(command(interaction));
}

beforeEach(async () => {
  discord = await openDiscord();
  guild = discord.guild({ channels: ['general', 'music'] });
  general = guild.channel('general').id;
  client = await login(createBot(discord), discord);
  interactions = [];
  on = () => {};
  client.on(Events.InteractionCreate, (interaction) => {
    interactions.push(interaction);
    void Promise.resolve(on(interaction)).finally(() => discord.world.wake());
  });
  await client.application.commands.set([
    {
      name: 'playlist',
      description: 'A playlist',
      options: [
        { type: 3, name: 'emotion', description: 'How it feels', choices: [{ name: 'Calm', value: 'calm' }] },
        { type: 4, name: 'songs', description: 'How many', minValue: 1, maxValue: 50 },
        { type: 10, name: 'adventure', description: 'How daring' },
        { type: 5, name: 'private', description: 'For me alone' },
        { type: 6, name: 'for', description: 'Whose taste' },
        { type: 7, name: 'in', description: 'Where', channelTypes: [ChannelType.GuildText] },
        { type: 8, name: 'role', description: 'Which role' },
      ],
    },
    {
      name: 'song',
      description: 'A song',
      options: [{ type: 3, name: 'name', description: 'Which', required: true, autocomplete: true }],
    },
    { name: 'retrain', description: 'Trains', defaultMemberPermissions: 'ManageGuild' },
    {
      name: 'settings',
      description: 'Settings',
      options: [
        {
          type: 1,
          name: 'channel',
          description: 'Where',
          options: [{ type: 7, name: 'to', description: 'Where', required: true }],
        },
      ],
    },
  ]);
});

afterEach(async () => {
  await client.destroy();
  await discord.close();
});

describe('a slash command', () => {
  it('arrives with its options resolved', async () => {
    answering(async (interaction) => {
      const { options } = interaction;
      await interaction.reply(
        [
          options.getString('emotion'),
          options.getInteger('songs'),
          options.getNumber('adventure'),
          options.getBoolean('private'),
          options.getUser('for')?.username,
          options.getMember('for') !== null,
          options.getChannel('in')?.name,
          options.getRole('role')?.name,
          interaction.guild?.id === guild.id,
          interaction.memberPermissions?.has('ManageGuild'),
          interaction.appPermissions.has('AddReactions'),
        ].join(' '),
      );
    });
    guild.member('ben');
    guild.role('DJ');
    const answer = guild.member('ana').types('general', '/playlist', {
      emotion: 'calm',
      songs: 10,
      adventure: 0.5,
      private: false,
      for: 'ben',
      in: 'music',
      role: 'DJ',
    });
    expect((await answer.response()).text).toBe('calm 10 0.5 false ben true music DJ true false true');
    expect(answer.acknowledgedAfterMs).toBeLessThan(3000);
  });

  it('of a group arrives as such', async () => {
    answering((interaction) =>
      interaction.reply(
        `${interaction.options.getSubcommand()} ${interaction.options.getChannel('to')?.name}`,
      ),
    );
    const answer = guild.moderator('mo').types('general', 'settings channel', { to: 'music' });
    expect((await answer.response()).text).toBe('channel music');
  });

  it.each([
    ['an unknown command', 'nonsense', {}, 'there is no command /nonsense'],
    ['one for moderators', 'retrain', {}, 'there is no command /retrain'],
    ['an unknown option', 'playlist', { mood: 'x' }, 'has no option mood'],
    ['what is no choice', 'playlist', { emotion: 'bored' }, 'no choice of emotion'],
    ['a number out of range', 'playlist', { songs: 51 }, 'songs has to be from 1 to 50'],
    ['a fraction', 'playlist', { songs: 1.5 }, 'songs takes a whole number'],
    ['a text for a switch', 'playlist', { private: 'yes' }, 'private takes true or false'],
    ['somebody unknown', 'playlist', { for: 'nobody' }, 'nobody is called nobody'],
    ['a channel that is none', 'playlist', { in: 'nowhere' }, 'there is no fitting channel nowhere'],
    ['a command without what it needs', 'song', {}, '/song needs name'],
    ['a command without its subcommand', 'settings', {}, 'needs a subcommand'],
  ] as const)('is not sent with %s', (_what, name, options, message) => {
    expect(() => guild.member('ana').types('general', name, options)).toThrow(message);
    expect(interactions).toEqual([]);
  });

  it('is offered to those who may use it', () => {
    const names = (person: ReturnType<GuildHandle['member']>) => person.commands().map(({ name }) => name);
    expect(names(guild.member('ana'))).toEqual(['playlist', 'song', 'settings']);
    expect(names(guild.moderator('mo'))).toContain('retrain');
    expect(names(guild.member('root', { permissions: ['Administrator'] }))).toContain('retrain');
    guild.sets('general', 'everyone', 'deny', 'UseApplicationCommands');
    expect(() => guild.member('ana').types('general', 'playlist')).toThrow('there is no command');
  });

  it('registered for one guild replaces the global one there', async () => {
    await client.application.commands.create({ name: 'playlist', description: 'Ours' }, guild.id);
    const other = discord.guild();
    const descriptions = (person: ReturnType<GuildHandle['member']>) =>
      person
        .commands()
        .filter(({ name }) => name === 'playlist')
        .map(({ description }) => description);
    expect(descriptions(guild.member('ana'))).toEqual(['Ours']);
    expect(descriptions(other.member('ana'))).toEqual(['A playlist']);
  });
});

describe('an answer', () => {
  it('may be deferred, filled in, followed up, edited and deleted', async () => {
    answering(async (interaction) => {
      await interaction.deferReply();
      await interaction.editReply('working');
      await interaction.editReply({ content: 'done', components: [] });
      const more = await interaction.followUp('more');
      await interaction.webhook.editMessage(more, 'much more');
      await interaction.deleteReply();
    });
    const answer = guild.member('ana').types('general', 'playlist');
    await answer.until(({ text }) => text === 'done');
    await discord.until(() => answer.now === undefined);
    expect(guild.member('ben').sees('general')).toMatchObject([{ text: 'much more', edited: true }]);
  });

  it('shows that the bot is thinking until it is filled in', async () => {
    let fill = (): void => {};
    const filled = new Promise<void>((resolve) => {
      fill = resolve;
    });
    answering(async (interaction) => {
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await filled;
      // As for old bots, the first follow-up fills a deferred answer in, and stays as private as that.
      await interaction.followUp('here you are');
    });
    const ana = guild.member('ana');
    const answer = ana.types('general', 'playlist');
    await answer.acknowledged();
    expect(ana.sees('general')).toMatchObject([{ thinking: true, ephemeral: true }]);
    fill();
    expect(await answer.response()).toMatchObject({ text: 'here you are', ephemeral: true });
    expect(ana.sees('general')).toHaveLength(1);
    expect(guild.member('ben').sees('general')).toEqual([]);
  });

  it('has nothing to fill in once somebody deleted the promise of it', async () => {
    answering((interaction) => interaction.deferReply());
    const answer = guild.member('ana').types('general', 'playlist');
    await answer.acknowledged();
    const interaction = command(interactions[0]!);
    await discord.until(() => interaction.deferred);
    await guild.moderator('mo').deletes(answer.now!);
    await expect(interaction.editReply('too late')).rejects.toMatchObject({ code: 10008 });
    await expect(interaction.followUp('too late')).rejects.toMatchObject({ code: 10008 });
  });

  it('arrives twice, and is acknowledged once', async () => {
    discord.gateway.repeatsNext(GatewayDispatchEvents.InteractionCreate);
    const outcomes: unknown[] = [];
    answering((interaction) =>
      interaction.deferReply().then(
        () => outcomes.push('acknowledged'),
        ({ code }: { code: number }) => outcomes.push(code),
      ),
    );
    guild.member('ana').types('general', 'playlist');
    await discord.until(() => outcomes.length === 2);
    expect(new Set(outcomes)).toEqual(new Set(['acknowledged', 40060]));
    expect(guild.member('ben').sees('general')).toHaveLength(1);
  });

  it('for one pair of eyes is hidden from others, from REST and from reactions', async () => {
    answering((interaction) => interaction.reply({ content: 'secret', flags: MessageFlags.Ephemeral }));
    const ana = guild.member('ana');
    const message = await ana.types('general', 'playlist').response();
    expect(message).toMatchObject({ text: 'secret', ephemeral: true });
    await expect(guild.member('ben').reacts(message, '😄')).rejects.toThrow('sees no message');
    await expect(ana.reacts(message, '😄')).rejects.toThrow('only they see');
    const path = `/channels/${general}/messages/${message.id}`;
    expect(await ask(discord, 'GET', path)).toMatchObject({ status: 404, body: { code: 10008 } });
    await ana.deletes(message);
    expect(ana.sees('general')).toEqual([]);
  });

  it('later than 3 seconds is refused', async () => {
    on = () => {};
    const answer = guild.member('ana').types('general', 'playlist');
    await discord.until(() => interactions.length === 1);
    discord.clock.advance(3001);
    expect(answer.failed).toBe(true);
    await expect(answer.acknowledged()).rejects.toThrow('did not respond');
    await expect(command(interactions[0]!).reply('late')).rejects.toMatchObject({ code: 10062, status: 404 });
  });

  it('is given once', async () => {
    answering((interaction) => interaction.reply('first'));
    const answer = guild.member('ana').types('general', 'playlist');
    await answer.response();
    const { id, token } = answer.interaction;
    const again = await ask(
      discord,
      'POST',
      `/interactions/${id}/${token}/callback`,
      { type: 5 },
      { token: null },
    );
    expect(again).toMatchObject({ status: 400, body: { code: 40060 } });
  });

  it('cannot be changed once the token is 15 minutes old', async () => {
    answering((interaction) => interaction.deferReply());
    const answer = guild.member('ana').types('general', 'playlist');
    await answer.acknowledged();
    const interaction = command(interactions[0]!);
    await discord.until(() => interaction.deferred);
    discord.clock.advance(15 * 60_000);
    await expect(interaction.editReply('late')).rejects.toMatchObject({ code: 50027, status: 401 });
    await expect(interaction.followUp('late')).rejects.toMatchObject({ code: 50027, status: 401 });
    expect(answer.now?.thinking).toBe(true);
  });

  it.each([
    ['before the answer', 'POST', '', { content: 'x' }, 404, 10015],
    ['to the answer before it', 'PATCH', '/messages/@original', { content: 'x' }, 404, 10015],
  ])('has no webhook %s', async (_what, method, path, body, status, code) => {
    const { token } = guild.member('ana').types('general', 'playlist').interaction;
    const url = `/webhooks/${discord.world.applicationId}/${token}${path}`;
    expect(await ask(discord, method, url, body, { token: null })).toMatchObject({ status, body: { code } });
  });

  it.each([
    ['a deferral that is more than ephemeral', { type: 5, data: { flags: 4 } }],
    ['a deferral with content', { type: 5, data: { content: 'x' } }],
    ['an update where no message was clicked', { type: 7, data: { content: 'x' } }],
    ['choices where none were asked for', { type: 8, data: { choices: [] } }],
    ['content over 2,000 characters', { type: 4, data: { content: 'x'.repeat(2001) } }],
  ])('is refused as %s, and may then be given properly', async (_what, body) => {
    const quiet = await openDiscord({ openApi: false });
    try {
      const guild = quiet.guild();
      const commands = `/applications/${quiet.world.applicationId}/commands`;
      await ask(quiet, 'POST', commands, { name: 'playlist', description: 'x' });
      const { id, token } = guild.member('ana').types('general', 'playlist').interaction;
      const url = `/interactions/${id}/${token}/callback`;
      expect(await ask(quiet, 'POST', url, body, { token: null })).toMatchObject({
        status: 400,
        body: { code: 50035 },
      });
      expect(await ask(quiet, 'POST', url, { type: 5 }, { token: null })).toMatchObject({ status: 204 });
    } finally {
      await quiet.close();
    }
  });

  it('goes to the channel itself once the token is dead', async () => {
    answering((interaction) => interaction.deferReply());
    await guild.member('ana').types('general', 'playlist').acknowledged();
    discord.clock.advance(16 * 60_000);
    await post(client, general, 'sorry for the wait');
    expect(guild.member('ben').sees('general').at(-1)).toMatchObject({ text: 'sorry for the wait' });
  });
});

describe('completion', () => {
  it('shows the bot’s choices', async () => {
    on = (interaction) => {
      if (!interaction.isAutocomplete()) return undefined;
      const { name, value } = interaction.options.getFocused(true);
      return interaction.respond([{ name: `${name} ${value}`, value: 'id' }]);
    };
    expect(await guild.member('ana').completes('general', 'song', 'name', 'blue')).toEqual([
      { name: 'name blue', value: 'id' },
    ]);
  });

  it('fails when the bot is silent', async () => {
    const completion = guild.member('ana').completes('general', 'song', 'name', 'blue');
    await discord.until(() => interactions.length === 1);
    discord.clock.advance(3001);
    await expect(completion).rejects.toThrow('did not respond');
  });

  it.each([
    ['26 choices', Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` }))],
    ['a long name', [{ name: 'x'.repeat(101), value: 'x' }]],
    ['a long value', [{ name: 'x', value: 'x'.repeat(101) }]],
  ])('refuses %s', async (_what, choices) => {
    const refused = new Promise((resolve) => {
      on = (interaction) =>
        interaction.isAutocomplete() ? interaction.respond(choices).catch(resolve) : undefined;
    });
    const completion = guild
      .member('ana')
      .completes('general', 'song', 'name', 'blue')
      .catch(() => undefined);
    expect(await refused).toMatchObject({ code: 50035 });
    discord.clock.advance(3001);
    await completion;
    // Discord's document was broken, too, in the two cases that it knows.
    await discord.close().catch((error: Error) => expect(error.message).toContain('callback'));
    discord = await openDiscord();
  });

  it('is offered only where the command says so', async () => {
    await expect(guild.member('ana').completes('general', 'playlist', 'emotion', 'c')).rejects.toThrow(
      'not completed',
    );
  });
});

describe('a click', () => {
  const buttons = () =>
    new ActionRowBuilder<ButtonBuilder>().addComponents(
      new ButtonBuilder().setCustomId('keep:1').setLabel('Keep').setStyle(ButtonStyle.Primary),
      new ButtonBuilder()
        .setCustomId('off')
        .setLabel('Off')
        .setStyle(ButtonStyle.Secondary)
        .setDisabled(true),
      new ButtonBuilder().setURL('https://example.org').setLabel('Open').setStyle(ButtonStyle.Link),
    );

  it('is answered by a message, or by changing the one that was clicked', async () => {
    const message = await post(client, general, { content: 'take it?', components: [buttons()] });
    on = async (interaction) => {
      if (!interaction.isButton()) return;
      await interaction.update({ content: `kept ${interaction.customId}`, components: [] });
      await interaction.followUp({ content: 'yours', flags: MessageFlags.Ephemeral });
    };
    const ana = guild.member('ana');
    const answer = ana.clicks(message, 'Keep');
    expect(await answer.followUp()).toMatchObject({ text: 'yours', ephemeral: true });
    expect(guild.member('ben').sees('general')).toMatchObject([{ text: 'kept keep:1', buttons: [] }]);
  });

  it('may be acknowledged first and change the message later', async () => {
    const message = await post(client, general, { content: 'page 1', components: [buttons()] });
    on = async (interaction) => {
      if (!interaction.isButton()) return;
      await interaction.deferUpdate();
      await interaction.editReply({ content: 'page 2' });
    };
    const answer = guild.member('ana').clicks(message, 'keep:1');
    expect(await answer.until(({ text }) => text === 'page 2')).toMatchObject({ id: message.id });
  });

  it('on what is disabled or leads elsewhere never reaches the bot', async () => {
    const message = await post(client, general, { content: 'x', components: [buttons()] });
    const ana = guild.member('ana');
    expect(() => ana.clicks(message, 'Off')).toThrow('disabled');
    expect(() => ana.clicks(message, 'Open')).toThrow('is a link');
    expect(() => ana.clicks(message, 'Away')).toThrow('no button');
  });

  it('works on a message that only this person sees', async () => {
    answering((interaction) =>
      interaction.reply({ content: 'x', components: [buttons()], flags: MessageFlags.Ephemeral }),
    );
    const ana = guild.member('ana');
    const message = await ana.types('general', 'playlist').response();
    on = (interaction) =>
      interaction.isButton() ? interaction.update({ content: 'y', components: [] }) : undefined;
    await ana.clicks(message, 'Keep').until(({ text }) => text === 'y');
    expect(guild.member('ben').sees('general')).toEqual([]);
  });

  it('in a menu brings what was chosen', async () => {
    const menu = new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(
      new StringSelectMenuBuilder()
        .setCustomId('page')
        .addOptions({ label: 'One', value: '1' }, { label: 'Two', value: '2' }),
    );
    const message = await post(client, general, { content: 'x', components: [menu] });
    on = (interaction) =>
      interaction.isStringSelectMenu() ? interaction.reply(`page ${interaction.values.join()}`) : undefined;
    const answer = guild.member('ana').chooses(message, 'page', '2');
    expect((await answer.response()).text).toBe('page 2');
  });

  it('in a direct message knows no guild', async () => {
    const ana = guild.member('ana');
    const user = await client.users.fetch(ana.id);
    const message = await user.send({ content: 'x', components: [buttons()] });
    on = (interaction) =>
      interaction.isButton()
        ? interaction.reply(`${interaction.guildId} ${interaction.user.username}`)
        : undefined;
    expect((await ana.clicks(message, 'Keep').response()).text).toBe('null ana');
  });
});

describe('registration', () => {
  it('creates, lists, changes, deletes', async () => {
    const { commands } = client.application;
    const made = await commands.create({
      name: 'help',
      description: 'Helps',
      nameLocalizations: { de: 'hilfe' },
    });
    expect((await commands.fetch()).has(made.id)).toBe(true);
    expect((await commands.fetch({ withLocalizations: true })).get(made.id)?.nameLocalizations).toEqual({
      de: 'hilfe',
    });
    expect((await commands.edit(made.id, { description: 'Helps a lot' })).description).toBe('Helps a lot');
    // A name that is taken is overwritten, keeping its id.
    expect((await commands.create({ name: 'help', description: 'New' })).id).toBe(made.id);
    await commands.delete(made.id);
    expect((await commands.fetch()).has(made.id)).toBe(false);
    await expect(commands.delete(made.id)).rejects.toMatchObject({ code: 10063 });
  });

  it('as a whole replaces what was there, and keeps the ids of what stays', async () => {
    const { commands } = client.application;
    const before = await commands.fetch();
    const set = await commands.set([
      { name: 'playlist', description: 'Another' },
      { name: 'help', description: 'Helps' },
    ]);
    expect(set.map(({ name }) => name)).toEqual(['playlist', 'help']);
    expect(set.find(({ name }) => name === 'playlist')?.id).toBe(
      before.find(({ name }) => name === 'playlist')?.id,
    );
    expect(
      guild
        .moderator('mo')
        .commands()
        .map(({ name }) => name),
    ).toEqual(['playlist', 'help']);
  });
});
