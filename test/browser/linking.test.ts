import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { pino } from 'pino';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { CHROMIUM, IN_CHROMIUM, openBrowser } from '../support/browser.ts';
import { openSpotify, type Spotify } from '../support/spotify/spotify.ts';

const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 900 },
];
/** A folder for pictures of every page, to be looked at. */
const PICTURES = process.env.LINK_PICTURES;

describe.skipIf(CHROMIUM === undefined)(
  `linking Spotify from the room (${IN_CHROMIUM})`,
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    let spotify: Spotify;
    let bot: App;
    const lines: string[] = [];
    let stateDir: string;
    const contexts: BrowserContext[] = [];
    /** What pages complained about: errors, violations of the content security policy. */
    let complaints: string[] = [];

    beforeAll(async () => {
      browser = await openBrowser();
      spotify = await openSpotify();
      for (const name of ['Ana', 'Bo']) spotify.account(name);
      spotify.account('Zoe', { allowed: false });
      stateDir = await mkdtemp(path.join(tmpdir(), 'reactune-linking-'));
      const config = readConfig({
        PORT: '0',
        STATE_DIR: stateDir,
        SPOTIFY_CLIENT_ID: spotify.app.clientId,
        SPOTIFY_API_URL: spotify.apiUrl,
        SPOTIFY_ACCOUNTS_URL: spotify.accountsUrl,
        SPOTIFY_SHARED: 'on',
        SPOTIFY_TASTE: 'on',
      });
      bot = await startApp(
        config,
        pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
      );
    }, 60_000);

    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close();
      expect(complaints).toEqual([]);
      complaints = [];
    });

    afterAll(async () => {
      await bot?.stop();
      const log = lines.join('');
      for (const secret of spotify?.secrets ?? []) expect(log).not.toContain(secret);
      expect(log).not.toMatch(/spotify\/link\/|state=|code=/);
      await spotify?.close();
      await browser?.close();
      await rm(stateDir, { recursive: true, force: true });
    });

    async function visitor(
      name: string,
      options: { readonly javaScriptEnabled?: boolean } = {},
    ): Promise<Page> {
      const context = await browser.newContext({ viewport: SIZES[1], reducedMotion: 'reduce', ...options });
      contexts.push(context);
      const page = await context.newPage();
      context.on('page', (one) => listen(one));
      listen(page);
      if (options.javaScriptEnabled === false) return page;
      await page.goto(bot.url);
      await page.waitForSelector('[data-ready]');
      await page.fill('#join-name', name);
      await page.keyboard.press('Enter');
      await page.waitForSelector('.write');
      return page;
    }

    function listen(page: Page): void {
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // A page of an error is logged as a failed load.
        if (message.type() === 'error' && !message.text().includes('Failed to load'))
          complaints.push(message.text());
      });
    }

    /** A page is fit for everybody, on a phone as well, and pictured if somebody wants to look at it. */
    async function look(page: Page, name: string): Promise<void> {
      for (const size of SIZES) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize(size);
          await page.emulateMedia({ colorScheme });
          const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          expect(wide).toBeLessThanOrEqual(0);
          await page.evaluate(axe.source);
          const found = await page.evaluate(() =>
            (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
          );
          expect(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
          if (PICTURES !== undefined)
            await page.screenshot({
              path: path.join(PICTURES, `${name}-${size.width}-${colorScheme}.png`),
              fullPage: true,
            });
        }
      }
    }

    /** Sends a line; the newest answer's link. */
    async function ask(page: Page, line: string) {
      await page.fill('.write', `${line} `);
      await page.keyboard.press('Enter');
      return page.locator('a.button', { hasText: /Link (Spotify|again)/ }).last();
    }

    async function agree(page: Page, account: string, decision: 'Agree' | 'Cancel' = 'Agree'): Promise<void> {
      const login = page.getByRole('button', { name: `Continue as ${account}` });
      const consent = page.getByRole('button', { name: decision });
      await login.or(consent).waitFor();
      if (await login.isVisible()) await login.click();
      await consent.click();
      await page.waitForURL('**/spotify/result');
    }

    it('goes from the room to Spotify and back, and the chat hears of it at once', async () => {
      const room = await visitor('Ana');
      const link = await ask(room, '/link');
      const [tab] = await Promise.all([room.context().waitForEvent('page'), link.click()]);
      await tab.waitForLoadState();
      await look(tab, 'start');
      await tab.getByRole('button', { name: 'Continue to Spotify' }).click();
      await agree(tab, 'Ana');
      await expect.poll(() => tab.title()).toContain('That worked');
      await look(tab, 'linked');
      expect(tab.url()).not.toContain('code');
      // The answer itself has changed.
      await room.getByText('Your Spotify account Ana is linked.').waitFor();
      expect(await room.locator('a.button', { hasText: 'Link Spotify' }).count()).toBe(0);
      await tab.reload();
      expect(await tab.title()).toContain('That worked');
      await tab.goBack();
      await tab.goForward();
      expect(await tab.title()).toContain('That worked');
    });

    it('asks whether two are one person, and works without script', async () => {
      const room = await visitor('Ana at work');
      const address = (await (await ask(room, '/link')).getAttribute('href')) ?? '';
      const plain = await visitor('', { javaScriptEnabled: false });
      await plain.goto(address);
      await plain.getByRole('button', { name: 'Continue to Spotify' }).click();
      await agree(plain, 'Ana');
      expect(await plain.title()).toContain('Are you two one person?');
      const buttons = room.getByRole('button', { name: 'Yes, that is me too' });
      await buttons.waitFor();
      await plain.getByRole('button', { name: 'Yes, that is me too' }).click();
      await plain.waitForURL('**/spotify/result');
      expect(await plain.title()).toContain('Welcome together');
      await room.getByText('Welcome together').waitFor();
      expect(await buttons.count()).toBe(0);
      await room.fill('.write', '/unlink ');
      await room.keyboard.press('Enter');
      await room.getByRole('button', { name: 'Yes, forget it' }).click();
      await room.locator('p.text', { hasText: 'You here and in the room are apart again.' }).waitFor();
    });

    it('shows every other page, each in words of its own', async () => {
      const room = await visitor('Bo');
      async function addressOf(line: string): Promise<string> {
        const before = await room.locator('a.button', { hasText: /Link (Spotify|again)/ }).count();
        await ask(room, line);
        await expect
          .poll(() => room.locator('a.button', { hasText: /Link (Spotify|again)/ }).count())
          .toBe(before + 1);
        return (
          (await room
            .locator('a.button', { hasText: /Link (Spotify|again)/ })
            .last()
            .getAttribute('href')) ?? ''
        );
      }
      async function go(
        account: string,
        decision: 'Agree' | 'Cancel' = 'Agree',
        line = '/link',
      ): Promise<Page> {
        const address = await addressOf(line);
        const context = await browser.newContext();
        contexts.push(context);
        const page = await context.newPage();
        listen(page);
        await page.goto(address);
        await page.getByRole('button', { name: 'Continue to Spotify' }).click();
        await agree(page, account, decision);
        return page;
      }
      await look(await go('Bo', 'Cancel'), 'declined');
      await look(await go('Zoe'), 'not-allowed');
      const withTaste = await addressOf('/link taste:yes');
      const page = await room.context().newPage();
      await page.goto(withTaste);
      await look(page, 'start-taste');
      await page.goto(`${withTaste}x`);
      await look(page, 'malformed');
      await page.goto(`${bot.url}/spotify/nothing`);
      await look(page, 'nothing');
      await look(await go('Bo'), 'bo-linked');
      const shared = bot.spotify?.sharedInvitation ?? '';
      await page.goto(shared);
      await look(page, 'shared');
      const second = await visitor('Bo at work');
      const address = (await (await ask(second, '/link')).getAttribute('href')) ?? '';
      await page.goto(address);
      await page.getByRole('button', { name: 'Continue to Spotify' }).click();
      await agree(page, 'Bo');
      await look(page, 'one-person');
      await page.getByRole('button', { name: 'No, somebody else' }).click();
      await page.waitForURL('**/spotify/result');
      await look(page, 'apart');
      await page.goto(address);
      await look(page, 'used');
    });
  },
);
