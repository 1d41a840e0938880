import { describe, expect, it } from 'vitest';
import { CHROMIUM, IN_CHROMIUM } from '../support/browser.ts';
import { postSnippet } from '../support/lively-room.ts';
import { focused, joinAs, PLACE, pill, roomPages, say, shown } from './room-page.ts';

describe.skipIf(CHROMIUM === undefined)(`the room's page (${IN_CHROMIUM})`, () => {
  const pages = roomPages();

  it('shows a reaction in another browser at once, with who it was', async () => {
    await postSnippet(pages.room);
    const ana = await joinAs(await pages.visit(), 'Ana');
    const ben = await joinAs(await pages.visit(), 'Ben');
    await pill(ana, 'Calm').click();
    await ben.getByRole('button', { name: 'Calm 😌, 1: Ana' }).waitFor();
    expect(await pill(ben, 'Calm').getAttribute('aria-pressed')).toBe('false');
    expect(await pill(ana, 'Calm').getAttribute('aria-pressed')).toBe('true');
    await pill(ana, 'Calm').click();
    await ben.getByRole('button', { name: 'Calm 😌, 0' }).waitFor();
    expect(pages.complaints).toEqual([]);
  });

  it('shows a private answer to its asker only, over reloads too', async () => {
    const ana = await joinAs(await pages.visit(), 'Ana');
    const ben = await joinAs(await pages.visit(), 'Ben');
    await say(ana, '/playlist calm');
    await ana.getByText('Only you can see this').waitFor();
    await say(ana, 'done');
    await shown(ben, 'done').waitFor();
    expect(await ben.getByText('Only you can see this').count()).toBe(0);
    await ana.reload();
    await ana.getByText('Only you can see this').waitFor();
  });

  it('plays one sound at a time, and seeks', async () => {
    await postSnippet(pages.room);
    const page = await joinAs(await pages.visit(), 'Ana');
    await say(page, '/playlist calm');
    await page.locator('.snippet').getByRole('button', { name: 'Play Paper Lanterns' }).click();
    await page.getByRole('button', { name: 'Pause Paper Lanterns' }).waitFor();
    const position = page.getByRole('slider', { name: 'Position in Paper Lanterns' });
    await position.press('PageUp');
    await position.press('ArrowRight');
    expect(Number(await position.inputValue())).toBeGreaterThanOrEqual(7);
    await position.press('End');
    await page.getByRole('button', { name: 'Play Slow Harbour' }).click();
    await page.getByRole('button', { name: 'Pause Slow Harbour' }).waitFor();
    expect(await page.getByRole('button', { name: /^Pause/ }).count()).toBe(1);
    expect(pages.complaints).toEqual([]);
  });

  it('asks no third party for anything before a click on a Spotify song', async () => {
    await postSnippet(pages.room, { kind: 'spotify', uri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC' });
    const page = await joinAs(await pages.visit(), 'Ana');
    await shown(page, 'Paper Lanterns').waitFor();
    expect(pages.foreign).toEqual([]);
    await page.getByRole('button', { name: 'Play Paper Lanterns with Spotify' }).click();
    await page.waitForSelector('iframe.spotify');
    await expect
      .poll(() => pages.foreign)
      .toEqual(['https://open.spotify.com/embed/track/4uLU6hMCjMI75M1A2tKUQC']);
    expect(pages.complaints).toEqual([]);
  });

  it('leads to a page by a link among the buttons, with the keyboard, and looks at no page before', async () => {
    const page = await joinAs(await pages.visit(), 'Ana');
    const url = 'https://open.spotify.com/playlist/1?a=b&c=d';
    await pages.room.room.post(PLACE, {
      text: 'It has arrived.',
      buttons: [
        { action: 'a:b', label: 'Another' },
        { url, label: 'Open in Spotify', style: 'primary' },
        { url: 'javascript:alert(1)', label: 'Trap' },
      ],
    });
    const link = page.getByRole('link', { name: 'Open in Spotify (opens in a new tab)' });
    await link.waitFor();
    const attributes = ['href', 'target', 'rel'].map((name) => link.getAttribute(name));
    expect(await Promise.all(attributes)).toEqual([url, '_blank', 'noopener noreferrer']);
    expect(await page.getByText('Trap').count()).toBe(0);
    expect(pages.foreign).toEqual([]);
    const heights = ['Another', 'Open in Spotify'].map(async (label) => {
      const box = await page.locator('.buttons .button', { hasText: label }).boundingBox();
      return box?.height;
    });
    const [one, other] = await Promise.all(heights);
    expect(one).toBe(other);
    await page.focus('.write');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Tab');
    for (let steps = 0; steps < 5 && (await focused(page, 'tagName')) !== 'A'; steps++) {
      await page.keyboard.press('Shift+Tab');
    }
    const opened = page.context().waitForEvent('page');
    await page.keyboard.press('Enter');
    expect(await (await opened).evaluate('window.opener')).toBeNull();
    expect(pages.foreign).toEqual([url]);
    expect(pages.complaints).toEqual([]);
  });

  it('completes a song by its title and sends what it stands for', async () => {
    let asked: unknown;
    await pages.reopen({
      handlers: {
        async command({ options, answer }) {
          asked = options;
          await answer({ text: 'there' });
        },
      },
    });
    const page = await joinAs(await pages.visit(), 'Ana');
    await page.fill('.write', '/song har');
    await page.getByRole('option', { name: 'Slow Harbour' }).click();
    await page.keyboard.press('Enter');
    await shown(page, 'there').waitFor();
    expect(asked).toEqual({ name: 'demo-1' });
    await page.locator('.answers', { hasText: '/song Slow Harbour' }).waitFor();
  });

  it('offers the files of a message for download', async () => {
    const page = await joinAs(await pages.visit(), 'Ana');
    await say(page, '/playlist calm');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'calm.m3u8' }).click();
    expect((await downloading).suggestedFilename()).toBe('calm.m3u8');
  });
});
