import { describe, expect, it } from 'vitest';
import type { Recommender } from '../../ml/recommender.ts';
import type { SongId } from '../../src/domain/song.ts';
import { rankPlaylist } from '../../src/playlists/rank.ts';
import type { RankRequest, RankResult } from '../../src/playlists/rank-messages.ts';
import { createRankWorld, indicesOf, placeLikes, type RankWorld } from '../../src/playlists/rank-world.ts';
import { plantedCatalogue, plantedProfile, plantedSongs, taxonomy } from './planted-model.ts';

/** Scores by nearness of numbers: song `calm-7` is like `calm-6`. Planted, so that tests know what to expect. */
function plantedRecommender(size: number): Recommender {
  return {
    name: 'planted',
    score: (liked) =>
      Float32Array.from({ length: size }, (_, song) =>
        liked.reduce((best, other) => Math.max(best, -Math.abs(other - song)), -size),
      ),
  };
}

function world(perEmotion = 20, listeners: SongId[][] = []): RankWorld {
  const catalogue = plantedCatalogue(plantedSongs(perEmotion), listeners);
  const columns = taxonomy.emotions.length;
  const values = new Float32Array(catalogue.size * columns);
  for (let song = 0; song < catalogue.size; song++) {
    values.set(plantedProfile(catalogue.idAt(song)), song * columns);
  }
  return createRankWorld(
    catalogue,
    {
      modelId: 'm',
      recommender: plantedRecommender(catalogue.size),
      profiles: { rows: catalogue.size, columns, values },
      confidence: new Float32Array(catalogue.size).fill(1),
      voted: new Uint8Array(catalogue.size),
      emotions: taxonomy.emotions.map(({ key }) => key),
    },
    (key) => taxonomy.get(key),
  );
}

function rank(on: RankWorld, request: Partial<RankRequest>, likes: SongId[] = []): RankResult {
  const here = placeLikes(on, { songIds: likes, counts: new Int32Array(likes.length).fill(4) });
  return rankPlaylist(on, here, {
    liked: [],
    disliked: [],
    recent: [],
    count: 10,
    adventure: 0.3,
    seed: 1,
    ...request,
  });
}

const ids = ({ songs }: RankResult) => songs.map(({ songId }) => songId);
const artistOf = (on: RankWorld, id: SongId) => on.catalogue.song(on.catalogue.indexOf(id)).artists[0];
const calmTaste = ['calm-0', 'calm-1', 'calm-2', 'calm-3', 'tender-0', 'tender-1', 'tender-2', 'tender-3'];

describe('a wish for an emotion that nobody has voted for', () => {
  const deaf = world();
  const { columns, values } = deaf.ranking.profiles;
  const angry = deaf.ranking.emotions.indexOf('angry');
  for (let song = 0; song < deaf.catalogue.size; song++) values[song * columns + angry] = 0;
  const on = createRankWorld(deaf.catalogue, deaf.ranking, (key) => taxonomy.get(key));

  it('is told, at the beginning and at the end of a journey, instead of guessed at', () => {
    expect(rank(on, { wish: { from: 'angry' } })).toMatchObject({ songs: [], unheard: 'angry' });
    expect(rank(on, { wish: { from: 'calm', to: 'angry' } })).toMatchObject({ songs: [], unheard: 'angry' });
    expect(rank(on, { wish: { from: 'calm', and: 'angry' } })).toMatchObject({ songs: [], unheard: 'angry' });
    expect(rank(on, { wish: { from: 'angry', and: 'calm' } })).toMatchObject({ songs: [], unheard: 'angry' });
  });

  it('is told of an emotion that came into the taxonomy after the training', () => {
    expect(rank(on, { wish: { from: 'proud' } })).toMatchObject({ songs: [], unheard: 'proud' });
  });

  it('does not hinder others', () => {
    expect(rank(on, { wish: { from: 'calm' } }).songs).toHaveLength(10);
  });
});

describe('a wish for two emotions at once', () => {
  const plain = world();
  const { columns, values } = plain.ranking.profiles;
  const both = (song: number) => /^calm-1\d$/.test(plain.catalogue.idAt(song));
  const half = [plantedProfile('calm-0'), plantedProfile('happy-0')];
  for (let song = 0; song < plain.catalogue.size; song++) {
    if (!both(song)) continue;
    values.set(
      half[0].map((share, e) => (share + half[1][e]) / 2),
      song * columns,
    );
  }
  const on = createRankWorld(plain.catalogue, plain.ranking, (key) => taxonomy.get(key));
  const wish = { from: 'calm', and: 'happy' };

  it('brings songs that are both, also to who likes songs that are one of them, and says both shares', () => {
    const list = rank(on, { wish, count: 8, liked: ['happy-1', 'happy-2', 'happy-3', 'calm-1'] });
    expect(ids(list)).toHaveLength(8);
    for (const { songId, reasons } of list.songs) {
      expect(songId).toMatch(/^calm-1\d$/);
      const carried = reasons.filter((reason) => reason.kind === 'carries-emotion');
      expect(carried.map(({ emotion }) => emotion)).toEqual(['calm', 'happy']);
      for (const { share } of carried) expect(share).toBeGreaterThan(0.15);
    }
    expect(list.widened).toBe(false);
  });

  it('says when too few songs are both', () => {
    const list = rank(on, { wish, count: 14 });
    expect(list.songs).toHaveLength(14);
    expect(list.widened).toBe(true);
    expect(ids(list).filter((id) => /^calm-1\d$/.test(id))).toHaveLength(10);
  });
});

describe('a playlist', () => {
  it('carries the wished emotion', () => {
    const list = rank(world(), { wish: { from: 'calm' }, liked: ['angry-1', 'angry-2', 'angry-3'] });
    expect(list.songs).toHaveLength(10);
    expect(list.songs.map(({ emotions }) => emotions[0].key)).toEqual(Array(10).fill('calm'));
    expect(list.widened).toBe(false);
  });

  it('never has more than two songs of one artist while there are others', () => {
    const on = world();
    const perArtist = new Map<string, number>();
    for (const id of ids(rank(on, { wish: { from: 'happy' }, count: 10 }))) {
      perArtist.set(artistOf(on, id), (perArtist.get(artistOf(on, id)) ?? 0) + 1);
    }
    expect(Math.max(...perArtist.values())).toBeLessThanOrEqual(2);
  });

  it('moves over the plane from the first emotion to the second', () => {
    const { songs } = rank(world(), { wish: { from: 'sad', to: 'happy' }, count: 12 });
    const mean = (part: typeof songs) => part.reduce((sum, { valence }) => sum + valence, 0) / part.length;
    const thirds = [songs.slice(0, 4), songs.slice(4, 8), songs.slice(8)].map(mean);
    expect(thirds[0]).toBeLessThan(thirds[1]);
    expect(thirds[1]).toBeLessThan(thirds[2]);
    expect(songs[0].emotions[0].key).toBe('sad');
    expect(songs.at(-1)?.emotions[0].key).toBe('happy');
    // No step back by more than a small part of the way.
    const steps = songs.slice(1).map(({ valence }, i) => valence - songs[i].valence);
    expect(Math.min(...steps)).toBeGreaterThan(-0.25);
  });

  it('follows what the member likes, and says which liked song it is near to', () => {
    const on = world();
    const list = rank(on, { liked: calmTaste, adventure: 0, count: 10 });
    expect(list).toMatchObject({ basis: 'taste', likedSongs: 8 });
    const emotions = list.songs.map(({ songId }) => songId.replace(/-\d+/, ''));
    expect(emotions.filter((key) => key === 'calm' || key === 'tender').length).toBeGreaterThanOrEqual(8);
    const near = list.songs.flatMap(({ reasons }) => reasons.filter(({ kind }) => kind === 'near-liked'));
    expect(near.length).toBeGreaterThan(5);
    for (const reason of near) {
      if (reason.kind !== 'near-liked') continue;
      expect(calmTaste).toContain(reason.songId);
      expect(reason.similarity).toBeGreaterThanOrEqual(0.5);
      expect(reason.similarity).toBeLessThanOrEqual(1 + 1e-6);
    }
  });

  it('names as nearest the liked song with the highest cosine', () => {
    const on = world();
    const { columns, values } = on.items;
    const cosine = (a: number, b: number) => {
      let dot = 0;
      for (let c = 0; c < columns; c++) dot += values[a * columns + c] * values[b * columns + c];
      return dot;
    };
    for (const { songId, reasons } of rank(on, { liked: calmTaste, adventure: 0 }).songs) {
      const song = on.catalogue.indexOf(songId);
      const best = Math.max(...calmTaste.map((id) => cosine(song, on.catalogue.indexOf(id))));
      for (const reason of reasons) {
        if (reason.kind === 'near-liked') expect(reason.similarity).toBeCloseTo(best, 5);
      }
    }
  });

  it('never brings a disliked song, even when little else is left', () => {
    const on = world(4);
    const disliked = ['calm-0', 'calm-1', 'calm-2'];
    const list = rank(on, { wish: { from: 'calm' }, disliked, count: 32, recent: ['calm-3'] });
    expect(list.songs).toHaveLength(29);
    expect(ids(list).filter((id) => disliked.includes(id))).toEqual([]);
  });

  it('has fewer songs by an artist of whom several were put away, but not for one song', () => {
    const on = world();
    const artist = artistOf(on, 'calm-0');
    const wish = { from: 'calm' };
    const byArtist = (request: Partial<RankRequest>) => {
      const lists = Array.from({ length: 20 }, (_, seed) => rank(on, { wish, count: 5, seed, ...request }));
      return lists.flatMap(ids).filter((id) => artistOf(on, id) === artist).length;
    };
    const often = byArtist({ disliked: ['calm-0', 'calm-5'] });
    expect(byArtist({ disliked: ['calm-0'] })).toBeGreaterThan(10);
    expect(often).toBeLessThan(byArtist({ disliked: ['calm-0', 'calm-1'] }) / 2);
    // One liked song of theirs makes up for one of the two.
    const beside = (liked: SongId) =>
      byArtist({ liked: [liked], disliked: ['calm-0', 'calm-5'], adventure: 0 });
    expect(beside('calm-15')).toBeGreaterThan(2 * beside('calm-16'));
  });

  it('avoids liked songs and those of the last lists while there are others', () => {
    const recent = ['calm-4', 'calm-5', 'calm-6', 'calm-7', 'calm-8'];
    const list = rank(world(), { wish: { from: 'calm' }, liked: ['calm-0', 'calm-1'], recent });
    expect(ids(list).filter((id) => recent.includes(id) || id === 'calm-0' || id === 'calm-1')).toEqual([]);
  });

  it('lets songs of the last lists come back before the emotion is widened', () => {
    const recent = Array.from({ length: 20 }, (_, i) => `calm-${i}`);
    const list = rank(world(), { wish: { from: 'calm' }, recent });
    expect(list.widened).toBe(false);
    expect(list.songs.every(({ songId }) => songId.startsWith('calm'))).toBe(true);
  });

  it('is widened to neighbouring emotions, and says so, when too few songs carry the wish', () => {
    const list = rank(world(3), { wish: { from: 'calm' }, count: 8 });
    expect(list.widened).toBe(true);
    expect(list.songs).toHaveLength(8);
    expect(ids(list).filter((id) => id.startsWith('calm'))).toHaveLength(3);
    expect(ids(list).some((id) => id.startsWith('angry'))).toBe(false);
  });

  it('is shorter than asked when the catalogue is', () => {
    expect(rank(world(1), { count: 30 }).songs).toHaveLength(8);
  });

  it('rests on what people like here for a member without a taste', () => {
    const popular = ['happy-3', 'sad-7', 'calm-9', 'tense-2'];
    const list = rank(
      world(20, [popular, popular.slice(0, 2), popular]),
      { count: 4, adventure: 0 },
      popular,
    );
    expect(list).toMatchObject({ basis: 'community', likedSongs: 0 });
    expect(ids(list).sort()).toEqual([...popular].sort());
    expect(list.songs[0].reasons).toEqual([{ kind: 'popular-here' }]);
  });

  it('at full adventure has only artists new to the member, at none mostly near songs', () => {
    const on = world();
    const known = new Set(calmTaste.map((id) => artistOf(on, id)));
    const newShare = (adventure: number) =>
      ids(rank(on, { liked: calmTaste, adventure, count: 20 })).filter((id) => !known.has(artistOf(on, id)))
        .length;
    expect(newShare(1)).toBe(20);
    expect(newShare(0)).toBeLessThan(newShare(1));
  });

  it('at full adventure still has songs for a member who likes something by every artist', () => {
    const on = world(10);
    const liked = taxonomy.emotions.flatMap(({ key }) => [0, 1, 2, 3, 4].map((n) => `${key}-${n}`));
    expect(rank(on, { liked, adventure: 1 }).songs).toHaveLength(10);
  });

  it('is the same for the same seed and another one for another', () => {
    const on = world();
    const list = (seed: number) => ids(rank(on, { liked: calmTaste, seed }));
    expect(list(3)).toEqual(list(3));
    expect(list(3)).not.toEqual(list(4));
  });

  it('ignores songs that the catalogue does not have', () => {
    const list = rank(world(), { liked: ['gone'], disliked: ['gone too'] });
    expect(list).toMatchObject({ basis: 'community', likedSongs: 0 });
    expect(list.songs).toHaveLength(10);
  });
});

describe('song indices', () => {
  it('are ascending, without duplicates and unknown ids', () => {
    const { catalogue } = world(2);
    expect(indicesOf(catalogue, ['sad-1', 'happy-0', 'nope', 'sad-1'])).toEqual(
      Int32Array.of(0, catalogue.indexOf('sad-1')),
    );
  });
});
