import type { Button, Message } from '../src/chat/message.ts';
import type { PushFailure, StoredPush } from '../src/domain/spotify.ts';
import { aboutHowLong } from '../src/spotify/link-words.ts';
import type { PushNews, PushState } from '../src/spotify/pushes.ts';
import type { Services } from './command.ts';
import { inline, list } from './phrases.ts';
import { songOf } from './songs.ts';

/** So many songs that were left out are named. */
const NAMED = 3;

export const words = {
  underWay: 'It is on its way to your Spotify …',
  underWayShared: 'It is being made in Spotify …',
  done: 'It is in your Spotify.',
  doneShared: 'It is in Spotify, for everybody who has the link. Save it there to keep it.',
  instead: 'The playlist that was to be updated is not in your Spotify any more, so this is a new one.',
  waiting: {
    limited: (time: string) =>
      `Spotify wants a rest from me. I go on by myself in ${time} and tell you when it is there.`,
    quota: (time: string) =>
      `Spotify has had all the calls it takes from me for now. I go on by myself in ${time} and tell you when it is there.`,
    unavailable: (time: string) =>
      `Spotify has a bad moment. I try again in ${time} and tell you when it is there.`,
  },
  left: (names: readonly string[], more: number) => {
    const all = [...names, ...(more > 0 ? [`${more} more`] : [])];
    return names.length + more === 1
      ? `${list(all)} is not in Spotify, so it stays here.`
      : `Not in Spotify, so they stay here: ${list(all)}.`;
  },
  demo: 'The songs of this demo are invented, so the list stays here and does not go to Spotify.',
  choice: (name: string) =>
    `You have had such a list within the hour. Shall it take the place of *${name}* in your Spotify, or become a playlist of its own?`,
  removed: 'It was in your Spotify, and is not there any more. I can make it again.',
  stillThere: 'It is in your Spotify already.',
  notYours: 'That list is gone, or it is somebody else’s. Send */playlist* for a new one.',
  notSetUp:
    'Whoever runs me has not set me up with Spotify. My playlists come with links instead, and as a file to import.',
  noShared: 'I have no Spotify account of my own any more. Send */link* to get your lists into yours.',
  toMine: 'To my Spotify',
  asShared: 'As a Spotify playlist',
  open: 'Open in Spotify',
  update: (name: string) => `Update “${name}”`,
  asNew: 'A new playlist',
  again: 'Make it again',
  retry: 'Try again',
  relink: 'Link Spotify again',
  link: 'Link Spotify',
  /** For somebody who asked a while ago, in a message of its own. */
  later: {
    done: (name: string) => `Your playlist *${name}* is in your Spotify now.`,
    doneShared: (name: string) =>
      `Your playlist *${name}* is in Spotify now, for everybody who has the link.`,
    failed: (name: string) => `Your playlist *${name}* has not made it to Spotify.`,
    doneOpen: 'your playlist is in your Spotify now.',
    failedOpen: 'your playlist has not made it to Spotify. Send */playlists* to see why.',
  },
};

const failures: Readonly<Record<PushFailure, { readonly own: string; readonly shared: string }>> = {
  unavailable: {
    own: 'Spotify has not answered as it should for a day, so I gave up. The list is safe here: try again when Spotify is well.',
    shared: 'Spotify has not answered as it should for a day, so I gave up. The list is safe here.',
  },
  unlinked: {
    own: 'No Spotify account of yours is linked any more. Link it, and the list goes there.',
    shared: 'My own Spotify account is not linked any more. Whoever runs me can link it again.',
  },
  'link-ended': {
    own: 'Spotify does not let me into your account any more: you ended it, it is six months old, or the account is closed. Link it again, and the list goes there.',
    shared: 'Spotify does not let me into my own account any more. Whoever runs me has to link it again.',
  },
  'not-allowed': {
    own: 'Spotify does not let your account use this app. Whoever runs me has to add you to its users at developer.spotify.com/dashboard (name and e-mail address, five people at most); then try again.',
    shared:
      'Spotify does not let my own account use its app. Whoever runs me has to add it to the users at developer.spotify.com/dashboard.',
  },
  premium: {
    own: 'Spotify has put this app on hold, because the Premium subscription of whoever registered it has ended. They can tell when it is back; then try again.',
    shared:
      'Spotify has put this app on hold, because the Premium subscription of whoever registered it has ended. They can tell when it is back; then try again.',
  },
  scope: {
    own: 'You agreed to less than playlists need. Link your account again, and agree to all of it.',
    shared:
      'My own Spotify account was linked with less than playlists need. Whoever runs me has to link it again.',
  },
  client: {
    own: 'Spotify does not know my client ID or my secret. Whoever runs me has to look at SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET; *reactune doctor* says more.',
    shared:
      'Spotify does not know my client ID or my secret. Whoever runs me has to look at SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET; *reactune doctor* says more.',
  },
  'nothing-found': {
    own: 'I found none of these songs in Spotify, so there is nothing to put there. *As a file* brings the list to other players.',
    shared:
      'I found none of these songs in Spotify, so there is nothing to put there. *As a file* brings the list to other players.',
  },
  refused: {
    own: 'Spotify refused it for a reason that I do not know. It is in my log: tell whoever runs me. The list is safe here.',
    shared: 'Spotify refused it for a reason that I do not know. It is in my log: tell whoever runs me.',
  },
};

/** Which failures are mended by linking, and which may pass by themselves or by what the operator does. */
const RELINK: readonly PushFailure[] = ['unlinked', 'link-ended', 'scope'];
const FINAL: readonly PushFailure[] = ['nothing-found'];

export const isShared = (push: StoredPush) => push.owner !== push.memberId;

/** The songs that are not in Spotify, a few by name. */
function leftOut({ missing = [] }: StoredPush, services: Services): string | undefined {
  if (missing.length === 0) return undefined;
  const catalogue = services.catalogue();
  const names = missing.slice(0, NAMED).flatMap((id) => {
    const song = songOf(catalogue, id);
    return song ? [`*${inline(song.title)}*`] : [];
  });
  return words.left(names, missing.length - names.length);
}

/** How a push goes, in a sentence or two. */
export function pushText({ push, state }: PushNews, services: Services): string {
  const shared = isShared(push);
  const left = leftOut(push, services);
  switch (state.kind) {
    case 'under-way':
      return shared ? words.underWayShared : words.underWay;
    case 'waiting':
      return words.waiting[state.why](aboutHowLong(state.until - services.now()));
    case 'done': {
      const sentences = [
        shared ? words.doneShared : words.done,
        ...(push.instead ? [words.instead] : []),
        ...(left === undefined ? [] : [left]),
      ];
      return sentences.join(' ');
    }
    case 'failed':
      return failures[state.failure][shared ? 'shared' : 'own'];
  }
}

/** What can be done next about a push. */
export function pushButtons({ push, state }: PushNews): readonly Button[] {
  if (state.kind === 'done') return [{ url: state.url, label: words.open, style: 'primary' }];
  if (state.kind !== 'failed' || FINAL.includes(state.failure)) return [];
  const verb = isShared(push) ? 'shared-push' : 'push';
  // For who is not linked it leads to linking, and then on.
  const label = RELINK.includes(state.failure) && !isShared(push) ? words.relink : words.retry;
  return [{ action: `playlist:${verb}:${push.playlistId}`, label }];
}

/** A push that was long under way, or outlived a restart, has ended: for whoever asked for it, alone. */
export function laterMessage(news: PushNews, services: Services): Message {
  const { push, state } = news;
  const name = inline(push.name);
  const { done, doneShared, failed } = words.later;
  const opening = state.kind === 'failed' ? failed(name) : isShared(push) ? doneShared(name) : done(name);
  const rest =
    state.kind === 'failed'
      ? pushText(news, services)
      : [push.instead ? words.instead : '', leftOut(push, services) ?? '']
          .filter((part) => part !== '')
          .join(' ');
  return {
    text: rest === '' ? opening : `${opening} ${rest}`,
    tone: state.kind === 'failed' ? 'refusal' : 'success',
    buttons: [...pushButtons(news), { action: `playlist:show:${push.playlistId}`, label: 'Show the list' }],
    private: true,
  };
}

/** The same where everybody may read it: nothing of what is in the list, and no link. */
export function laterOpenMessage({ state }: { readonly state: PushState }): Message {
  return { text: state.kind === 'failed' ? words.later.failedOpen : words.later.doneOpen };
}
