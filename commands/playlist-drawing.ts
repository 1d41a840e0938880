import type { Button, Message, SongCard } from '../src/chat/message.ts';
import type { EmotionKey } from '../src/domain/emotion.ts';
import type { EmotionWish, StoredPlaylist } from '../src/domain/member.ts';
import type { Song } from '../src/domain/song.ts';
import { type CoursePoint, coursePicture } from '../src/playlists/course-picture.ts';
import { pointOf } from '../src/playlists/course-points.ts';
import type { Playlist, PlaylistEntry, PlaylistReason } from '../src/playlists/playlists.ts';
import type { Services } from './command.ts';
import { count, inline, percent } from './phrases.ts';
import type { Standing } from './push.ts';
import { songCard, songLabel, songOf, WORTH_SHOWING } from './songs.ts';

const words = {
  forYou: 'For you',
  journey: (from: string, to: string) => `From ${from.toLowerCase()} to ${to.toLowerCase()}`,
  pair: (one: string, other: string) => `${one} and ${other.toLowerCase()}`,
  fromTaste: (songs: number, liked: number) =>
    `${count(songs, 'song')} from ${count(liked, 'song')} that you like.`,
  fromCommunity: (songs: number) =>
    `${count(songs, 'song')} that people like here. I do not know your taste yet: put ❤️ under snippets or press Keep, and the next list will be yours.`,
  fewOfTaste: (songs: number, liked: number) =>
    `${count(songs, 'song')}, mostly what people like here: I know only ${count(liked, 'song')} that you like. Put ❤️ under snippets or press Keep, and it becomes yours.`,
  fewLabels: (songs: number) =>
    `People have told me the feeling of only ${count(songs, 'song')} so far, so with the others I mostly guess.`,
  widened: 'Only a few songs are clearly like that, so I took in their neighbours.',
  newSongs:
    'The songs have changed since I last learned, so I only guess at the new ones until the next training has ended.',
  shorter: (found: number, asked: number) => `I found ${found} instead of ${asked} that fit.`,
  because: {
    near: (label: string) => `Close to ${label}, which you like`,
    liked: 'One that you like',
    share: (share: number, emotion: string) => `${percent(share)} ${emotion.toLowerCase()}`,
    both: (one: string, other: string) => `${one} and ${other}`,
    voted: (felt: string, votes: number) => `${felt} by ${count(votes, 'vote')}`,
    inferred: (felt: string) => `sounds ${felt}`,
    each: (one: string, other: string) => `${one}, ${other}`,
    popular: 'popular here',
    explore: 'new to you',
  },
  again: 'Another one',
  keep: 'Keep',
  share: 'Share',
  files: 'As a file',
  likeIt: 'One like it for me',
};

/** With fewer songs whose emotion somebody told, what the others feel like is hardly more than a guess. */
const FEW_LABELS = 30;

/** What a list was asked for with; its buttons carry it. */
export interface Wanted {
  readonly wish?: EmotionWish;
  readonly count: number;
  readonly adventure: number;
  /** It was to stay here, and not to go to Spotify. */
  readonly here?: boolean;
}

export const DEFAULT_ADVENTURE = 0.3;
export const MAX_SONGS = 50;

/** What a wish is called: `Calm`, `Calm and happy`, `From sad to happy`, `For you`. */
export function wishName(wish: EmotionWish | undefined, services: Pick<Services, 'taxonomy'>): string {
  const name = (key: EmotionKey) => services.taxonomy.get(key)?.name ?? key;
  if (!wish) return words.forYou;
  if (wish.to !== undefined) return words.journey(name(wish.from), name(wish.to));
  return wish.and === undefined ? name(wish.from) : words.pair(name(wish.from), name(wish.and));
}

type Carries = Extract<PlaylistReason, { kind: 'carries-emotion' }>;

/** Of one emotion, or of both of a pair in one breath: who says so is said once where it is the same. */
function carriesText(first: Carries, second: Carries | undefined, { taxonomy }: Services): string {
  const { share, both, voted, inferred, each } = words.because;
  const felt = (one: Carries) => share(one.share, taxonomy.get(one.emotion)?.name ?? one.emotion);
  const told = (text: string, votes: number) => (votes > 0 ? voted(text, votes) : inferred(text));
  if (second === undefined) return told(felt(first), first.votes);
  if (first.votes > 0 === second.votes > 0) {
    return told(both(felt(first), felt(second)), first.votes + second.votes);
  }
  return each(told(felt(first), first.votes), told(felt(second), second.votes));
}

function reasonText(reason: PlaylistReason, services: Services, pair?: Carries): string | undefined {
  switch (reason.kind) {
    case 'near-liked': {
      const liked = songOf(services.catalogue(), reason.songId);
      return liked && words.because.near(inline(songLabel(liked)));
    }
    case 'liked':
      return words.because.liked;
    case 'carries-emotion':
      return carriesText(reason, pair, services);
    case 'popular-here':
      return words.because.popular;
    case 'explore':
      return words.because.explore;
  }
}

/** Two reasons are enough for one line; that a song carries both of a pair is one. */
function because(reasons: readonly PlaylistReason[], services: Services): string | undefined {
  const [, second] = reasons.filter((reason) => reason.kind === 'carries-emotion');
  const parts = reasons
    .filter((reason) => reason !== second)
    .flatMap((reason) => reasonText(reason, services, second) ?? []);
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

function entryPoint(entry: PlaylistEntry, services: Services): CoursePoint {
  const emotion = services.taxonomy.get(entry.emotions[0]?.key ?? '');
  return { valence: entry.valence, arousal: entry.arousal, ...(emotion ? { emotion } : {}) };
}

/**
 * Carries what was wished in the button itself, so that it works after a restart and for everybody. What came later
 * stands at the end, as older buttons lie under older messages.
 */
function againAction({ wish, count: songs, adventure, here }: Wanted): string {
  const later = [here ? 'here' : '', ...(wish?.and === undefined ? [] : [wish.and])];
  const asked = [wish?.from ?? '', wish?.to ?? '', songs, adventure, ...later].join(':');
  return `playlist:again:${asked.replace(/:$/, '')}`;
}

function intro(playlist: Playlist, wanted: Wanted, services: Services): string {
  const model = services.training.model();
  const learnedOn = model?.catalogueVersion;
  const labelled = model?.metrics.labelledSongs ?? 0;
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
    ...(wanted.wish && labelled < FEW_LABELS ? [words.fewLabels(labelled)] : []),
    ...(playlist.widened ? [words.widened] : []),
    ...(songs < wanted.count ? [words.shorter(songs, wanted.count)] : []),
  ].join(' ');
}

/** A list as its member sees it, and how it stands with Spotify. */
export function draw(playlist: Playlist, wanted: Wanted, services: Services, standing: Standing): Message {
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
    title: wishName(wanted.wish, services),
    text: [intro(playlist, wanted, services), standing.text ?? ''].filter((part) => part !== '').join('\n\n'),
    songs,
    ...picture(shown.map(({ entry }) => entryPoint(entry, services))),
    buttons: [
      { action: againAction(wanted), label: words.again, style: 'primary' },
      { action: `playlist:keep:${playlist.id}`, label: words.keep },
      { action: `playlist:share:${playlist.id}`, label: words.share },
      { action: `playlist:files:${playlist.id}`, label: words.files },
      ...standing.buttons,
    ],
    reopen: `playlist:show:${playlist.id}`,
    private: true,
  };
}

export function songsOf(playlist: StoredPlaylist, services: Services): Song[] {
  const catalogue = services.catalogue();
  return playlist.songs.flatMap((id) => songOf(catalogue, id) ?? []);
}

/** A list as everybody may see it, without the reasons, which are the member's own. */
export function drawShared(
  playlist: StoredPlaylist,
  text: (songs: number) => string,
  services: Services,
  links: readonly Button[],
): Message {
  const songs = songsOf(playlist, services).map((song) => songCard(services, song));
  const wanted: Wanted = {
    count: Math.min(MAX_SONGS, Math.max(1, playlist.songs.length)),
    adventure: DEFAULT_ADVENTURE,
    ...(playlist.wish ? { wish: playlist.wish } : {}),
  };
  return {
    ...(playlist.wish ? { title: wishName(playlist.wish, services) } : {}),
    text: text(songs.length),
    songs,
    ...picture(songs.map((card) => pointOf(card.songId, services.training.model(), services.taxonomy))),
    buttons: [
      { action: againAction(wanted), label: words.likeIt, style: 'primary' },
      { action: `playlist:files:${playlist.id}`, label: words.files },
      ...links,
    ],
    reopen: `playlist:shared:${playlist.id}`,
  };
}
