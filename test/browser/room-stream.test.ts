import { describe, expect, it } from 'vitest';
import { CHROMIUM, IN_CHROMIUM } from '../support/browser.ts';
import { layCable } from '../support/cable.ts';
import { DESKTOP, joinAs, PLACE, roomPages, say, shown } from './room-page.ts';

describe.skipIf(CHROMIUM === undefined)(`the stream of the room's page (${IN_CHROMIUM})`, () => {
  const pages = roomPages();

  it('shows what it told Ana while she was away, when she comes back, and again on a reload', async () => {
    const page = await joinAs(await pages.visit(), 'Ana');
    const { people } = (await pages.room.member('Ben')).frames.flatMap((frame) =>
      frame.t === 'state' ? [frame.state] : [],
    )[0]!;
    const ana = people.find(({ name }) => name === 'Ana')!;
    await page.goto('about:blank');
    await pages.room.room.tell(`room:${ana.id}`, { text: 'It has arrived.' });
    for (const _visit of ['first', 'second']) {
      await page.goto(pages.room.url);
      await shown(page, 'It has arrived.').waitFor();
      await page.getByText('Only you can see this').waitFor();
    }
    const bea = await joinAs(await pages.visit(), 'Bea');
    expect(await shown(bea, 'It has arrived.').count()).toBe(0);
  });

  it('shows that the connection is lost, heals, and has missed nothing', async () => {
    const cable = await layCable(Number(new URL(pages.room.url).port));
    const page = await joinAs(await pages.visit(DESKTOP, '/', cable.url), 'Ana');
    const ben = await pages.room.member('Ben');
    cable.pull();
    await page.getByText('Connection lost').waitFor();
    await say(page, 'written while away');
    await ben.types('said while Ana was away');
    cable.plug();
    await shown(page, 'said while Ana was away').waitFor();
    await page.getByText('Connection lost').waitFor({ state: 'hidden' });
    await ben.until(() => [...ben.messages.values()].some(({ body }) => body.text === 'written while away'));
    const texts = await page.locator('#list article .text').allTextContents();
    expect(texts.filter((text) => text.includes('away')).sort()).toEqual([
      'said while Ana was away',
      'written while away',
    ]);
    await page.context().close();
    await cable.close();
  });

  it('draws what people wrote as text, never as markup', async () => {
    const page = await joinAs(await pages.visit(), 'Ana');
    const ben = await pages.room.member('<b>Ben</b>');
    await ben.types('<img src=x onerror=alert(1)> *not bold* javascript:alert(1) https://example.org/a');
    await page.locator('#list').getByText('<img src=x').waitFor();
    expect(await page.locator('#list strong').count()).toBe(0);
    expect(await page.locator('#list .text a').getAttribute('href')).toBe('https://example.org/a');
    expect(pages.complaints).toEqual([]);
  });

  it('stays smooth and at the end with a thousand messages, and loads older ones on the way up', async () => {
    const ref = await pages.room.room.post(PLACE, { text: 'the very first' });
    for (let index = 0; index < 1_000; index++) {
      await pages.room.room.post(PLACE, { text: `message number ${index}` });
    }
    const page = await joinAs(await pages.visit(), 'Ana');
    await shown(page, 'message number 999').waitFor();
    expect(await page.locator('#list article').count()).toBeLessThanOrEqual(200);
    // A hundred more while we watch: each is a frame's work at most.
    const slowest = page.evaluate<number>(`new Promise((resolve) => {
      let worst = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) worst = Math.max(worst, entry.duration);
      }).observe({ entryTypes: ['longtask'] });
      const timer = setInterval(() => {
        if (!document.getElementById('list').textContent.includes('message number 1099')) return;
        clearInterval(timer);
        resolve(worst);
      }, 20);
    })`);
    for (let index = 1_000; index < 1_100; index++) {
      await pages.room.room.post(PLACE, { text: `message number ${index}` });
    }
    expect(await slowest).toBeLessThan(500);
    const scroller = page.locator('#stream');
    expect(
      await scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight),
    ).toBeLessThan(40);
    const first = page.locator(`article[data-id="${ref.message}"]`);
    await expect
      .poll(
        async () => {
          await scroller.evaluate((element) => element.scrollTo(0, 0));
          return first.count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await shown(page, 'message number 1099').waitFor();
  });

  it('counts what came while the reader was further up, and marks where it began', async () => {
    for (let index = 0; index < 40; index++) await pages.room.room.post(PLACE, { text: `line ${index}` });
    const page = await joinAs(await pages.visit(), 'Ana');
    await page.locator('#stream').evaluate((element) => element.scrollTo(0, 200));
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    await pages.room.room.post(PLACE, { text: 'news' });
    await page.getByRole('button', { name: '1 new message' }).click();
    await shown(page, 'news').waitFor();
    expect(await page.locator('.unread').textContent()).toBe('New');
  });

  it('shows progress edited in place', async () => {
    const page = await joinAs(await pages.visit(), 'Ana');
    const ref = await pages.room.room.post(PLACE, {
      text: 'Training',
      progress: { percent: 10, label: 'Preparing' },
    });
    await page.getByRole('progressbar', { name: 'Preparing' }).waitFor();
    await pages.room.room.edit(ref, {
      text: 'Training',
      progress: { percent: 60, label: 'Learning', secondsLeft: 9 },
    });
    await page.getByText('60% · 9 s left').waitFor();
    expect(await page.locator('#list article').count()).toBe(1);
  });
});
