import type { Message } from '../src/chat/message.ts';
import type { TasteEntry, TasteSource } from '../src/domain/member.ts';
import type { Song } from '../src/domain/song.ts';
import type { ActionContext, Command, CommandContext, Services } from './command.ts';
import { count, inline, list, percent } from './phrases.ts';
import { completeSongs, songCard, songLabel, songOf } from './songs.ts';

const words = {
  title: 'Your taste',
  empty:
    'I do not know your taste yet. Put ❤️ under snippets you like, keep a playlist, or tell me a song with */taste add*.',
  known: (liked: number, disliked: number) =>
    disliked === 0
      ? `I know ${count(liked, 'song')} that you like.`
      : `I know ${count(liked, 'song')} that you like and ${count(disliked, 'song')} that I keep out of your way.`,
  inSpotify: (songs: number) =>
    `${count(songs, 'song')} that you saved or play most in Spotify ${songs === 1 ? 'counts' : 'count'} as well.`,
  onlySpotify: (songs: number) =>
    `You have told me nothing yet, but ${count(songs, 'song')} that you saved or play most in Spotify ${songs === 1 ? 'counts' : 'count'}. Put ❤️ under snippets you like, keep a playlist, or tell me a song with */taste add*.`,
  leaning: (parts: readonly string[]) => `They lean towards ${list(parts)}.`,
  artists: (names: readonly string[]) => `You come back to ${list(names)}.`,
  latest: (shown: number, all: number) => (all > shown ? `The latest ${shown}:` : ''),
  why: {
    reaction: 'You put ❤️ under it',
    kept: 'It is in a playlist you kept',
    added: 'You told me',
    imported: 'It is in a list you brought',
  } as Readonly<Record<TasteEntry['source'], string | undefined>>,
  added: (label: string) => `*${label}* is in your taste now.`,
  addedAlready: (label: string) => `*${label}* is in your taste already.`,
  removed: (label: string) => `*${label}* is out of your taste, and I keep it out of your playlists.`,
  both: 'That is the same song twice. Shall I add it or remove it?',
  gone: 'That song is not in my catalogue any more.',
  playlist: 'Make me a playlist',
  // Not "undo": the one makes a dislike of it and the other a like, whatever it was before.
  notForMe: 'Rather not hear it',
  likeIt: 'I like it after all',
};

const SHOWN = 8;

/** Mean emotion profile of songs, as the two strongest emotions in words. */
function leaning(services: Services, songs: readonly Song[]): string[] {
  const model = services.training.model();
  if (!model) return [];
  const sums = new Float64Array(model.emotions.length);
  let known = 0;
  for (const song of songs) {
    const profile = model.profile(song.id);
    if (!profile) continue;
    known += 1;
    profile.distribution.forEach((share, index) => {
      sums[index] += share;
    });
  }
  if (known === 0) return [];
  return model.emotions
    .map((key, index) => ({ emotion: services.taxonomy.get(key), share: sums[index] / known }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 2)
    .flatMap(({ emotion, share }) =>
      emotion ? [`${emotion.emoji} ${emotion.name.toLowerCase()} (${percent(share)})`] : [],
    );
}

/** Artists with at least two liked songs, most first. */
function favouriteArtists(songs: readonly Song[]): string[] {
  const counts = new Map<string, number>();
  for (const { artists } of songs) {
    for (const artist of artists) counts.set(artist, (counts.get(artist) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, n]) => n >= 2)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([artist]) => inline(artist));
}

async function show({ services, asker }: Pick<CommandContext, 'services' | 'asker'>): Promise<Message> {
  const catalogue = services.catalogue();
  const entries = await services.store.taste(asker.memberId);
  const liked = entries.flatMap((entry) => {
    const song = entry.liked ? songOf(catalogue, entry.songId) : undefined;
    return song ? [{ song, entry }] : [];
  });
  const disliked = entries.filter((entry) => !entry.liked && songOf(catalogue, entry.songId)).length;
  const inSpotify = (await services.spotify?.likedBy(asker.memberId))?.length ?? 0;
  if (liked.length === 0 && disliked === 0) {
    const text = inSpotify > 0 ? words.onlySpotify(inSpotify) : words.empty;
    return { title: words.title, text, private: true };
  }
  const songs = liked.map(({ song }) => song);
  const moods = leaning(services, songs);
  const artists = favouriteArtists(songs);
  const sentences = [
    words.known(liked.length, disliked),
    ...(inSpotify > 0 ? [words.inSpotify(inSpotify)] : []),
    ...(moods.length > 0 ? [words.leaning(moods)] : []),
    ...(artists.length > 0 ? [words.artists(artists)] : []),
    words.latest(SHOWN, liked.length),
  ];
  return {
    title: words.title,
    text: sentences.filter((sentence) => sentence !== '').join(' '),
    songs: liked.slice(0, SHOWN).map(({ song, entry }) => songCard(services, song, words.why[entry.source])),
    buttons: [{ action: 'playlist:make', label: words.playlist, style: 'primary' }],
    private: true,
  };
}

/** Puts a song in or out of the asker's taste, and says so. */
async function set(
  { services, asker }: Pick<ActionContext, 'services' | 'asker'>,
  songId: string,
  source: TasteSource & ('added' | 'removed'),
): Promise<Message> {
  const song = songOf(services.catalogue(), songId);
  if (!song) return { text: words.gone, tone: 'refusal', private: true };
  const label = inline(songLabel(song));
  const before = (await services.store.taste(asker.memberId)).find((entry) => entry.songId === songId);
  if (source === 'added' && before?.liked) {
    return { text: words.addedAlready(label), private: true };
  }
  const entry: TasteEntry = { songId, liked: source === 'added', source, at: services.now() };
  await services.store.setTaste(asker.memberId, [entry]);
  const [action, button] =
    source === 'added' ? [`taste:remove:${songId}`, words.notForMe] : [`taste:like:${songId}`, words.likeIt];
  return {
    text: source === 'added' ? words.added(label) : words.removed(label),
    tone: 'success',
    buttons: action.length <= 100 ? [{ action, label: button }] : [],
    private: true,
  };
}

export const taste: Command = {
  name: 'taste',
  description: 'What I think you like, and why',
  options: [
    { type: 'song', name: 'add', description: 'A song you like' },
    { type: 'song', name: 'remove', description: 'A song you would rather not hear' },
  ],
  async run(context): Promise<Message> {
    const { add, remove } = context.options;
    if (add !== undefined && add === remove) return { text: words.both, tone: 'refusal', private: true };
    const answers: Message[] = [];
    if (typeof add === 'string') answers.push(await set(context, add, 'added'));
    if (typeof remove === 'string') answers.push(await set(context, remove, 'removed'));
    const [first, second] = answers;
    if (!first) return show(context);
    if (!second) return first;
    return {
      ...first,
      text: `${first.text} ${second.text}`,
      buttons: [...(first.buttons ?? []), ...(second.buttons ?? [])],
    };
  },
  actions: {
    like: { run: (context) => set(context, context.args.join(':'), 'added') },
    remove: { run: (context) => set(context, context.args.join(':'), 'removed') },
  },
  async complete({ services, memberId }, option, typed) {
    // Somebody who removes a song mostly means one that is in.
    if (option !== 'remove' || memberId === undefined) return undefined;
    const catalogue = services.catalogue();
    const liked = (await services.store.taste(memberId)).filter((entry) => entry.liked);
    const songs = liked.flatMap(({ songId }) => songOf(catalogue, songId) ?? []);
    const word = typed.trim().toLowerCase();
    const fitting = songs.filter((song) => songLabel(song).toLowerCase().includes(word));
    return fitting.length > 0 ? completeSongs(fitting) : undefined;
  },
};
