import type { Logger } from 'pino';
import type { Message } from '../chat/message.ts';
import { SHARED_ACCOUNT, type StoredSpotifyLink } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import { TASTE_SCOPES } from './accounts.ts';
import { consentEnds } from './consent.ts';
import type { Invitations } from './invitations.ts';
import type { LinkRecords } from './link-records.ts';
import { longDate, plainName } from './link-words.ts';
import type { Tell } from './telling.ts';

const DAY_MS = 86_400_000;
/** So long before the end somebody is reminded. */
export const REMIND_MS = 14 * DAY_MS;
/** So long the address in a message about a link that has ended is good. */
const ENDED_INVITATION_MS = 14 * DAY_MS;

const words = {
  soon: (name: string, until: number) =>
    `By Spotify’s rules the link to your account *${name}* ends on ${longDate(until)}, six months after you agreed. One click renews it; what you have stays as it is.`,
  ended: (name: string) =>
    `The link to your Spotify account *${name}* has ended: you took it back at Spotify, its six months are over, or the account is gone. If you like, link it again; otherwise */unlink* has me forget it.`,
  here: ' The address in the button works on the machine that I run on.',
  again: 'Link again',
  openSoon: (until: number) =>
    `your link to Spotify ends on ${longDate(until)}, by Spotify’s rules. Send */link* to renew it.`,
  openEnded: 'your link to Spotify has ended. Send */link* if you want it back.',
};

/** What has to be said about a link, if anything: once before its end, and once after it. */
function due(link: StoredSpotifyLink, now: number): 'soon' | 'ended' | undefined {
  const { remindedAt = Number.NEGATIVE_INFINITY, endedAt } = link;
  if (endedAt !== undefined) return remindedAt < endedAt ? 'ended' : undefined;
  const from = consentEnds(link.authorizedAt) - REMIND_MS;
  return now >= from && remindedAt < from ? 'soon' : undefined;
}

/** Looks at every link once an hour: ends what is over, and tells those whose link ends. */
export function createReminders({
  store,
  records,
  invitations,
  tell,
  log,
  now,
}: {
  readonly store: Pick<Store, 'spotifyLinks'>;
  readonly records: LinkRecords;
  readonly invitations: Invitations;
  readonly tell: Tell;
  readonly log: Logger;
  readonly now: () => number;
}): { look(): Promise<void> } {
  /** Spotify's own clock may be behind; a token that it still takes is of no use to anybody tomorrow. */
  async function endIfOver({ owner }: StoredSpotifyLink): Promise<void> {
    await records.update(owner, (link) => {
      if (link === undefined || link.endedAt !== undefined) return undefined;
      if (consentEnds(link.authorizedAt) > now()) return undefined;
      const { sealed: _worthless, sealedFor: _with, ...rest } = link;
      return { ...rest, endedAt: now() };
    });
  }

  /** Noted before it is said, so that a crash in between annoys nobody twice. False: somebody else has. */
  async function note(link: StoredSpotifyLink, what: 'soon' | 'ended'): Promise<boolean> {
    let mine = false;
    await records.update(link.owner, (current) => {
      if (current === undefined || due(current, now()) !== what) return undefined;
      mine = true;
      return { ...current, remindedAt: now() };
    });
    return mine;
  }

  async function remind(link: StoredSpotifyLink, what: 'soon' | 'ended'): Promise<void> {
    const { owner, where, scopes, authorizedAt } = link;
    const until = consentEnds(authorizedAt);
    if (owner === SHARED_ACCOUNT) {
      const when = what === 'soon' ? `ends on ${longDate(until)}` : 'has ended';
      log.warn(
        `the link to the Spotify account for shared playlists ${when}: restart the bot, its first lines hold a new address`,
      );
      return;
    }
    if (where === undefined) return;
    const taste = TASTE_SCOPES.every((scope) => scopes.includes(scope));
    const livesMs = what === 'soon' ? until - now() : ENDED_INVITATION_MS;
    const renewal = what === 'soon';
    const { url, onlyHere } = await invitations.create({ owner, where, taste, renewal }, livesMs);
    const name = plainName(link.name);
    const alone: Message = {
      text: `${what === 'soon' ? words.soon(name, until) : words.ended(name)}${onlyHere ? words.here : ''}`,
      buttons: [{ url, label: words.again, style: 'primary' }],
    };
    // The address is theirs alone; in a channel they only hear that it is time.
    const open: Message = { text: what === 'soon' ? words.openSoon(until) : words.openEnded };
    const told = await tell(where, alone, open);
    log.info({ owner, what, told }, 'somebody was told about their link to Spotify');
  }

  return {
    async look() {
      for (const link of await store.spotifyLinks()) await endIfOver(link);
      for (const link of await store.spotifyLinks()) {
        const what = due(link, now());
        if (what !== undefined && (await note(link, what))) await remind(link, what);
      }
    },
  };
}
