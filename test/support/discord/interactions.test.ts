import { GatewayDispatchEvents, MessageFlags } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { askedBot, command } from './asked-bot.ts';
import { post } from './bot.ts';
import { openDiscord } from './discord.ts';

const bot = askedBot();

describe('an answer', () => {
  it('may be deferred, filled in, followed up, edited and deleted', async () => {
    bot.answering(async (interaction) => {
      await interaction.deferReply();
      await interaction.editReply('working');
      await interaction.editReply({ content: 'done', components: [] });
      const more = await interaction.followUp('more');
      await interaction.webhook.editMessage(more, 'much more');
      await interaction.deleteReply();
    });
    const answer = bot.guild.member('ana').types('general', 'playlist');
    await answer.until(({ text }) => text === 'done');
    await bot.discord.until(() => answer.now === undefined);
    expect(bot.guild.member('ben').sees('general')).toMatchObject([{ text: 'much more', edited: true }]);
  });

  it('shows that the bot is thinking until it is filled in', async () => {
    let fill = (): void => {};
    const filled = new Promise<void>((resolve) => {
      fill = resolve;
    });
    bot.answering(async (interaction) => {
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await filled;
      // As for old bots, the first follow-up fills a deferred answer in, and stays as private as that.
      await interaction.followUp('here you are');
    });
    const ana = bot.guild.member('ana');
    const answer = ana.types('general', 'playlist');
    await answer.acknowledged();
    expect(ana.sees('general')).toMatchObject([{ thinking: true, ephemeral: true }]);
    fill();
    expect(await answer.response()).toMatchObject({ text: 'here you are', ephemeral: true });
    expect(ana.sees('general')).toHaveLength(1);
    expect(bot.guild.member('ben').sees('general')).toEqual([]);
  });

  it('has nothing to fill in once somebody deleted the promise of it', async () => {
    bot.answering((interaction) => interaction.deferReply());
    const answer = bot.guild.member('ana').types('general', 'playlist');
    await answer.acknowledged();
    const interaction = command(bot.interactions[0]!);
    await bot.discord.until(() => interaction.deferred);
    await bot.guild.moderator('mo').deletes(answer.now!);
    await expect(interaction.editReply('too late')).rejects.toMatchObject({ code: 10008 });
    await expect(interaction.followUp('too late')).rejects.toMatchObject({ code: 10008 });
  });

  it('arrives twice, and is acknowledged once', async () => {
    bot.discord.gateway.repeatsNext(GatewayDispatchEvents.InteractionCreate);
    const outcomes: unknown[] = [];
    bot.answering((interaction) =>
      interaction.deferReply().then(
        () => outcomes.push('acknowledged'),
        ({ code }: { code: number }) => outcomes.push(code),
      ),
    );
    bot.guild.member('ana').types('general', 'playlist');
    await bot.discord.until(() => outcomes.length === 2);
    expect(new Set(outcomes)).toEqual(new Set(['acknowledged', 40060]));
    expect(bot.guild.member('ben').sees('general')).toHaveLength(1);
  });

  it('for one pair of eyes is hidden from others, from REST and from reactions', async () => {
    bot.answering((interaction) => interaction.reply({ content: 'secret', flags: MessageFlags.Ephemeral }));
    const ana = bot.guild.member('ana');
    const message = await ana.types('general', 'playlist').response();
    expect(message).toMatchObject({ text: 'secret', ephemeral: true });
    await expect(bot.guild.member('ben').reacts(message, '😄')).rejects.toThrow('sees no message');
    await expect(ana.reacts(message, '😄')).rejects.toThrow('only they see');
    const path = `/channels/${bot.general}/messages/${message.id}`;
    expect(await ask(bot.discord, 'GET', path)).toMatchObject({ status: 404, body: { code: 10008 } });
    await ana.deletes(message);
    expect(ana.sees('general')).toEqual([]);
  });

  it('later than 3 seconds is refused', async () => {
    bot.on = () => {};
    const answer = bot.guild.member('ana').types('general', 'playlist');
    await bot.discord.until(() => bot.interactions.length === 1);
    bot.discord.clock.advance(3001);
    expect(answer.failed).toBe(true);
    await expect(answer.acknowledged()).rejects.toThrow('did not respond');
    await expect(command(bot.interactions[0]!).reply('late')).rejects.toMatchObject({
      code: 10062,
      status: 404,
    });
  });

  it('is given once', async () => {
    bot.answering((interaction) => interaction.reply('first'));
    const answer = bot.guild.member('ana').types('general', 'playlist');
    await answer.response();
    const { id, token } = answer.interaction;
    const again = await ask(
      bot.discord,
      'POST',
      `/interactions/${id}/${token}/callback`,
      { type: 5 },
      { token: null },
    );
    expect(again).toMatchObject({ status: 400, body: { code: 40060 } });
  });

  it('cannot be changed once the token is 15 minutes old', async () => {
    bot.answering((interaction) => interaction.deferReply());
    const answer = bot.guild.member('ana').types('general', 'playlist');
    await answer.acknowledged();
    const interaction = command(bot.interactions[0]!);
    await bot.discord.until(() => interaction.deferred);
    bot.discord.clock.advance(15 * 60_000);
    await expect(interaction.editReply('late')).rejects.toMatchObject({ code: 50027, status: 401 });
    await expect(interaction.followUp('late')).rejects.toMatchObject({ code: 50027, status: 401 });
    expect(answer.now?.thinking).toBe(true);
  });

  it.each([
    ['before the answer', 'POST', '', { content: 'x' }, 404, 10015],
    ['to the answer before it', 'PATCH', '/messages/@original', { content: 'x' }, 404, 10015],
  ])('has no webhook %s', async (_what, method, path, body, status, code) => {
    const { token } = bot.guild.member('ana').types('general', 'playlist').interaction;
    const url = `/webhooks/${bot.discord.world.applicationId}/${token}${path}`;
    expect(await ask(bot.discord, method, url, body, { token: null })).toMatchObject({
      status,
      body: { code },
    });
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
    bot.answering((interaction) => interaction.deferReply());
    await bot.guild.member('ana').types('general', 'playlist').acknowledged();
    bot.discord.clock.advance(16 * 60_000);
    await post(bot.client, bot.general, 'sorry for the wait');
    expect(bot.guild.member('ben').sees('general').at(-1)).toMatchObject({ text: 'sorry for the wait' });
  });
});
