import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, IN_CHROMIUM, openBrowser } from '../support/browser.ts';
import { layCable } from '../support/cable.ts';
import { openLivelyRoom, playlistMessage, postSnippet } from '../support/lively-room.ts';
import type { RunningRoom } from '../support/room.ts';

const PLACE = { communityId: 'room:main', channel: 'main' };
const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
};

describe.skipIf(CHROMIUM === undefined)(`the room's page (${IN_CHROMIUM})`, () => {
  let browser: Browser;
  let room: RunningRoom;
  let contexts: BrowserContext[];
  /** What the page complained about: errors, violations of the content security policy. */
  let complaints: string[];
  /** Requests that left for another host. */
  let foreign: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    room = await openLivelyRoom();
    contexts = [];
    complaints = [];
    foreign = [];
  });

  afterEach(async () => {
    for (const context of contexts) await context.close();
    await room.remove();
  });

  /** A browser of somebody's own on the room's page. */
  async function visit(options: BrowserContextOptions = DESKTOP, path = '/', url = room.url): Promise<Page> {
    const context = await browser.newContext(options);
    contexts.push(context);
    await context.route(
      (asked) => asked.host !== new URL(url).host && asked.protocol.startsWith('http'),
      async (route) => {
        foreign.push(route.request().url());
        await route.fulfill({ contentType: 'text/html', body: '<title>player</title>' });
      },
    );
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A lost connection is what one of the tests is about.
      if (message.type() === 'error' && !/WebSocket|Failed to load|ERR_CONNECTION/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await page.goto(`${url}${path}`);
    await page.waitForSelector('[data-ready]');
    return page;
  }

  async function joinAs(page: Page, name: string): Promise<Page> {
    await page.fill('#join-name', name);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.write');
    return page;
  }

  async function say(page: Page, line: string): Promise<void> {
    await page.fill('.write', `${line} `);
    await page.keyboard.press('Enter');
  }

  /** A text in the stream, not in what is read out. */
  const shown = (page: Page, text: string) => page.locator('#stream').getByText(text, { exact: true });

  const focused = (page: Page, what: string) => page.evaluate(`document.activeElement?.${what}`);

  const pill = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) });

  it('shows a reaction in another browser at once, with who it was', async () => {
    await postSnippet(room);
    const ana = await joinAs(await visit(), 'Ana');
    const ben = await joinAs(await visit(), 'Ben');
    await pill(ana, 'Calm').click();
    await ben.getByRole('button', { name: 'Calm 😌, 1: Ana' }).waitFor();
    expect(await pill(ben, 'Calm').getAttribute('aria-pressed')).toBe('false');
    expect(await pill(ana, 'Calm').getAttribute('aria-pressed')).toBe('true');
    await pill(ana, 'Calm').click();
    await ben.getByRole('button', { name: 'Calm 😌, 0' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('keeps the name over a reload and lets it be changed', async () => {
    const page = await joinAs(await visit(), 'Ana');
    await page.reload();
    await page.waitForSelector('.write');
    await page.click('#people-button');
    await page.fill('#own-name', 'Anastasia');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByText('Anastasia (you)').waitFor();
  });

  it('says that a person is forgotten, on the page that begins anew, and shows them to nobody', async () => {
    const ana = await joinAs(await visit(), 'Ana');
    const ben = await joinAs(await visit(), 'Ben');
    await ben.click('#people-button');
    await ben.getByText('Ana', { exact: true }).waitFor();
    const { id } = (await room.member('Cleo')).frames.flatMap((frame) =>
      frame.t === 'state' ? frame.state.people.filter(({ name }) => name === 'Ana') : [],
    )[0] as { id: string };
    await room.room.forget(`room:${id}`);
    await ana.getByText('you are forgotten here').waitFor();
    await ana.waitForSelector('#join-name');
    await ben.getByText('Ana', { exact: true }).waitFor({ state: 'detached' });
  });

  it('says why a name cannot be had, and what about another', async () => {
    await room.member('Ana');
    const page = await visit();
    await page.fill('#join-name', 'ana');
    await page.keyboard.press('Enter');
    await page.getByText('How about “ana 2”?').waitFor();
    await joinAs(page, 'ana 2');
  });

  it('makes the operator a moderator by the link, whose secret leaves the address bar', async () => {
    const link = new URL(room.room.claimUrl());
    const page = await visit(DESKTOP, `/${link.hash}`);
    await page.getByText('You are a moderator now.').waitFor();
    expect(page.url()).toBe(`${room.url}/`);
    await joinAs(page, 'Olga');
    await room.member('Ben');
    await page.click('#people-button');
    await page.getByRole('button', { name: 'Make Ben a moderator' }).click();
    await page.getByRole('button', { name: 'Take moderator from Ben' }).waitFor();
    const ben = await room.member('Ben');
    await ben.until(() => ben.self.moderator);
  });

  it('asks for the room password first, and the claim link survives that', async () => {
    await room.remove();
    room = await openLivelyRoom({ password: 'sesame' });
    const context = await browser.newContext(DESKTOP);
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(room.room.claimUrl());
    await page.fill('#password', 'wrong');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password.').waitFor();
    await page.evaluate(axe.source);
    const checked = await page.evaluate<AxeResults>('axe.run(document)');
    expect(checked.violations.map(({ id }) => id)).toEqual([]);
    await page.fill('#password', 'sesame');
    await page.keyboard.press('Enter');
    await page.getByText('You are a moderator now.').waitFor();
  });

  it('shows a private answer to its asker only, over reloads too', async () => {
    const ana = await joinAs(await visit(), 'Ana');
    const ben = await joinAs(await visit(), 'Ben');
    await say(ana, '/playlist calm');
    await ana.getByText('Only you can see this').waitFor();
    await say(ana, 'done');
    await shown(ben, 'done').waitFor();
    expect(await ben.getByText('Only you can see this').count()).toBe(0);
    await ana.reload();
    await ana.getByText('Only you can see this').waitFor();
  });

  it('plays one sound at a time, and seeks', async () => {
    await postSnippet(room);
    const page = await joinAs(await visit(), 'Ana');
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
    expect(complaints).toEqual([]);
  });

  it('asks no third party for anything before a click on a Spotify song', async () => {
    await postSnippet(room, { kind: 'spotify', uri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC' });
    const page = await joinAs(await visit(), 'Ana');
    await shown(page, 'Paper Lanterns').waitFor();
    expect(foreign).toEqual([]);
    await page.getByRole('button', { name: 'Play Paper Lanterns with Spotify' }).click();
    await page.waitForSelector('iframe.spotify');
    await expect.poll(() => foreign).toEqual(['https://open.spotify.com/embed/track/4uLU6hMCjMI75M1A2tKUQC']);
    expect(complaints).toEqual([]);
  });

  it('leads to a page by a link among the buttons, with the keyboard, and looks at no page before', async () => {
    const page = await joinAs(await visit(), 'Ana');
    const url = 'https://open.spotify.com/playlist/1?a=b&c=d';
    await room.room.post(PLACE, {
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
    expect(foreign).toEqual([]);
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
    expect(foreign).toEqual([url]);
    expect(complaints).toEqual([]);
  });

  it('shows what it told Ana while she was away, when she comes back, and again on a reload', async () => {
    const page = await joinAs(await visit(), 'Ana');
    const { people } = (await room.member('Ben')).frames.flatMap((frame) =>
      frame.t === 'state' ? [frame.state] : [],
    )[0]!;
    const ana = people.find(({ name }) => name === 'Ana')!;
    await page.goto('about:blank');
    await room.room.tell(`room:${ana.id}`, { text: 'It has arrived.' });
    for (const _visit of ['first', 'second']) {
      await page.goto(room.url);
      await shown(page, 'It has arrived.').waitFor();
      await page.getByText('Only you can see this').waitFor();
    }
    const bea = await joinAs(await visit(), 'Bea');
    expect(await shown(bea, 'It has arrived.').count()).toBe(0);
  });

  it('shows that the connection is lost, heals, and has missed nothing', async () => {
    const cable = await layCable(Number(new URL(room.url).port));
    const page = await joinAs(await visit(DESKTOP, '/', cable.url), 'Ana');
    const ben = await room.member('Ben');
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

  it('can be used by keyboard alone: join, ask, react, play, write', async () => {
    await postSnippet(room);
    const page = await visit();
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

  it('completes a song by its title and sends what it stands for', async () => {
    let asked: unknown;
    await room.remove();
    room = await openLivelyRoom({
      handlers: {
        async command({ options, answer }) {
          asked = options;
          await answer({ text: 'there' });
        },
      },
    });
    const page = await joinAs(await visit(), 'Ana');
    await page.fill('.write', '/song har');
    await page.getByRole('option', { name: 'Slow Harbour' }).click();
    await page.keyboard.press('Enter');
    await shown(page, 'there').waitFor();
    expect(asked).toEqual({ name: 'demo-1' });
    await page.locator('.answers', { hasText: '/song Slow Harbour' }).waitFor();
  });

  it('draws what people wrote as text, never as markup', async () => {
    const page = await joinAs(await visit(), 'Ana');
    const ben = await room.member('<b>Ben</b>');
    await ben.types('<img src=x onerror=alert(1)> *not bold* javascript:alert(1) https://example.org/a');
    await page.locator('#list').getByText('<img src=x').waitFor();
    expect(await page.locator('#list strong').count()).toBe(0);
    expect(await page.locator('#list .text a').getAttribute('href')).toBe('https://example.org/a');
    expect(complaints).toEqual([]);
  });

  it('stays smooth and at the end with a thousand messages, and loads older ones on the way up', async () => {
    const ref = await room.room.post(PLACE, { text: 'the very first' });
    for (let index = 0; index < 1_000; index++) {
      await room.room.post(PLACE, { text: `message number ${index}` });
    }
    const page = await joinAs(await visit(), 'Ana');
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
      await room.room.post(PLACE, { text: `message number ${index}` });
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
    for (let index = 0; index < 40; index++) await room.room.post(PLACE, { text: `line ${index}` });
    const page = await joinAs(await visit(), 'Ana');
    await page.locator('#stream').evaluate((element) => element.scrollTo(0, 200));
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    await room.room.post(PLACE, { text: 'news' });
    await page.getByRole('button', { name: '1 new message' }).click();
    await shown(page, 'news').waitFor();
    expect(await page.locator('.unread').textContent()).toBe('New');
  });

  it('shows progress edited in place', async () => {
    const page = await joinAs(await visit(), 'Ana');
    const ref = await room.room.post(PLACE, {
      text: 'Training',
      progress: { percent: 10, label: 'Preparing' },
    });
    await page.getByRole('progressbar', { name: 'Preparing' }).waitFor();
    await room.room.edit(ref, {
      text: 'Training',
      progress: { percent: 60, label: 'Learning', secondsLeft: 9 },
    });
    await page.getByText('60% · 9 s left').waitFor();
    expect(await page.locator('#list article').count()).toBe(1);
  });

  it('offers the files of a message for download', async () => {
    const page = await joinAs(await visit(), 'Ana');
    await say(page, '/playlist calm');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'calm.m3u8' }).click();
    expect((await downloading).suggestedFilename()).toBe('calm.m3u8');
  });

  it('fits a phone without scrolling sideways', async () => {
    await postSnippet(room);
    await room.room.post(PLACE, { ...playlistMessage(), private: false });
    const page = await joinAs(await visit(PHONE), 'Ana');
    await page.getByText('Another one').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(
      await page.locator('#stream').evaluate((element) => element.scrollWidth - element.clientWidth),
    ).toBe(0);
  });

  it('keeps the button for another reaction clear of the words on a phone', async () => {
    const page = await joinAs(await visit(PHONE), 'Ana');
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
      await postSnippet(room);
      await room.room.post(PLACE, {
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
      const page = await visit(options);
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
