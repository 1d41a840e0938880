import { randomInt } from 'node:crypto';
import type { Message, SongCard } from '../src/chat/message.ts';
import type { EmotionKey } from '../src/domain/emotion.ts';
import type { EmotionWish, StoredPlaylist } from '../src/domain/member.ts';
import type { Song } from '../src/domain/song.ts';
import { type CoursePoint, coursePicture } from '../src/playlists/course-picture.ts';
import { playlistFiles, spotifyLink } from '../src/playlists/export.ts';
import type { Playlist, PlaylistEntry, PlaylistReason, PlaylistRefusal } from '../src/playlists/playlists.ts';
import type { ActionContext, Command, Services } from './command.ts';
import { count, inline, percent } from './phrases.ts';
import { songCard, songLabel, songOf, WORTH_SHOWING } from './songs.ts';

const words = {
  forYou: 'For you',
  journey: (from: string, to: string) => `From ${from.toLowerCase()} to ${to.toLowerCase()}`,
  fromTaste: (songs: number, liked: number) =>
    `${count(songs, 'song')} from ${count(liked, 'song')} that you like.`,
  fromCommunity: (songs: number) =>
    `${count(songs, 'song')} that people like here. I do not know your taste yet: put ❤️ under snippets or press Keep, and the next list will be yours.`,
  fewOfTaste: (songs: number, liked: number) =>
    `${count(songs, 'song')}, mostly what people like here: I know only ${count(liked, 'song')} that you like. Put ❤️ under snippets or press Keep, and it becomes yours.`,
  widened: 'Only a few songs are clearly like that, so I took in their neighbours.',
  newSongs:
    'The songs have changed since I last learned, so I only guess at the new ones until the next training has ended.',
  shorter: (found: number, asked: number) => `I found ${found} instead of ${asked} that fit.`,
  because: {
    near: (label: string) => `Close to ${label}, which you like`,
    liked: 'One that you like',
    voted: (share: number, emotion: string, votes: number) =>
      `${percent(share)} ${emotion.toLowerCase()} by ${count(votes, 'vote')}`,
    inferred: (share: number, emotion: string) => `sounds ${percent(share)} ${emotion.toLowerCase()}`,
    popular: 'popular here',
    explore: 'new to you',
  },
  again: 'Another one',
  keep: 'Keep',
  share: 'Share',
  files: 'As a file',
  likeIt: 'One like it for me',
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
  noStart: 'A journey needs a beginning: send */playlist* with an emotion and with *to*.',
  notYours: 'That list is gone, or it is somebody else’s. Send */playlist* for a new one.',
};

const DEFAULT_SONGS = 15;
const DEFAULT_ADVENTURE = 0.3;
const MAX_SONGS = 50;

interface Wanted {
  readonly wish?: EmotionWish;
  readonly count: number;
  readonly adventure: number;
}

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

function titleOf(wish: EmotionWish | undefined, services: Services): string {
  const name = (key: EmotionKey) => services.taxonomy.get(key)?.name ?? key;
  if (!wish) return words.forYou;
  return wish.to === undefined ? name(wish.from) : words.journey(name(wish.from), name(wish.to));
}

function reasonText(reason: PlaylistReason, services: Services): string | undefined {
  switch (reason.kind) {
    case 'near-liked': {
      const liked = songOf(services.catalogue(), reason.songId);
      return liked && words.because.near(inline(songLabel(liked)));
    }
    case 'liked':
      return words.because.liked;
    case 'carries-emotion': {
      const name = services.taxonomy.get(reason.emotion)?.name ?? reason.emotion;
      const { share, votes } = reason;
      return votes > 0 ? words.because.voted(share, name, votes) : words.because.inferred(share, name);
    }
    case 'popular-here':
      return words.because.popular;
    case 'explore':
      return words.because.explore;
  }
}

/** Two reasons are enough for one line. */
function because(reasons: readonly PlaylistReason[], services: Services): string | undefined {
  const parts = reasons.flatMap((reason) => reasonText(reason, services) ?? []);
  const text = parts.slice(0, 2).join(' · ');
  return text === '' ? undefined : text.charAt(0).toUpperCase() + text.slice(1);
}

function emotionsOf(entry: PlaylistEntry, services: Services): NonNullable<SongCard['emotions']> {
  return entry.emotions.slice(0, 2).flatMap(({ key, share }, rank) => {
    if (rank > 0 && share < WORTH_SHOWING) return [];
    const emotion = services.taxonomy.get(key);
    return emotion ? [{ key, share, name: emotion.name, emoji: emotion.emoji }] : [];
  });
}

function picture(points: readonly CoursePoint[]): Pick<Message, 'picture'> {
  const drawn = coursePicture(points);
  return drawn ? { picture: drawn } : {};
}

function pointOf(entry: PlaylistEntry, services: Services): CoursePoint {
  const emotion = services.taxonomy.get(entry.emotions[0]?.key ?? '');
  return { valence: entry.valence, arousal: entry.arousal, ...(emotion ? { emotion } : {}) };
}

/** Carries what was wished in the button itself, so that it works after a restart and for everybody. */
function againAction({ wish, count: songs, adventure }: Wanted): string {
  return `playlist:again:${wish?.from ?? ''}:${wish?.to ?? ''}:${songs}:${adventure}`;
}

function intro(playlist: Playlist, wanted: Wanted, services: Services): string {
  const learnedOn = services.training.model()?.catalogueVersion;
  const songs = playlist.entries.length;
  const basis =
    playlist.basis === 'taste'
      ? words.fromTaste(songs, playlist.likedSongs)
      : playlist.likedSongs > 0
        ? words.fewOfTaste(songs, playlist.likedSongs)
        : words.fromCommunity(songs);
  return [
    basis,
    ...(learnedOn !== services.catalogue().version ? [words.newSongs] : []),
    ...(playlist.widened ? [words.widened] : []),
    ...(songs < wanted.count ? [words.shorter(songs, wanted.count)] : []),
  ].join(' ');
}

async function make(context: Omit<ActionContext, 'args'>, wanted: Wanted): Promise<Message> {
  const { services, asker, community } = context;
  const playlist = await services.playlists.make({
    memberId: asker.memberId,
    communityId: community.id,
    count: wanted.count,
    adventure: wanted.adventure,
    seed: randomInt(2 ** 31),
    ...(wanted.wish ? { wish: wanted.wish } : {}),
  });
  return 'refusal' in playlist ? refuse(refusalText(playlist, services)) : draw(playlist, wanted, services);
}

function draw(playlist: Playlist, wanted: Wanted, services: Services): Message {
  const catalogue = services.catalogue();
  const shown = playlist.entries.flatMap((entry) => {
    const song = songOf(catalogue, entry.songId);
    return song ? [{ entry, song }] : [];
  });
  const songs = shown.map(({ entry, song }) => ({
    ...songCard(services, song, because(entry.reasons, services)),
    emotions: emotionsOf(entry, services),
  }));
  return {
    title: titleOf(wanted.wish, services),
    text: intro(playlist, wanted, services),
    songs,
    ...picture(shown.map(({ entry }) => pointOf(entry, services))),
    buttons: [
      { action: againAction(wanted), label: words.again, style: 'primary' },
      { action: `playlist:keep:${playlist.id}`, label: words.keep },
      { action: `playlist:share:${playlist.id}`, label: words.share },
      { action: `playlist:files:${playlist.id}`, label: words.files },
    ],
    reopen: `playlist:show:${playlist.id}`,
    private: true,
  };
}

/** An earlier list as it stands, for turning its pages. */
async function show({ services, asker, args }: ActionContext): Promise<Message> {
  const id = args[0] ?? '';
  const playlist = await services.playlists.reopen(id, asker.memberId);
  if (!playlist) return refuse(words.notYours);
  const { wish, entries } = playlist;
  const wanted = { count: entries.length, adventure: DEFAULT_ADVENTURE, ...(wish ? { wish } : {}) };
  return draw(playlist, wanted, services);
}

async function again(context: ActionContext): Promise<Message> {
  const [from = '', to = '', songs = '', adventure = ''] = context.args;
  const { taxonomy } = context.services;
  const inRange = (value: number, min: number, max: number, otherwise: number) =>
    value >= min && value <= max ? value : otherwise;
  // The taxonomy may have changed since the button was drawn.
  const wish = taxonomy.get(from) ? { from, ...(taxonomy.get(to) ? { to } : {}) } : undefined;
  return make(context, {
    count: inRange(Math.round(Number(songs)), 1, MAX_SONGS, DEFAULT_SONGS),
    adventure: adventure === '' ? DEFAULT_ADVENTURE : inRange(Number(adventure), 0, 1, DEFAULT_ADVENTURE),
    ...(wish ? { wish } : {}),
  });
}

function songsOf(playlist: StoredPlaylist, services: Services): Song[] {
  const catalogue = services.catalogue();
  return playlist.songs.flatMap((id) => songOf(catalogue, id) ?? []);
}

async function keep({ services, asker, args }: ActionContext): Promise<Message> {
  const id = args[0] ?? '';
  if (!(await services.playlists.keep(id, asker.memberId))) return refuse(words.notYours);
  const playlist = await services.store.playlist(id);
  return { text: words.kept(playlist?.songs.length ?? 0), tone: 'success', private: true };
}

/** Where a song lies by the model in use: what everybody may see, without the reasons, which are the member's own. */
function publicPoint(card: SongCard, services: Services): CoursePoint {
  const model = services.training.model();
  const profile = model?.profile(card.songId);
  let valence = 0;
  let arousal = 0;
  for (const [index, key] of (model?.emotions ?? []).entries()) {
    const emotion = services.taxonomy.get(key);
    const share = profile?.distribution[index] ?? 0;
    valence += share * (emotion?.valence ?? 0);
    arousal += share * (emotion?.arousal ?? 0);
  }
  const emotion = services.taxonomy.get(card.emotions?.[0]?.key ?? '');
  return { valence, arousal, ...(emotion ? { emotion } : {}) };
}

async function share(context: ActionContext): Promise<Message> {
  const { services, asker, args } = context;
  const playlist = await services.store.playlist(args[0] ?? '');
  if (!playlist || playlist.memberId !== asker.memberId) return refuse(words.notYours);
  return drawShared(playlist, (songs) => words.shared(asker.name, songs), services);
}

/** For turning the pages of a list that was shared: everybody may, and the name of whoever shared it is not known. */
async function shared({ services, args }: ActionContext): Promise<Message> {
  const playlist = await services.store.playlist(args[0] ?? '');
  return playlist ? drawShared(playlist, words.sharedBySomebody, services) : refuse(words.notYours);
}

function drawShared(playlist: StoredPlaylist, text: (songs: number) => string, services: Services): Message {
  const songs = songsOf(playlist, services).map((song) => songCard(services, song));
  const wanted: Wanted = {
    count: Math.min(MAX_SONGS, Math.max(1, playlist.songs.length)),
    adventure: DEFAULT_ADVENTURE,
    ...(playlist.wish ? { wish: playlist.wish } : {}),
  };
  return {
    ...(playlist.wish ? { title: titleOf(playlist.wish, services) } : {}),
    text: text(songs.length),
    songs,
    ...picture(songs.map((card) => publicPoint(card, services))),
    buttons: [
      { action: againAction(wanted), label: words.likeIt, style: 'primary' },
      { action: `playlist:files:${playlist.id}`, label: words.files },
    ],
    reopen: `playlist:shared:${playlist.id}`,
  };
}

/** Whoever has the button may have the files: it stands under the owner's answer or under a list that was shared. */
async function files({ services, community, args }: ActionContext): Promise<Message> {
  const playlist = await services.store.playlist(args[0] ?? '');
  if (!playlist) return refuse(words.notYours);
  const address = services.webAddress(community);
  return {
    text: words.filesAre,
    files: playlistFiles({
      title: titleOf(playlist.wish, services),
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
  description: 'Songs for you, for an emotion or for a journey from one to another',
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
  ],
  async run(context): Promise<Message> {
    const { emotion, to, songs, adventure } = context.options;
    if (to !== undefined && emotion === undefined) return refuse(words.noStart);
    const journey = to !== undefined && to !== emotion ? { to: String(to) } : {};
    return make(context, {
      count: songs === undefined ? DEFAULT_SONGS : Number(songs),
      adventure: adventure === undefined ? DEFAULT_ADVENTURE : Number(adventure),
      ...(emotion === undefined ? {} : { wish: { from: String(emotion), ...journey } }),
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
  },
};
