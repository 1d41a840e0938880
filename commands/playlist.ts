import { randomInt } from 'node:crypto';
import type { Message } from '../src/chat/message.ts';
import type { EmotionWish } from '../src/domain/member.ts';
import { playlistFiles, spotifyLink } from '../src/playlists/export.ts';
import type { PlaylistRefusal } from '../src/playlists/playlists.ts';
import type { ActionContext, Command, Services } from './command.ts';
import { count, inline } from './phrases.ts';
import {
  DEFAULT_ADVENTURE,
  draw,
  drawShared,
  MAX_SONGS,
  songsOf,
  type Wanted,
  wishName,
} from './playlist-drawing.ts';
import { answerWith, planFor, pushActions, sharedLink, standingOf } from './push.ts';

const words = {
  kept: (songs: number) =>
    `Kept. ${songs === 1 ? 'Its song is' : `Its ${songs} songs are`} in your taste now, so the next list knows you better.`,
  shared: (name: string, songs: number) => `*${inline(name)}* shares ${count(songs, 'song')} with you.`,
  sharedBySomebody: (songs: number) => `${count(songs, 'song')}, shared by one of you.`,
  filesAre:
    'Your list for other players: M3U for most of them, XSPF and JSPF for others, CSV for a spreadsheet. Songs with a link open where it leads.',
  noModel:
    'I am still learning what the songs feel like, so there is no playlist yet. React to some snippets meanwhile; a moderator can send */retrain* to hurry me.',
  noSongs: 'I found no song that fits. Try another emotion, or none at all.',
  unheard: (name: string, emoji: string) =>
    `Nobody here has called a song ${name.toLowerCase()} yet, so I cannot know which ones are. Put ${emoji} under snippets that feel like it, and I learn it at the next training.`,
  noFirst: 'A pair needs two emotions: send */playlist* with an emotion and with *and*.',
  pairOrJourney:
    'A list is for two emotions at once or a journey from one to another: send */playlist* with *and* or with *to*, not with both.',
  noStart: 'A journey needs a beginning: send */playlist* with an emotion and with *to*.',
  notYours: 'That list is gone, or it is somebody else’s. Send */playlist* for a new one.',
};

const DEFAULT_SONGS = 15;
const refuse = (text: string): Message => ({ text, tone: 'refusal', private: true });

function refusalText(refusal: PlaylistRefusal, { taxonomy }: Services): string {
  switch (refusal.refusal) {
    case 'no-model':
      return words.noModel;
    case 'no-songs':
      return words.noSongs;
    case 'unheard-emotion': {
      const emotion = taxonomy.get(refusal.emotion);
      return words.unheard(emotion?.name ?? refusal.emotion, emotion?.emoji ?? '');
    }
  }
}

async function make(context: Omit<ActionContext, 'args'>, wanted: Wanted): Promise<Message | undefined> {
  const { services, asker, community } = context;
  const playlist = await services.playlists.make({
    memberId: asker.memberId,
    communityId: community.id,
    count: wanted.count,
    adventure: wanted.adventure,
    seed: randomInt(2 ** 31),
    ...(wanted.wish ? { wish: wanted.wish } : {}),
  });
  if ('refusal' in playlist) return refuse(refusalText(playlist, services));
  const { standing, begin } = await planFor(context, playlist.id, wanted.here === true);
  if (begin === undefined) return draw(playlist, wanted, services, standing);
  return answerWith(context, { playlistId: playlist.id }, begin, async () =>
    draw(playlist, wanted, services, await standingOf(playlist.id, services)),
  );
}

/** An earlier list as it stands, for turning its pages. */
async function show({ services, asker, args }: ActionContext): Promise<Message> {
  const id = args[0] ?? '';
  const playlist = await services.playlists.reopen(id, asker.memberId);
  if (!playlist) return refuse(words.notYours);
  const { wish, entries } = playlist;
  const wanted = { count: entries.length, adventure: DEFAULT_ADVENTURE, ...(wish ? { wish } : {}) };
  return draw(playlist, wanted, services, await standingOf(id, services));
}

/** An emotion with itself is that emotion alone. Not for a pair and a journey at once: the journey is what remains. */
function wishOf(from: string, { to, and }: { to?: string; and?: string }): EmotionWish {
  if (to !== undefined && to !== from) return { from, to };
  return and !== undefined && and !== from ? { from, and } : { from };
}

async function again(context: ActionContext): Promise<Message | undefined> {
  const [from = '', to = '', songs = '', adventure = '', where = '', and = ''] = context.args;
  const { taxonomy } = context.services;
  const inRange = (value: number, min: number, max: number, otherwise: number) =>
    value >= min && value <= max ? value : otherwise;
  // The taxonomy may have changed since the button was drawn.
  const known = (key: string) => (taxonomy.get(key) ? key : undefined);
  const wish = taxonomy.get(from) && wishOf(from, { to: known(to), and: known(and) });
  return make(context, {
    count: inRange(Math.round(Number(songs)), 1, MAX_SONGS, DEFAULT_SONGS),
    adventure: adventure === '' ? DEFAULT_ADVENTURE : inRange(Number(adventure), 0, 1, DEFAULT_ADVENTURE),
    ...(wish ? { wish } : {}),
    ...(where === 'here' ? { here: true } : {}),
  });
}

async function keep({ services, asker, args }: ActionContext): Promise<Message> {
  const id = args[0] ?? '';
  if (!(await services.playlists.keep(id, asker.memberId))) return refuse(words.notYours);
  const playlist = await services.store.playlist(id);
  return { text: words.kept(playlist?.songs.length ?? 0), tone: 'success', private: true };
}

async function share(context: ActionContext): Promise<Message> {
  const { services, asker, args } = context;
  const playlist = await services.store.playlist(args[0] ?? '');
  if (!playlist || playlist.memberId !== asker.memberId) return refuse(words.notYours);
  return drawShared(
    playlist,
    (songs) => words.shared(asker.name, songs),
    services,
    await sharedLink(playlist.id, services),
  );
}

/** For turning the pages of a list that was shared: everybody may, and the name of whoever shared it is not known. */
async function shared({ services, args }: ActionContext): Promise<Message> {
  const playlist = await services.store.playlist(args[0] ?? '');
  if (!playlist) return refuse(words.notYours);
  return drawShared(playlist, words.sharedBySomebody, services, await sharedLink(playlist.id, services));
}

/** Whoever has the button may have the files: it stands under the owner's answer or under a list that was shared. */
async function files({ services, community, args }: ActionContext): Promise<Message> {
  const playlist = await services.store.playlist(args[0] ?? '');
  if (!playlist) return refuse(words.notYours);
  const address = services.webAddress(community);
  return {
    text: words.filesAre,
    files: playlistFiles({
      title: wishName(playlist.wish, services),
      createdAt: playlist.createdAt,
      songs: songsOf(playlist, services),
      linkOf: (song) =>
        spotifyLink(song.spotifyUri) ??
        (address !== undefined && services.soundOf(song).kind === 'own'
          ? `${address}/audio/${encodeURIComponent(song.id)}`
          : undefined),
    }),
    private: true,
  };
}

export const playlist: Command = {
  name: 'playlist',
  description: 'Songs for you, for one emotion or two at once, or for a journey from one to another',
  options: [
    { type: 'emotion', name: 'emotion', description: 'What it should feel like' },
    { type: 'emotion', name: 'to', description: 'Where the journey ends' },
    {
      type: 'integer',
      name: 'songs',
      description: 'How many; 15 if you leave it out',
      min: 1,
      max: MAX_SONGS,
    },
    {
      type: 'number',
      name: 'adventure',
      description: '0 = close to what you like, 1 = artists new to you',
      min: 0,
      max: 1,
    },
    {
      type: 'boolean',
      name: 'spotify',
      description: 'Off: keep it here, and do not put it into my Spotify',
    },
    // Last, as values without a name fill the options in order: `/playlist sad happy 5`.
    { type: 'emotion', name: 'and', description: 'What it should feel like too, at the same time' },
  ],
  async run(context): Promise<Message | undefined> {
    const { songs, adventure, spotify } = context.options;
    const named = (option: string) => {
      const value = context.options[option];
      return value === undefined ? undefined : String(value);
    };
    const [emotion, to, and] = [named('emotion'), named('to'), named('and')];
    if (emotion === undefined && to !== undefined) return refuse(words.noStart);
    if (emotion === undefined && and !== undefined) return refuse(words.noFirst);
    const both = [to, and].every((other) => other !== undefined && other !== emotion);
    if (both) return refuse(words.pairOrJourney);
    return make(context, {
      count: songs === undefined ? DEFAULT_SONGS : Number(songs),
      adventure: adventure === undefined ? DEFAULT_ADVENTURE : Number(adventure),
      ...(emotion === undefined ? {} : { wish: wishOf(emotion, { to, and }) }),
      ...(spotify === false ? { here: true } : {}),
    });
  },
  actions: {
    show: { run: show },
    make: { run: (context) => make(context, { count: DEFAULT_SONGS, adventure: DEFAULT_ADVENTURE }) },
    again: { run: again },
    keep: { run: keep },
    share: { run: share },
    shared: { run: shared },
    files: { run: files },
    ...pushActions,
  },
};
