import { describe, expect, it, onTestFinished } from 'vitest';
import { deployCommands } from '../../src/cli/discord-deploy.ts';
import type { SnippetPost } from '../../src/domain/post.ts';
import { openDiscord } from '../support/discord/discord.ts';
import { openSlack } from '../support/slack/slack.ts';
import { eventually, plantedFolder, startStageBot } from './stage.ts';

const PEOPLE = 150;

describe('Discord and Slack in one process', () => {
  it('lose no vote and answer in time while both are busy and a training runs', async () => {
    const stateDir = await plantedFolder();
    const discord = await openDiscord();
    onTestFinished(() => discord.close());
    const slack = await openSlack();
    onTestFinished(() => slack.close());
    const guild = discord.guild({ name: 'Choir', channels: ['songs'] });
    const ws = slack.workspace({ name: 'Orchestra', channels: ['songs'] });
    const channel = ws.channel('songs');
    await deployCommands({ token: discord.token, apiUrl: discord.api, say: () => {} });
    const app = await startStageBot(stateDir, {
      ROOM: 'off',
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.api,
      SLACK_BOT_TOKEN: ws.token,
      SLACK_APP_TOKEN: slack.app.appToken,
      SLACK_API_URL: slack.api,
    });
    const { store } = app;
    const latest = (id: string): Promise<SnippetPost> =>
      eventually(async () => (await store.recentPosts(id, 1))[0]);

    const [mo, ada] = [guild.moderator('mo'), ws.admin('ada')];
    await mo.types('songs', 'settings', { channel: 'songs' }).acknowledged();
    await mo.types('songs', 'snippet', { song: 'Calm song 3' }).acknowledged();
    await ada.types('/settings', `channel:<#${channel.id}|songs>`, channel);
    await ada.types('/snippet', 'Calm song 3', channel);
    const [onDiscord, onSlack] = [await latest(`discord:${guild.id}`), await latest(`slack:${ws.id}`)];
    const message = slack.message(onSlack.message.channel, onSlack.message.message)!;

    await ada.types('/retrain', '', channel);
    const waits: number[] = [];
    for (let i = 0; i < PEOPLE; i++) {
      await guild.member(`d${i}`).reacts(onDiscord.message.message, '😌');
      ws.member(`s${i}`).reacts(message, i % 3 === 0 ? 'cry' : 'relieved');
      if (i % 15 === 0) {
        const run = await ws.member(`s${i}`).types('/status', '', channel);
        expect(run.failure).toBeUndefined();
        waits.push(run.acknowledgedAfterMs);
      }
    }
    await eventually(async () => {
      const { calm = 0, sad = 0 } = await store.voteCounts('calm-3');
      return calm + sad === 2 * PEOPLE;
    });
    expect(await store.voteCounts('calm-3')).toEqual({ calm: PEOPLE + 100, sad: 50 });
    expect(Math.max(...waits)).toBeLessThan(500);
  });
});
