import type { SongCard } from '../src/chat/message.ts';
import type { Choice } from '../src/chat/platform.ts';
import type { Catalogue } from '../src/domain/catalogue.ts';
import type { Taxonomy } from '../src/domain/emotion.ts';
import type { EmotionProfile, Model } from '../src/domain/model.ts';
import type { Song, SongId } from '../src/domain/song.ts';
import type { Services } from './command.ts';

/** How many songs are offered when a name could mean several. */
const OFFERED = 5;

/** A second emotion below this share says nothing. */
export const WORTH_SHOWING = 0.05;

/** `Title – Artist, Artist`. */
export function songLabel(song: Song): string {
  return song.artists.length === 0 ? song.title : `${song.title} – ${song.artists.join(', ')}`;
}

/** Labels to choose songs by: where several songs share one, their albums or else their years tell them apart. */
export function distinctLabels(songs: readonly Song[]): string[] {
  const labels = songs.map(songLabel);
  const shared = new Set(labels.filter((label, i) => labels.indexOf(label) !== i));
  return songs.map((song, i) => {
    const detail = song.album ?? song.year;
    return shared.has(labels[i]) && detail !== undefined ? `${labels[i]} (${detail})` : labels[i];
  });
}

/** The song with an id; undefined when the catalogue does not have it (any more). */
export function songOf(catalogue: Catalogue, id: SongId): Song | undefined {
  const index = catalogue.indexOf(id);
  return index < 0 ? undefined : catalogue.song(index);
}

/** One form for comparing names: no case, accents, punctuation. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/**
 * The song that a typed id or name means: the id, the only song so named, or the only match. Otherwise the closest
 * few to choose from.
 */
export function findSong(
  catalogue: Catalogue,
  typed: string,
): { readonly song: Song } | { readonly candidates: readonly Song[] } {
  const byId = songOf(catalogue, typed);
  if (byId) return { song: byId };
  const matches = catalogue.search(typed, 20).map((index) => catalogue.song(index));
  const wanted = plain(typed);
  for (const nameOf of [songLabel, (song: Song) => song.title]) {
    const same = matches.filter((song) => plain(nameOf(song)) === wanted);
    if (same.length === 1) return { song: same[0] };
    if (same.length > 1) return { candidates: same.slice(0, OFFERED) };
  }
  return matches.length === 1 ? { song: matches[0] } : { candidates: matches.slice(0, OFFERED) };
}

/** Completion of a song option: names to show, ids as values. */
export function completeSongs(songs: readonly Song[]): Choice[] {
  const offered = songs.filter((song) => song.id.length <= 100).slice(0, 25);
  return distinctLabels(offered).map((label, i) => ({
    name: label.length > 100 ? `${label.slice(0, 99)}…` : label,
    value: offered[i].id,
  }));
}

/** Album, year and genre as one line. */
export function songDetail(song: Song): string | undefined {
  const parts = [song.album, song.year, song.genre].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** The strongest emotions of a profile, strongest first, with what is needed to show them. */
export function strongest(
  model: Pick<Model, 'emotions'>,
  profile: Pick<EmotionProfile, 'distribution'>,
  taxonomy: Taxonomy,
  limit: number,
): NonNullable<SongCard['emotions']> {
  return model.emotions
    .map((key, index) => ({ key, share: profile.distribution[index] ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .slice(0, limit)
    .filter(({ share }, rank) => rank === 0 || share >= WORTH_SHOWING)
    .flatMap(({ key, share }) => {
      const emotion = taxonomy.get(key);
      return emotion ? [{ key, share, name: emotion.name, emoji: emotion.emoji }] : [];
    });
}

/** A song as every answer shows it, with the two strongest emotions that the model in use gives it. */
export function songCard(services: Services, song: Song, why?: string): SongCard {
  const model = services.training.model();
  const profile = model?.profile(song.id);
  const detail = songDetail(song);
  return {
    songId: song.id,
    title: song.title,
    artists: song.artists,
    sound: services.soundOf(song),
    ...(model && profile ? { emotions: strongest(model, profile, services.taxonomy, 2) } : {}),
    ...(detail === undefined ? {} : { detail }),
    ...(why === undefined ? {} : { why }),
  };
}
