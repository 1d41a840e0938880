import type { SlackParts } from '../parts.ts';
import type { Visitor } from '../web-api/consents.ts';

/** Where somebody who installs the app ends up. */
export interface Landing {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

const MOST_STEPS = 10;

/** Follows links as a browser does: keeps cookies, and says yes (or no) on Slack's own page. */
export async function browse(
  { world, consents }: SlackParts,
  start: string,
  visitor: Visitor,
): Promise<Landing> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (url.startsWith(`${world.origin}/oauth/v2/authorize`)) {
      const page = consents.authorize(new URL(url).searchParams, visitor);
      if ('status' in page) return { url, ...page };
      url = page.location;
      continue;
    }
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]!.split(/=(.*)/s);
      cookies.set(name, value);
    }
    const body = await response.text();
    const location = response.headers.get('location');
    // Bolt's install page is a page with one button.
    const button = new RegExp(`href="(${world.origin}/oauth/v2/authorize[^"]*)"`)
      .exec(body)?.[1]
      ?.replaceAll('&amp;', '&');
    const next = location === null ? button : new URL(location, url).toString();
    if (next === undefined) return { url, status: response.status, body };
    url = next;
  }
  throw new Error(`the installation leads in circles: ${url}`);
}
