import { describe, expect, it } from 'vitest';
import { askedBot } from './asked-bot.ts';
import type { GuildHandle } from './guild-handle.ts';

type Person = ReturnType<GuildHandle['member']>;

const bot = askedBot();

describe('a slash command', () => {
  it('arrives with its options resolved', async () => {
    bot.answering(async (interaction) => {
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
          interaction.guild?.id === bot.guild.id,
          interaction.memberPermissions?.has('ManageGuild'),
          interaction.appPermissions.has('AddReactions'),
        ].join(' '),
      );
    });
    bot.guild.member('ben');
    bot.guild.role('DJ');
    const answer = bot.guild.member('ana').types('general', '/playlist', {
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
    bot.answering((interaction) =>
      interaction.reply(
        `${interaction.options.getSubcommand()} ${interaction.options.getChannel('to')?.name}`,
      ),
    );
    const answer = bot.guild.moderator('mo').types('general', 'settings channel', { to: 'music' });
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
    expect(() => bot.guild.member('ana').types('general', name, options)).toThrow(message);
    expect(bot.interactions).toEqual([]);
  });

  it('is offered to those who may use it', () => {
    const names = (person: Person) => person.commands().map(({ name }) => name);
    expect(names(bot.guild.member('ana'))).toEqual(['playlist', 'song', 'settings']);
    expect(names(bot.guild.moderator('mo'))).toContain('retrain');
    expect(names(bot.guild.member('root', { permissions: ['Administrator'] }))).toContain('retrain');
    bot.guild.sets('general', 'everyone', 'deny', 'UseApplicationCommands');
    expect(() => bot.guild.member('ana').types('general', 'playlist')).toThrow('there is no command');
  });

  it('registered for one guild replaces the global one there', async () => {
    await bot.client.application.commands.create({ name: 'playlist', description: 'Ours' }, bot.guild.id);
    const other = bot.discord.guild();
    const descriptions = (person: Person) =>
      person
        .commands()
        .filter(({ name }) => name === 'playlist')
        .map(({ description }) => description);
    expect(descriptions(bot.guild.member('ana'))).toEqual(['Ours']);
    expect(descriptions(other.member('ana'))).toEqual(['A playlist']);
  });
});

describe('registration', () => {
  it('creates, lists, changes, deletes', async () => {
    const { commands } = bot.client.application;
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
    const { commands } = bot.client.application;
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
      bot.guild
        .moderator('mo')
        .commands()
        .map(({ name }) => name),
    ).toEqual(['playlist', 'help']);
  });
});
