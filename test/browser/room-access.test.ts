import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { CHROMIUM, IN_CHROMIUM } from '../support/browser.ts';
import { playlistMessage, postSnippet } from '../support/lively-room.ts';
import { DESKTOP, focused, joinAs, PHONE, PLACE, pill, roomPages, say } from './room-page.ts';

describe.skipIf(CHROMIUM === undefined)(`the room's page, for everybody (${IN_CHROMIUM})`, () => {
  const pages = roomPages();

  it('can be used by keyboard alone: join, ask, react, play, write', async () => {
    await postSnippet(pages.room);
    const page = await pages.visit();
    // Skip link first, then straight to the name.
    await page.keyboard.press('Tab');
    expect(await focused(page, 'textContent')).toBe('Skip to writing');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ana');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.write:focus');
    await page.keyboard.type('/pl');
    await page.getByRole('option', { name: '/playlist' }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('option', { name: 'Calm' }).waitFor();
    await page.keyboard.type('ca');
    await expect.poll(() => page.getByRole('option').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.getByText('Another one').waitFor();
    // Escape leaves the field's popup; Shift+Tab goes to the newest message's controls.
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page, 'textContent')).toBe('Share');
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    expect(await focused(page, "getAttribute('aria-label')")).toBe('Play Paper Lanterns');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Energetic ⚡, 1: you' }).waitFor();
    expect(await focused(page, "getAttribute('aria-pressed')")).toBe('true');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.type('hello');
    await page.keyboard.press('Enter');
    await page.locator('#list').getByText('hello').waitFor();
    await page.keyboard.press('ArrowUp');
    expect(await page.inputValue('.write')).toBe('hello');
  });

  it('fits a phone without scrolling sideways', async () => {
    await postSnippet(pages.room);
    await pages.room.room.post(PLACE, { ...playlistMessage(), private: false });
    const page = await joinAs(await pages.visit(PHONE), 'Ana');
    await page.getByText('Another one').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(
      await page.locator('#stream').evaluate((element) => element.scrollWidth - element.clientWidth),
    ).toBe(0);
  });

  it('keeps the button for another reaction clear of the words on a phone', async () => {
    const page = await joinAs(await pages.visit(PHONE), 'Ana');
    await say(page, 'Hello there.');
    await say(page, 'A second message right after it, so long that it runs up to the edge of a phone.');
    const second = page.locator('#list .message').nth(1);
    const button = await second.getByRole('button', { name: 'Add another reaction' }).boundingBox();
    const words = await second.locator('.text').evaluate((element) => {
      const range = element.ownerDocument.createRange();
      range.selectNodeContents(element);
      return Math.max(...[...range.getClientRects()].map(({ right }) => right));
    });
    expect(words).toBeLessThanOrEqual(button!.x);
  });

  describe.each([
    ['light', { ...DESKTOP, colorScheme: 'light' }],
    ['dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['on a phone', { ...PHONE, colorScheme: 'light' }],
    ['on a phone, dark', { ...PHONE, colorScheme: 'dark' }],
  ] as const)('%s', (_name, options) => {
    async function violations(page: Page): Promise<string[]> {
      // Evaluated by the debugger: the page's own policy lets no foreign script in.
      await page.evaluate(axe.source);
      const results = await page.evaluate<AxeResults>(
        "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
      );
      return results.violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join('\n')}`,
      );
    }

    it('passes the accessibility rules on every view', async () => {
      await postSnippet(pages.room);
      await pages.room.room.post(PLACE, {
        title: 'Training',
        text: 'Halfway *there*.',
        tone: 'success',
        fields: [{ name: 'Songs', value: '400' }],
        progress: { percent: 50, label: 'Learning' },
        buttons: [
          { action: 'a:b', label: 'Cancel', style: 'danger' },
          { url: 'https://open.spotify.com/', label: 'Open in Spotify', style: 'primary' },
          { url: 'https://example.org/', label: 'Read more' },
        ],
      });
      const page = await pages.visit(options);
      expect(await violations(page)).toEqual([]);
      await joinAs(page, 'Ana');
      await pill(page, 'Calm').click();
      await say(page, '/playlist calm');
      await page.getByText('Another one').waitFor();
      await say(page, '/nonsense');
      await page.locator('#list').getByText('I know no command').waitFor();
      await page.fill('.write', '/');
      await page.waitForSelector('.suggestion');
      expect(await violations(page)).toEqual([]);
      await page.fill('.write', '');
      await page.click('#people-button');
      expect(await violations(page)).toEqual([]);
    });
  });
});
