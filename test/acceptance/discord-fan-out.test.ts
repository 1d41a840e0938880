import { describe, expect, it } from 'vitest';
import { createBursts } from '../../src/labelling/bursts.ts';
import { createLabelling } from '../../src/labelling/service.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { createSchedule } from '../../src/schedule/schedule.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { openBot } from '../chat/discord/bot.ts';
import { plantedCatalogue, plantedSongs, silent, taxonomy } from '../playlists/planted-model.ts';
import { plantedFolder } from './stage.ts';

const SERVERS = 300;
/** Discord's limits over windows that are so many times as short. */
const SPEED = 5;

describe('snippets that are due in 300 servers at the same minute', () => {
  it('keep no member waiting, and are all posted', async () => {
    const bot = await openBot({ server: { limits: { speed: SPEED }, openApi: false } });
    const { discord, choir, platform, heard } = bot;
    const dir = await plantedFolder();
    const store = await openLowdbStore({ dir: `${dir}/fan-out`, log: silent, now: Date.now });
    const servers = Array.from({ length: SERVERS }, (_, i) =>
      discord.guild({ name: `Server ${i}`, channels: ['songs'] }),
    );
    for (const server of servers) {
      const settings = { ...defaultSettings(), timeZone: 'UTC', channel: server.channel('songs').id };
      await store.saveCommunity({
        id: `discord:${server.id}`,
        platform: 'discord',
        name: server.data.name,
        settings: { ...settings, snippetsPerDay: 1, quietHours: { from: '00:00', to: '00:00' } },
      });
    }
    const catalogue = plantedCatalogue(
      plantedSongs(14, (_s, i) => ({
        snippet: { kind: 'spotify' },
        spotifyUri: `spotify:track:${String(i).padStart(22, '4')}`,
      })),
    );
    const bursts = createBursts({ store, now: Date.now });
    const labelling = createLabelling({
      store,
      // Two emotions, so that this takes seconds: discord.js makes 50 requests a second, whatever the server allows.
      taxonomy: { ...taxonomy, emotions: taxonomy.emotions.slice(0, 2) },
      platforms: [platform],
      log: silent,
      seed: 1,
      catalogue: () => catalogue,
      model: () => undefined,
      soundOf: () => ({ kind: 'none' }),
      now: Date.now,
      votesOn: bursts.countedOn,
      votersPerSong: bursts.votersPerSong,
    });
    const schedule = createSchedule({
      store,
      log: silent,
      onSnippetDue: async ({ id }) => void (await labelling.postSnippet(id, { by: 'schedule' })),
      onTrainingDue: async () => {},
    });
    heard.onCommand = async ({ answer }) => void (await answer({ text: 'Here you are.', private: true }));
    let done = false;
    const posting = schedule.tick(new Date('2026-11-22T12:00:00Z')).then(() => {
      done = true;
    });
    const waited: { acknowledged: number; answered: number }[] = [];
    for (let n = 0; !done; n++) {
      const from = performance.now();
      const answer = choir.member(`asker${n % 20}`).types('songs', 'status');
      const acknowledged = await answer.acknowledged();
      await answer.response();
      waited.push({ acknowledged, answered: performance.now() - from });
      // People take a moment; asking without a pause would use up what the bot may send.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await posting;
    expect(Math.max(...waited.map(({ acknowledged }) => acknowledged))).toBeLessThan(1_500);
    expect(Math.max(...waited.map(({ answered }) => answered))).toBeLessThan(3_000);
    expect(await store.openPosts(Date.now())).toHaveLength(SERVERS);
    // discord.js learns a limit from the first answer that names it: the very first may meet it.
    expect(discord.requests.filter(({ status }) => status === 429).length).toBeLessThan(20);
    await bot.close();
    await store.close();
  });
});
