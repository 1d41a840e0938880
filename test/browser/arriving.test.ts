import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { readConfig } from '../../src/config.ts';
import { plantedCatalogue, plantedSongs, plantModel } from '../playlists/planted-model.ts';
import { CHROMIUM, IN_CHROMIUM, openBrowser } from '../support/browser.ts';
import { openSpotify, type Spotify } from '../support/spotify/spotify.ts';

/** A folder for pictures, to be looked at. */
const PICTURES = process.env.ARRIVING_PICTURES;

describe.skipIf(CHROMIUM === undefined)(
  `the whole way from the room to Spotify (${IN_CHROMIUM})`,
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    let spotify: Spotify;
    let bot: App;
    let stateDir: string;
    let page: Page;
    const lines: string[] = [];

    beforeAll(async () => {
      browser = await openBrowser();
      spotify = await openSpotify();
      spotify.account('Ana');
      stateDir = await mkdtemp(path.join(tmpdir(), 'reactune-arriving-'));
      const songs = plantedSongs(8).map((song) => ({
        ...song,
        spotifyUri: spotify.track(song.title, song.artists).uri,
      }));
      const catalogue = plantedCatalogue(songs, [], false);
      await writeCatalogue(stateDir, catalogue);
      await plantModel(stateDir, catalogue);
      bot = await startApp(
        readConfig({
          PORT: '0',
          STATE_DIR: stateDir,
          SPOTIFY_CLIENT_ID: spotify.app.clientId,
          SPOTIFY_API_URL: spotify.apiUrl,
          SPOTIFY_ACCOUNTS_URL: spotify.accountsUrl,
        }),
        pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
      );
      page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage();
      await page.goto(bot.url);
      await page.waitForSelector('[data-ready]');
      await page.fill('#join-name', 'Ana');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.write');
    }, 60_000);

    afterAll(async () => {
      await bot?.stop();
      const log = lines.join('');
      for (const secret of spotify?.secrets ?? []) expect(log).not.toContain(secret);
      await spotify?.close();
      await browser?.close();
      await rm(stateDir, { recursive: true, force: true });
    });

    async function types(line: string): Promise<void> {
      await page.fill('.write', `${line} `);
      await page.keyboard.press('Enter');
    }

    async function picture(name: string): Promise<void> {
      if (PICTURES !== undefined) await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
    }

    it('links by the button under a list, and the list follows; then lists go by themselves', async () => {
      const ana = spotify.account('Ana');
      await types('/playlist calm songs:5');
      await page.getByRole('button', { name: 'To my Spotify' }).click();
      const link = page.locator('a.button', { hasText: 'Link Spotify' });
      const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
      await tab.locator('form button').first().click();
      await tab.getByRole('button', { name: 'Continue as Ana' }).click();
      await tab.getByRole('button', { name: 'Agree' }).click();
      await tab.waitForURL('**/spotify/result');
      await page.getByText('It is in your Spotify.').last().waitFor();
      expect(ana.playlists()).toHaveLength(1);
      await picture('linked');

      await types('/playlist sad to:happy songs:6');
      const open = page.locator('a.button', { hasText: 'Open in Spotify' }).last();
      await expect.poll(() => ana.playlists()[0]?.songs.length).toBe(6);
      await expect.poll(() => open.getAttribute('href')).toBe(ana.playlists()[0]?.url);
      const [made] = ana.playlists();
      expect(made).toMatchObject({ public: false, name: expect.stringMatching(/^From sad to happy · /) });
      const titles = await page.locator('ol.songs').last().locator('.song-title').allTextContents();
      expect(titles).toEqual(made?.songs.map((song) => song.split(' – ')[0]));
      await expect.poll(() => ana.playlists()[0]?.cover?.length).toBeGreaterThan(5000);
      await picture('playlist');

      await types('/playlists');
      await page.getByText('2 in Spotify').waitFor();
      await picture('playlists');
    });
  },
);
