import { describe, expect, it } from 'vitest';
import { type KnownSong, pickSameSong, plain, titleForSearch } from '../../src/spotify/same-song.ts';
import type { SpotifyTrack } from '../../src/spotify/web-api.ts';

const song = (title: string, artist: string, seconds?: number): KnownSong => ({
  title,
  artists: [artist],
  ...(seconds !== undefined && { durationMs: seconds * 1000 }),
});

const track = (title: string, artists: string | string[], seconds = 200, album = title): SpotifyTrack => ({
  uri: `spotify:track:${title}`,
  title,
  artists: [artists].flat(),
  album,
  durationMs: seconds * 1000,
});

const isSame = (known: KnownSong, found: SpotifyTrack) => pickSameSong(known, [found]) !== undefined;

describe('the same song', () => {
  const same: [string, KnownSong, SpotifyTrack][] = [
    ['as it is', song('Yesterday', 'The Beatles'), track('Yesterday', 'The Beatles')],
    ['remastered', song('Yesterday', 'The Beatles'), track('Yesterday - Remastered 2009', 'The Beatles')],
    [
      'with a guest in brackets',
      song('Umbrella', 'Rihanna'),
      track('Umbrella (feat. JAY-Z)', ['Rihanna', 'JAY-Z']),
    ],
    ['with a guest here', song('Umbrella feat. Jay-Z', 'Rihanna'), track('Umbrella', 'Rihanna')],
    [
      'a guest in the artist',
      song('Under Pressure', 'Queen feat. David Bowie'),
      track('Under Pressure', ['Queen', 'David Bowie']),
    ],
    ['a mono mix', song('Help!', 'Beatles'), track('Help! - Mono Mix', 'The Beatles')],
    ['other case, signs and accents', song('Deja vu', 'Beyonce'), track('Déjà Vu', 'Beyoncé')],
    ['an apostrophe', song('Don’t Stop', 'Fleetwood Mac'), track("Don't Stop", 'Fleetwood Mac')],
    ['Nordic letters', song('Hoppipolla', 'Sigur Ros'), track('Hoppípolla', 'Sigur Rós')],
    [
      'brackets that belong to the title',
      song("Sittin' on the Dock of the Bay", 'Otis Redding'),
      track("(Sittin' On) The Dock of the Bay", 'Otis Redding'),
    ],
    [
      'brackets left out, and as long',
      song('Satisfaction', 'The Rolling Stones', 223),
      track("(I Can't Get No) Satisfaction", 'The Rolling Stones', 222),
    ],
    [
      'two artists in one word',
      song('The Boxer', 'Simon & Garfunkel'),
      track('The Boxer', 'Simon & Garfunkel'),
    ],
    [
      'two artists that are two there',
      song('Promises', 'Calvin Harris & Sam Smith'),
      track('Promises', ['Calvin Harris', 'Sam Smith']),
    ],
    ['Japanese', song('夜に駆ける', 'YOASOBI'), track('夜に駆ける', 'YOASOBI')],
    ['Cyrillic', song('Группа крови', 'Кино'), track('Группа Крови', 'Кино')],
    ['Korean', song('봄날', '방탄소년단'), track('봄날', '방탄소년단')],
    ['Arabic', song('إنت عمري', 'أم كلثوم'), track('إنت عمري', 'أم كلثوم')],
    ['full-width letters', song('ＬＯＶＥ', 'Ｍ'), track('Love', 'M')],
    ['a title of signs', song('???', 'Noise'), track('???', 'Noise')],
    [
      'a live song that is wanted live',
      song('Alive (Live at Wembley)', 'Band'),
      track('Alive - Live', 'Band'),
    ],
    ['the remix that is wanted', song('Song (Tiësto Remix)', 'Band'), track('Song - Tiesto Remix', 'Band')],
    ['live in the title', song('Live Forever', 'Oasis'), track('Live Forever - Remastered', 'Oasis')],
    [
      'a radio edit of nearly the same length',
      song('Sandstorm', 'Darude', 225),
      track('Sandstorm - Radio Edit', 'Darude', 226),
    ],
  ];
  it.each(same)('%s', (_, known, found) => {
    expect(isSame(known, found)).toBe(true);
  });
});

describe('another song, which is worse than none', () => {
  const other: [string, KnownSong, SpotifyTrack][] = [
    ['by somebody else', song('Hurt', 'Johnny Cash'), track('Hurt', 'Nine Inch Nails')],
    [
      'a cover by a tribute band',
      song('Yesterday', 'The Beatles'),
      track('Yesterday', 'The Tribute Beatles'),
    ],
    ['karaoke', song('Hello', 'Adele'), track('Hello (Karaoke Version)', ['Adele', 'Sing King'])],
    [
      'on a karaoke album',
      song('Hello', 'Adele'),
      track('Hello', 'Adele', 200, 'Karaoke Hits in the Style of Adele'),
    ],
    ['live', song('Alive', 'Pearl Jam'), track('Alive - Live at Benaroya Hall', 'Pearl Jam')],
    ['not live where live is wanted', song('Alive (Live)', 'Pearl Jam'), track('Alive', 'Pearl Jam')],
    ['a remix', song('Blue Monday', 'New Order'), track('Blue Monday (Hardfloor Remix)', 'New Order')],
    ['another remix', song('Song (Tiësto Remix)', 'Band'), track('Song (Armin Remix)', 'Band')],
    ['an acoustic version', song('Layla', 'Eric Clapton'), track('Layla - Acoustic', 'Eric Clapton')],
    ['instrumental', song('Halo', 'Beyoncé'), track('Halo (Instrumental)', 'Beyoncé')],
    ['sped up', song('Halo', 'Beyoncé'), track('Halo - Sped Up', 'Beyoncé')],
    ['an extended mix', song('Around', 'Noir'), track('Around (Extended Mix)', 'Noir')],
    ['another title that begins the same', song('Love', 'Lana'), track('Love Song', 'Lana')],
    ['much longer', song('Echoes', 'Pink Floyd', 200), track('Echoes', 'Pink Floyd', 1412)],
    [
      'part two',
      song('Another Brick (Part 1)', 'Pink Floyd', 190),
      track('Another Brick (Part 2)', 'Pink Floyd', 239),
    ],
    [
      'brackets left out, and of unknown length',
      song('Satisfaction', 'The Rolling Stones'),
      track("(I Can't Get No) Satisfaction", 'The Rolling Stones'),
    ],
    ['Japanese by a voiced sound', song('かき', 'A'), track('がき', 'A')],
    ['Hindi by a vowel sign', song('की', 'A'), track('का', 'A')],
    ['another title of signs', song('???', 'Noise'), track('!!!', 'Noise')],
    ['one of two artists alone', song('The Boxer', 'Simon & Garfunkel'), track('The Boxer', 'Simon')],
    ['nobody’s', song('Yesterday', ''), track('Yesterday', '')],
  ];
  it.each(other)('%s', (_, known, found) => {
    expect(isSame(known, found)).toBe(false);
  });
});

it('of several that fit, the nearest in length, album and words is taken', () => {
  const found = [
    track('Song (feat. Guest)', 'Band', 203, 'Best Of'),
    track('Song', 'Band', 201, 'Best Of'),
    track('Song', 'Band', 200, 'First'),
    track('Song - Live', 'Band', 200, 'First'),
  ];
  expect(pickSameSong({ ...song('Song', 'Band', 200), album: 'First' }, found)).toBe(found[2]);
});

it('searches without what a search need not find', () => {
  expect(titleForSearch('Umbrella (feat. JAY-Z) - Remastered 2009')).toBe('Umbrella');
  expect(titleForSearch("(Sittin' On) The Dock of the Bay")).toBe("(Sittin' On) The Dock of the Bay");
  expect(titleForSearch('Alive - Live at Wembley')).toBe('Alive - Live at Wembley');
  expect(titleForSearch('The "Heart" of it')).toBe('The Heart of it');
  expect(titleForSearch('(Remastered)')).toBe('(Remastered)');
});

it('leaves the letters of other scripts as they are', () => {
  expect(plain('Ça Va, Ødegård & Łukasz!')).toBe('ca va odegard and lukasz');
  expect(plain('かがく')).not.toBe(plain('かかく'));
  expect(plain('…')).toBe('…'.normalize('NFKD'));
});
