import type { Button, Message } from '../src/chat/message.ts';
import type { StoredPlaylist } from '../src/domain/member.ts';
import { longDate, plainName } from '../src/spotify/link-words.ts';
import type { PushNews } from '../src/spotify/pushes.ts';
import type { Command, CommandContext, Services } from './command.ts';
import { count, moment } from './phrases.ts';
import { wishName } from './playlist-drawing.ts';
import { isShared, pushText } from './push-words.ts';

const words = {
  title: 'Your playlists',
  none: 'There is no list of yours yet. Send */playlist* for the first one.',
  latest: (shown: number) => (shown === 1 ? 'Your latest list:' : `Your latest ${shown}:`),
  kept: 'kept',
  inSpotify: 'in your Spotify',
  inShared: 'in Spotify, for everybody',
  takenOver: 'its playlist in Spotify has been updated since',
  linked: (name: string, until: number) =>
    `Your Spotify account *${name}* is linked, until ${longDate(until)}: new lists go there by themselves.`,
  ended: (name: string) => `The link to your Spotify account *${name}* has ended. */link* brings it back.`,
  notLinked: 'No Spotify account of yours is linked. */link* does it, and new lists go there by themselves.',
  open: (number: number) => `Show ${number}`,
  inSpotifyButton: (number: number) => `${number} in Spotify`,
  another: 'A new one',
};

/** Two buttons each, and one for a new list: as many as every platform shows. */
const SHOWN = 8;

async function howTheyStand({ services, asker }: CommandContext): Promise<string | undefined> {
  const status = await services.spotify?.links.status(asker.memberId);
  switch (status?.kind) {
    case undefined:
      return undefined;
    case 'none':
      return words.notLinked;
    case 'ended':
      return words.ended(plainName(status.name));
    case 'linked':
      return words.linked(plainName(status.name), status.until);
  }
}

/** Both ways a list may have gone into Spotify, the member's own first. */
async function newsOf({ id }: StoredPlaylist, { spotify }: Services): Promise<PushNews[]> {
  const both = [await spotify?.pushes.news(id, false), await spotify?.pushes.news(id, true)];
  return both.filter((news) => news !== undefined);
}

/** @param taken addresses of playlists that hold a newer list */
function where(news: readonly PushNews[], taken: ReadonlySet<string>, services: Services): string[] {
  return news.map((one) => {
    if (one.state.kind !== 'done') return pushText(one, services);
    if (taken.has(one.state.url)) return words.takenOver;
    return isShared(one.push) ? words.inShared : words.inSpotify;
  });
}

async function show(context: CommandContext): Promise<Message> {
  const { services, asker, community } = context;
  const lists = await services.store.recentPlaylists(asker.memberId, SHOWN);
  const standing = await howTheyStand(context);
  const latest = lists.length === 0 ? words.none : words.latest(lists.length);
  const parts = lists.length === 0 ? [latest, standing] : [standing, latest];
  const text = parts.filter((part) => part !== undefined).join(' ');
  const buttons: Button[] = [];
  const fields: { name: string; value: string }[] = [];
  const taken = new Set<string>();
  for (const [index, list] of lists.entries()) {
    const news = await newsOf(list, services);
    const day = moment(list.createdAt, services.now(), community.settings.timeZone);
    fields.push({
      name: `${index + 1}. ${wishName(list.wish, services)}`,
      value: [
        day,
        count(list.songs.length, 'song'),
        ...(list.kept ? [words.kept] : []),
        ...where(news, taken, services),
      ].join(' · '),
    });
    buttons.push({ action: `playlist:show:${list.id}`, label: words.open(index + 1) });
    const [done] = news.filter(({ state }) => state.kind === 'done');
    if (done?.state.kind !== 'done' || taken.has(done.state.url)) continue;
    taken.add(done.state.url);
    buttons.push({ url: done.state.url, label: words.inSpotifyButton(index + 1) });
  }
  buttons.push({ action: 'playlist:make', label: words.another, style: 'primary' });
  return { title: words.title, text, fields, buttons, private: true };
}

export const playlists: Command = {
  name: 'playlists',
  description: 'Your last lists, and where they are in Spotify',
  options: [],
  run: show,
};
