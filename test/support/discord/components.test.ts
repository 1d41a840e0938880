import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  MessageFlags,
  StringSelectMenuBuilder,
} from 'discord.js';
import { describe, expect, it } from 'vitest';
import { askedBot } from './asked-bot.ts';
import { post } from './bot.ts';
import { openDiscord } from './discord.ts';

const bot = askedBot();

describe('completion', () => {
  it('shows the bot’s choices', async () => {
    bot.on = (interaction) => {
      if (!interaction.isAutocomplete()) return undefined;
      const { name, value } = interaction.options.getFocused(true);
      return interaction.respond([{ name: `${name} ${value}`, value: 'id' }]);
    };
    expect(await bot.guild.member('ana').completes('general', 'song', 'name', 'blue')).toEqual([
      { name: 'name blue', value: 'id' },
    ]);
  });

  it('fails when the bot is silent', async () => {
    const completion = bot.guild.member('ana').completes('general', 'song', 'name', 'blue');
    await bot.discord.until(() => bot.interactions.length === 1);
    bot.discord.clock.advance(3001);
    await expect(completion).rejects.toThrow('did not respond');
  });

  it.each([
    ['26 choices', Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` }))],
    ['a long name', [{ name: 'x'.repeat(101), value: 'x' }]],
    ['a long value', [{ name: 'x', value: 'x'.repeat(101) }]],
  ])('refuses %s', async (_what, choices) => {
    const refused = new Promise((resolve) => {
      bot.on = (interaction) =>
        interaction.isAutocomplete() ? interaction.respond(choices).catch(resolve) : undefined;
    });
    const completion = bot.guild
      .member('ana')
      .completes('general', 'song', 'name', 'blue')
      .catch(() => undefined);
    expect(await refused).toMatchObject({ code: 50035 });
    bot.discord.clock.advance(3001);
    await completion;
    // Discord's document was broken, too, in the two cases that it knows.
    await bot.discord.close().catch((error: Error) => expect(error.message).toContain('callback'));
    bot.discord = await openDiscord();
  });

  it('is offered only where the command says so', async () => {
    await expect(bot.guild.member('ana').completes('general', 'playlist', 'emotion', 'c')).rejects.toThrow(
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
    const message = await post(bot.client, bot.general, { content: 'take it?', components: [buttons()] });
    bot.on = async (interaction) => {
      if (!interaction.isButton()) return;
      await interaction.update({ content: `kept ${interaction.customId}`, components: [] });
      await interaction.followUp({ content: 'yours', flags: MessageFlags.Ephemeral });
    };
    const ana = bot.guild.member('ana');
    const answer = ana.clicks(message, 'Keep');
    expect(await answer.followUp()).toMatchObject({ text: 'yours', ephemeral: true });
    expect(bot.guild.member('ben').sees('general')).toMatchObject([{ text: 'kept keep:1', buttons: [] }]);
  });

  it('may be acknowledged first and change the message later', async () => {
    const message = await post(bot.client, bot.general, { content: 'page 1', components: [buttons()] });
    bot.on = async (interaction) => {
      if (!interaction.isButton()) return;
      await interaction.deferUpdate();
      await interaction.editReply({ content: 'page 2' });
    };
    const answer = bot.guild.member('ana').clicks(message, 'keep:1');
    expect(await answer.until(({ text }) => text === 'page 2')).toMatchObject({ id: message.id });
  });

  it('on what is disabled or leads elsewhere never reaches the bot', async () => {
    const message = await post(bot.client, bot.general, { content: 'x', components: [buttons()] });
    const ana = bot.guild.member('ana');
    expect(() => ana.clicks(message, 'Off')).toThrow('disabled');
    expect(() => ana.clicks(message, 'Open')).toThrow('is a link');
    expect(() => ana.clicks(message, 'Away')).toThrow('no button');
  });

  it('works on a message that only this person sees', async () => {
    bot.answering((interaction) =>
      interaction.reply({ content: 'x', components: [buttons()], flags: MessageFlags.Ephemeral }),
    );
    const ana = bot.guild.member('ana');
    const message = await ana.types('general', 'playlist').response();
    bot.on = (interaction) =>
      interaction.isButton() ? interaction.update({ content: 'y', components: [] }) : undefined;
    await ana.clicks(message, 'Keep').until(({ text }) => text === 'y');
    expect(bot.guild.member('ben').sees('general')).toEqual([]);
  });

  it('in a menu brings what was chosen', async () => {
    const menu = new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(
      new StringSelectMenuBuilder()
        .setCustomId('page')
        .addOptions({ label: 'One', value: '1' }, { label: 'Two', value: '2' }),
    );
    const message = await post(bot.client, bot.general, { content: 'x', components: [menu] });
    bot.on = (interaction) =>
      interaction.isStringSelectMenu() ? interaction.reply(`page ${interaction.values.join()}`) : undefined;
    const answer = bot.guild.member('ana').chooses(message, 'page', '2');
    expect((await answer.response()).text).toBe('page 2');
  });

  it('in a direct message knows no guild', async () => {
    const ana = bot.guild.member('ana');
    const user = await bot.client.users.fetch(ana.id);
    const message = await user.send({ content: 'x', components: [buttons()] });
    bot.on = (interaction) =>
      interaction.isButton()
        ? interaction.reply(`${interaction.guildId} ${interaction.user.username}`)
        : undefined;
    expect((await ana.clicks(message, 'Keep').response()).text).toBe('null ana');
  });
});
