import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { openLivelyRoom } from '../support/lively-room.ts';
import type { RunningRoom } from '../support/room.ts';

export const PLACE = { communityId: 'room:main', channel: 'main' };
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
};

/** A room for each test, and browsers on its page. */
export interface RoomPages {
  readonly room: RunningRoom;
  /** What the pages complained about: errors, violations of the content security policy. */
  readonly complaints: readonly string[];
  /** Requests that left for another host. */
  readonly foreign: readonly string[];
  /** Another room in place of this one. */
  reopen(options: Parameters<typeof openLivelyRoom>[0]): Promise<void>;
  context(options: BrowserContextOptions): Promise<BrowserContext>;
  /** A browser of somebody's own on the room's page. */
  visit(options?: BrowserContextOptions, path?: string, url?: string): Promise<Page>;
}

/** Opens and closes rooms and browsers with the tests of the `describe` that it is called in. */
export function roomPages(): RoomPages {
  let browser: Browser;
  let room: RunningRoom;
  let contexts: BrowserContext[];
  let complaints: string[];
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

  async function context(options: BrowserContextOptions): Promise<BrowserContext> {
    const opened = await browser.newContext(options);
    contexts.push(opened);
    return opened;
  }

  return {
    get room() {
      return room;
    },
    get complaints() {
      return complaints;
    },
    get foreign() {
      return foreign;
    },
    context,
    async reopen(options) {
      await room.remove();
      room = await openLivelyRoom(options);
    },
    async visit(options = DESKTOP, path = '/', url = room.url) {
      const own = await context(options);
      await own.route(
        (asked) => asked.host !== new URL(url).host && asked.protocol.startsWith('http'),
        async (route) => {
          foreign.push(route.request().url());
          await route.fulfill({ contentType: 'text/html', body: '<title>player</title>' });
        },
      );
      const page = await own.newPage();
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
    },
  };
}

export async function joinAs(page: Page, name: string): Promise<Page> {
  await page.fill('#join-name', name);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.write');
  return page;
}

export async function say(page: Page, line: string): Promise<void> {
  await page.fill('.write', `${line} `);
  await page.keyboard.press('Enter');
}

/** A text in the stream, not in what is read out. */
export const shown = (page: Page, text: string) => page.locator('#stream').getByText(text, { exact: true });

export const focused = (page: Page, what: string) => page.evaluate(`document.activeElement?.${what}`);

export const pill = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name}`) });
