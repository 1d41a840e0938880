import { Client, Events, GatewayIntentBits, Partials } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { type Discord, type DiscordOptions, openDiscord } from './discord.ts';

let discord: Discord;
let client: Client;

async function open(options: DiscordOptions = {}): Promise<void> {
  discord = await openDiscord(options);
}

async function login(): Promise<Client<true>> {
  client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessageReactions],
    partials: [Partials.Message, Partials.Channel, Partials.Reaction, Partials.User, Partials.GuildMember],
    rest: { api: discord.api },
  });
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(discord.token);
  return ready;
}

afterEach(async () => {
  await client.destroy();
  await discord.close();
});

describe('a bot on Discord', () => {
  it('logs in, posts, hears reactions', async () => {
    await open();
    const guild = discord.guild({ name: 'Choir', channels: ['general'] });
    const ready = await login();
    expect(ready.guilds.cache.get(guild.id)?.name).toBe('Choir');
    const channel = ready.channels.cache.get(guild.channel('general').id);
    if (!channel?.isSendable()) throw new Error('no');
    const post = await channel.send('hello');
    await post.react('😄');
    await post.react('🕰️');
    const heard = new Promise<string>((resolve) =>
      client.on(Events.MessageReactionAdd, (reaction, user) => {
        if (user.id !== client.user?.id) resolve(`${reaction.emoji.name} ${user.id}`);
      }),
    );
    const ana = guild.member('ana');
    await ana.reacts(post.id, '😄');
    expect(await heard).toBe(`😄 ${ana.id}`);
    expect(ana.sees('general')).toMatchObject([
      {
        text: 'hello',
        reactions: [
          { emoji: '😄', count: 2 },
          { emoji: '🕰️', count: 1 },
        ],
      },
    ]);
  });

  it('registers a command, defers, edits, follows up', async () => {
    await open();
    const guild = discord.guild();
    const ready = await login();
    await ready.application.commands.set([
      {
        name: 'playlist',
        description: 'A playlist',
        options: [
          { type: 3, name: 'emotion', description: 'which', choices: [{ name: 'Calm', value: 'calm' }] },
        ],
      },
    ]);
    client.on(Events.InteractionCreate, async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply({ flags: 64 });
      await interaction.editReply(`you said ${interaction.options.getString('emotion')}`);
      await interaction.followUp({ content: 'and more', flags: 64 });
    });
    const ana = guild.member('ana');
    const answer = ana.types('general', 'playlist', { emotion: 'calm' });
    expect(await answer.response()).toMatchObject({ text: 'you said calm', ephemeral: true });
    expect(await answer.followUp()).toMatchObject({ text: 'and more' });
    expect(guild.member('ben').sees('general')).toEqual([]);
  });
});
