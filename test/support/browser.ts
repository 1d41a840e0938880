import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A Chromium on this machine; undefined when there is none. */
export const CHROMIUM = CANDIDATES.find((path) => path !== undefined && existsSync(path));

// The gate installs one and insists on it; a suite that is skipped there would go unnoticed.
if (CHROMIUM === undefined && process.env.REQUIRE_BROWSER) {
  throw new Error('There is no Chromium, and REQUIRE_BROWSER insists on one: set CHROMIUM_PATH.');
}

/** For the name of a suite, so that a skipped one says why. */
export const IN_CHROMIUM =
  CHROMIUM === undefined ? 'skipped: no Chromium found, set CHROMIUM_PATH' : 'in Chromium';

export function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('There is no Chromium: set CHROMIUM_PATH.');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
