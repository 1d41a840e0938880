import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import { compose } from '../../src/catalogue/demo/compose.ts';
import { demoCatalogue, demoCatalogueParts } from '../../src/catalogue/demo/demo.ts';
import { GENRES } from '../../src/catalogue/demo/genres.ts';
import { DEMO_SIZE, planSongs } from '../../src/catalogue/demo/plan.ts';
import { AUDIO_FEATURES, type Song } from '../../src/domain/song.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { rankCorrelation } from './demo-ears.ts';

const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
const demo = demoCatalogue();
const truthOf = (song: Song) => demo.truth.get(song.id)!;

function correlationWith(feature: (typeof AUDIO_FEATURES)[number], side: 'valence' | 'arousal'): number {
  return rankCorrelation(
    demo.songs.map((song) => song.features[feature]!),
    demo.songs.map((song) => truthOf(song)[side]),
  );
}

describe('the demo catalogue', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(demoCatalogue(1)).toEqual(demo);
    expect(demoCatalogue(2).songs).not.toEqual(demo.songs);
  });

  it('gives every song an id and a title of its own', () => {
    expect(demo.songs).toHaveLength(DEMO_SIZE);
    expect(new Set(demo.songs.map((song) => song.id)).size).toBe(DEMO_SIZE);
    expect(new Set(demo.songs.map((song) => song.title)).size).toBe(DEMO_SIZE);
  });

  it('covers every emotion of the taxonomy and every genre', () => {
    for (const { key } of taxonomy.emotions) {
      expect(demo.songs.filter((song) => truthOf(song).emotion === key).length, key).toBeGreaterThan(20);
    }
    for (const { name } of GENRES) {
      expect(demo.songs.filter((song) => song.genre === name).length, name).toBeGreaterThan(5);
    }
  });

  it('names planted moods in the words of the taxonomy in use', () => {
    const two = taxonomy.emotions.filter(({ key }) => key === 'happy' || key === 'sad');
    const small = demoCatalogue(1, two);
    expect(new Set([...small.truth.values()].map((truth) => truth.emotion))).toEqual(
      new Set(['happy', 'sad']),
    );
    expect(new Set(small.votes.map((vote) => vote.emotion))).toEqual(new Set(['happy', 'sad']));
    expect(small.songs).toEqual(demo.songs);
  });

  it('has several songs by most artists, on albums with a year', () => {
    const byArtist = new Map<string, number>();
    for (const { artists } of demo.songs) byArtist.set(artists[0]!, (byArtist.get(artists[0]!) ?? 0) + 1);
    expect(byArtist.size).toBeGreaterThan(50);
    const sizes = [...byArtist.values()];
    expect(sizes.filter((size) => size > 1).length / sizes.length).toBeGreaterThan(0.85);
    for (const song of demo.songs) {
      expect(song.album).toBeTruthy();
      expect(song.year).toBeGreaterThanOrEqual(1984);
      expect(song.year).toBeLessThanOrEqual(2025);
    }
  });

  it("keeps every feature on Spotify's scale", () => {
    for (const { features } of demo.songs) {
      expect(Object.keys(features).sort()).toEqual([...AUDIO_FEATURES].sort());
      for (const feature of AUDIO_FEATURES) {
        const value = features[feature]!;
        if (feature === 'loudness') expect(value >= -60 && value <= 0).toBe(true);
        else if (feature === 'tempo') expect(value > 50 && value < 200).toBe(true);
        else if (feature === 'durationMs') expect(value >= 15_000 && value <= 20_000).toBe(true);
        else if (feature === 'key') expect(Number.isInteger(value) && value >= 0 && value < 12).toBe(true);
        else if (feature === 'timeSignature') expect([3, 4]).toContain(value);
        else expect(value >= 0 && value <= 1, `${feature} ${value}`).toBe(true);
      }
    }
  });

  it('lets arousal be heard in energy, loudness and tempo, and valence in mode', () => {
    expect(correlationWith('energy', 'arousal')).toBeGreaterThan(0.85);
    expect(correlationWith('loudness', 'arousal')).toBeGreaterThan(0.85);
    expect(correlationWith('tempo', 'arousal')).toBeGreaterThan(0.65);
    const majorShare = (from: number, to: number) => {
      const songs = demo.songs.filter((song) => truthOf(song).valence >= from && truthOf(song).valence < to);
      return songs.filter((song) => song.features.mode === 1).length / songs.length;
    };
    expect(majorShare(-1, -0.3)).toBeLessThan(0.15);
    expect(majorShare(-0.3, 0.3)).toBeGreaterThan(0.2);
    expect(majorShare(-0.3, 0.3)).toBeLessThan(0.8);
    expect(majorShare(0.3, 1.1)).toBeGreaterThan(0.9);
  });

  it('does not give the planted valence away in the feature of that name', () => {
    const correlation = correlationWith('valence', 'valence');
    expect(correlation).toBeGreaterThan(0.6);
    expect(correlation).toBeLessThan(0.92);
  });

  it('gives every piece three sections that grow out of its metre and a last chord with time to ring', () => {
    for (const plan of planSongs(1)) {
      const { sections, seconds, tempo, beatsPerBar } = compose(plan);
      const [a, again, b, end] = sections as [number, number, number, number];
      expect(seconds - end, plan.id).toBeGreaterThan(2);
      for (const length of [again - a, b - again, end - b]) {
        const beats = (length * tempo) / 60;
        expect(beats, plan.id).toBeCloseTo(Math.round(beats), 6);
        expect(Math.round(beats) % (beatsPerBar === 3 ? 3 : 2), plan.id).toBe(0);
      }
    }
  });

  it('builds a catalogue that calls itself a demo', () => {
    const catalogue = buildCatalogue(demoCatalogueParts(demo));
    expect(catalogue).toMatchObject({ name: 'Demo catalogue', demo: true, size: DEMO_SIZE });
    expect(catalogue.song(catalogue.indexOf(demo.songs[7]!.id)).title).toBe(demo.songs[7]!.title);
    expect(catalogue.listeners).toHaveLength(demo.listeners.length);
    for (const [i, listener] of catalogue.listeners.entries()) {
      expect([...listener.songs].map((index) => catalogue.idAt(index)).sort()).toEqual(
        [...demo.listeners[i]!.songIds].sort(),
      );
    }
  });
});

describe('the demo listeners', () => {
  it('like twelve to forty songs each and are named as demo', () => {
    expect(new Set(demo.listeners.map(({ id }) => id)).size).toBe(demo.listeners.length);
    for (const { id, name, songIds } of demo.listeners) {
      expect(id).toMatch(/^demo:\d+$/);
      expect(name).toContain('(demo)');
      expect(songIds.length).toBeGreaterThanOrEqual(12);
      expect(songIds.length).toBeLessThanOrEqual(40);
      expect(new Set(songIds).size).toBe(songIds.length);
      for (const songId of songIds) expect(demo.truth.has(songId)).toBe(true);
    }
  });

  it('have tastes that can be learned: what is held out resembles what is known', () => {
    const random = createRandom(9);
    const songs = new Map(demo.songs.map((song) => [song.id, song]));
    const likeness = (a: Song, b: Song) => {
      const distance = (['energy', 'valence', 'acousticness', 'danceability'] as const).reduce(
        (sum, f) => sum + (a.features[f]! - b.features[f]!) ** 2,
        0,
      );
      return (
        (a.genre === b.genre ? 1 : 0) + (a.artists[0] === b.artists[0] ? 1 : 0) + Math.exp(-4 * distance)
      );
    };
    let wins = 0;
    let pairs = 0;
    for (const { songIds } of demo.listeners) {
      const own = random.shuffle([...songIds]);
      const known = own.slice(0, own.length / 2).map((id) => songs.get(id)!);
      const alike = (song: Song) => known.reduce((sum, other) => sum + likeness(song, other), 0);
      const strangers = demo.songs.filter((song) => !songIds.includes(song.id));
      for (const id of own.slice(own.length / 2)) {
        const stranger = strangers[random.integer(strangers.length)]!;
        if (alike(songs.get(id)!) > alike(stranger)) wins++;
        pairs++;
      }
    }
    expect(wins / pairs).toBeGreaterThan(0.75);
  });

  it('vote on about a third of the songs, of every emotion, each listener once per song', () => {
    const voters = new Map<string, Set<string>>();
    for (const { songId, identity } of demo.votes) {
      const heard = voters.get(songId) ?? new Set();
      expect(heard.has(identity)).toBe(false);
      voters.set(songId, heard.add(identity));
    }
    expect(voters.size / DEMO_SIZE).toBeGreaterThan(0.25);
    expect(voters.size / DEMO_SIZE).toBeLessThan(0.35);
    for (const heard of voters.values()) {
      expect(heard.size).toBeGreaterThanOrEqual(3);
      expect(heard.size).toBeLessThanOrEqual(8);
    }
    const emotions = new Set([...voters.keys()].map((id) => demo.truth.get(id)!.emotion));
    expect(emotions.size).toBe(taxonomy.emotions.length);
  });

  it('mostly hear the planted emotion, and rarely one from the other side of the plane', () => {
    const planted = demo.votes.filter((vote) => vote.emotion === demo.truth.get(vote.songId)!.emotion);
    expect(planted.length / demo.votes.length).toBeGreaterThan(0.6);
    expect(planted.length / demo.votes.length).toBeLessThan(0.8);
    const far = demo.votes.filter((vote) => {
      const place = taxonomy.get(vote.emotion)!;
      const truth = demo.truth.get(vote.songId)!;
      return Math.hypot(place.valence - truth.valence, place.arousal - truth.arousal) > 1.2;
    });
    expect(far.length / demo.votes.length).toBeLessThan(0.05);
  });

  it('like songs that are theirs', () => {
    const own = new Map(demo.listeners.map(({ id, songIds }) => [id, new Set(songIds)]));
    expect(demo.likes.length).toBeGreaterThan(20);
    const theirs = demo.likes.filter(({ songId, identity }) => own.get(identity)!.has(songId));
    expect(theirs.length / demo.likes.length).toBeGreaterThan(0.5);
  });
});
