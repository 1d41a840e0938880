import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, IN_CHROMIUM, openBrowser } from '../browser.ts';
import { authorizeUrl } from './ask.ts';
import { openSpotify, type Spotify } from './spotify.ts';

describe.skipIf(CHROMIUM === undefined)(`the consent page ${IN_CHROMIUM}`, () => {
  let browser: Browser;
  let spotify: Spotify;
  const bot = createServer((request, response) => response.end(`arrived at ${request.url}`));

  beforeAll(async () => {
    browser = await openBrowser();
    spotify = await openSpotify();
    bot.listen(0, '127.0.0.1');
    await once(bot, 'listening');
  });

  afterAll(async () => {
    await browser.close();
    bot.closeAllConnections();
    bot.close();
    await spotify.close();
  });

  it('is clicked through by a person, who comes back with a code or a refusal', async () => {
    spotify.account('ana');
    spotify.account('ben <b>');
    const { port } = bot.address() as AddressInfo;
    const redirect_uri = `http://127.0.0.1:${port}/spotify/callback`;
    const page = await browser.newPage();
    await page.goto(authorizeUrl(spotify, { redirect_uri, scope: 'playlist-modify-private' }));
    await page.getByRole('button', { name: 'Continue as ben <b>' }).click();
    await page.getByText('You are logged in as ben <b>.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('error=access_denied').waitFor();
    await page.goto(authorizeUrl(spotify, { redirect_uri, scope: 'playlist-modify-private' }));
    await page.getByRole('heading', { name: 'Reactune connects to your Spotify account' }).waitFor();
    await page.getByRole('button', { name: 'Agree' }).click();
    await page.getByText('arrived at /spotify/callback?code=AQ').waitFor();
    expect(new URL(page.url()).searchParams.get('state')).toBe('a state');
    await page.close();
  });
});
