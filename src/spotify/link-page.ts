import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { SHARED_ACCOUNT } from '../domain/spotify.ts';
import type { TicketRefusal } from './invitations.ts';
import type { StateRefusal } from './link.ts';
import { aboutHowLong, failureText, longDate, places } from './link-words.ts';
import type { LinkResult } from './linking.ts';
import type { LinkFailure } from './spotify.ts';
import type { Ticket } from './ticket.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Whose pages they are, and the path that all of them are below: empty, or as in PUBLIC_URL. */
export interface Site {
  readonly brand: string;
  readonly root: string;
}

/** A page and how it is answered. */
export interface LinkPage {
  readonly status: 200 | 400 | 403 | 404 | 410 | 429 | 500 | 502 | 503;
  readonly body: Html;
  readonly retryAfterMs?: number;
}

const BACK = 'You can close this page and go back to the chat.';

/** What is said in the chat's markup, for a page. */
const unmarked = (text: string) => text.replaceAll('*', '');

/** All pages of linking. They work without script. */
function page(site: Site, title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex, nofollow">
    <title>${title} · ${site.brand}</title>
    <link rel="icon" href="${site.root}/spotify/logo.svg" type="image/svg+xml">
    <link rel="stylesheet" href="${site.root}/spotify/page.css">
  </head>
  <body class="login">
    <main class="login-card link-card">
      <img class="login-logo" src="${site.root}/spotify/logo.svg" alt="" width="56" height="56">
      <h1>${title}</h1>
      ${content}
    </main>
  </body>
</html>`;
}

/** The page that a one-time address shows. Going on is a form, because only that uses the address up. */
export function startPage(site: Site, ticket: Ticket, sealed: string, taste: boolean, now: number): LinkPage {
  const { owner, where, name, expiresAt } = ticket;
  const shared = owner === SHARED_ACCOUNT;
  const whose =
    where === undefined
      ? html`the account that playlists for everybody are made in`
      : html`${name === undefined ? 'somebody' : html`<strong>${name}</strong>`} ${places([where.identity])}`;
  return {
    status: 200,
    body: page(
      site,
      shared ? 'Link the bot’s Spotify account' : 'Link your Spotify account',
      html`<p>For ${whose}. ${shared ? 'Log in there to the account that is meant for it.' : 'Not you? Then close this page.'}</p>
      <p>At Spotify you are asked to let ${site.brand}</p>
      <ul>
        <li>make playlists and change those it made; ${shared ? 'whoever is given the link of one can open it' : 'they are private'}</li>
        <li>see your private playlists, to find its own again</li>
        <li>give them a cover</li>
        ${taste ? html`<li>see the songs you saved and play most, which count as your taste</li>` : ''}
      </ul>
      <form method="post" action="${site.root}/spotify/link/${sealed}">
        <button type="submit" class="button button-primary">Continue to Spotify</button>
      </form>
      <p class="link-note">This page works once, ${expiresAt - now < 86_400_000 ? `for ${aboutHowLong(expiresAt - now)}` : `until ${longDate(expiresAt)}`}. ${shared ? '' : 'You can end it whenever you like: /unlink in the chat, or Apps in your Spotify account.'}</p>`,
    ),
  };
}

const plain = (site: Site, status: LinkPage['status'], title: string, text: string): LinkPage => ({
  status,
  body: page(site, title, html`<p>${text}</p>`),
});

/** Why an address, or the way back from Spotify, is not accepted. */
export function refusedPage(site: Site, why: TicketRefusal | StateRefusal | 'no-cookie'): LinkPage {
  switch (why) {
    case 'used':
      return plain(
        site,
        410,
        'This was used already',
        'The address works once. Send /link in the chat for a new one.',
      );
    case 'expired':
      return plain(
        site,
        410,
        'This took too long',
        'The address is no longer good. Send /link in the chat for a new one.',
      );
    case 'another-browser':
      return plain(
        site,
        403,
        'Not the browser you began in',
        'Whoever begins has to come back in the same browser, and with one account at a time. Send /link in the chat, and do it all in one go.',
      );
    case 'no-cookie':
      return plain(
        site,
        400,
        'Your browser keeps no cookies',
        'One is needed for a few minutes, so that nobody else can finish what you begin. Allow it for this page, then open the address once more.',
      );
    default:
      return plain(
        site,
        400,
        'That is not an address of mine',
        'A part of it may be missing. Send /link in the chat for a new one.',
      );
  }
}

export function pausedPage(site: Site, retryAfterMs: number): LinkPage {
  const text = `Spotify wants a rest from ${site.brand}. Try again in ${aboutHowLong(retryAfterMs)}: your address was not used up, and if it has ended by then, /link gives you a new one.`;
  return { ...plain(site, 503, 'Not right now', text), retryAfterMs };
}

export function nothingPage(site: Site): LinkPage {
  return plain(site, 404, 'Nothing to see here', `How it went is in the chat. ${BACK}`);
}

export function brokenPage(site: Site, id: string): LinkPage {
  const text = `That went wrong on my side, not yours, and nothing was linked. Send /link in the chat to try again. If it keeps happening, tell whoever runs me the word ${id}: it is in my log.`;
  return plain(site, 500, 'Sorry', text);
}

export function answeredPage(site: Site): LinkPage {
  return plain(
    site,
    410,
    'This is answered already',
    `Or it was asked too long ago. How things stand is in the chat. ${BACK}`,
  );
}

const FAILURES: Readonly<Partial<Record<LinkFailure, readonly [LinkPage['status'], string]>>> = {
  'not-allowed': [403, 'Spotify did not let you in'],
  premium: [503, 'Spotify has put this app on hold'],
  limited: [503, 'Not right now'],
  quota: [503, 'Not right now'],
  unavailable: [502, 'Spotify did not answer'],
  scope: [403, 'Something is missing'],
  client: [500, 'This bot is not set up well'],
  stranger: [410, 'I do not know you any more'],
};

/** How it went. */
export function resultPage(site: Site, { ticket, outcome }: LinkResult): LinkPage {
  const shared = ticket.owner === SHARED_ACCOUNT;
  switch (outcome.kind) {
    case 'linked': {
      const what = shared
        ? html`<p>Playlists for everybody are made in <strong>${outcome.name}</strong> from now on.</p>`
        : html`<p>Your Spotify account <strong>${outcome.name}</strong> is linked. Your playlists can go there now.</p>`;
      return {
        status: 200,
        body: page(
          site,
          'That worked',
          html`${what}
      ${outcome.instead === undefined ? '' : html`<p>It takes the place of <strong>${outcome.instead}</strong>.</p>`}
      ${outcome.tasteRefused === true ? html`<p>You did not agree to have your songs looked at, so they do not count as your taste.</p>` : ''}
      <p>By Spotify’s rules this holds until ${longDate(outcome.until)}.</p>
      <p>${shared ? 'You can close this page.' : BACK}</p>`,
        ),
      };
    }
    case 'one-person':
      return {
        status: 200,
        body: page(
          site,
          'Are you two one person?',
          html`<p>The Spotify account <strong>${outcome.name}</strong> is linked already, by somebody ${places(outcome.other)}. If that is you as well, both of you become one: one taste, one list of playlists, and a vote counts once. /unlink parts you again.</p>
      <form method="post" action="${site.root}/spotify/answer">
        <input type="hidden" name="question" value="${outcome.question}">
        <button type="submit" name="answer" value="same" class="button button-primary">Yes, that is me too</button>
        <button type="submit" name="answer" value="apart" class="button">No, somebody else</button>
      </form>`,
        ),
      };
    case 'joined':
      return {
        status: 200,
        body: page(
          site,
          'Welcome together',
          html`<p>You here and ${places(outcome.other)} are one person now, with the Spotify account <strong>${outcome.name}</strong>. Your votes count once.</p>
      <p>${BACK}</p>`,
        ),
      };
    case 'apart':
      return plain(
        site,
        200,
        'Everything stays as it was',
        'One Spotify account can be linked by one person only. Log in to another one at Spotify, and send /link in the chat again.',
      );
    case 'declined':
      return plain(
        site,
        200,
        'Nothing was linked',
        `You did not agree at Spotify. If you change your mind, send /link again. ${BACK}`,
      );
    case 'failed': {
      const [status, title] = FAILURES[outcome.problem] ?? [400, 'That did not work'];
      const { retryAfterMs } = outcome;
      return {
        ...plain(site, status, title, unmarked(failureText(outcome.problem, retryAfterMs))),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    }
  }
}
