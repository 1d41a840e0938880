import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import SpotifyWebApi from 'spotify-web-api-node';
import type { BuiltRequest } from 'spotify-web-api-node/src/base-request.js';
import manager from 'spotify-web-api-node/src/http-manager.js';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { isRemoved } from '../support/spotify/api/removed.ts';

/** Every method of spotify-web-api-node 5.0.2 that calls what Spotify removed in 2024 or 2026. */
const BROKEN = [
  // Batches of anything.
  'getTracks',
  'getAlbums',
  'getArtists',
  'getShows',
  'getEpisodes',
  // Items of playlists: `/tracks` is `/items` now.
  'getPlaylistTracks',
  'addTracksToPlaylist',
  'removeTracksFromPlaylist',
  'removeTracksFromPlaylistByPosition',
  'replaceTracksInPlaylist',
  'reorderTracksInPlaylist',
  // The library is `/me/library` now.
  'addToMySavedTracks',
  'removeFromMySavedTracks',
  'containsMySavedTracks',
  'addToMySavedAlbums',
  'removeFromMySavedAlbums',
  'containsMySavedAlbums',
  'addToMySavedShows',
  'removeFromMySavedShows',
  'containsMySavedShows',
  // Following.
  'followPlaylist',
  'unfollowPlaylist',
  'areFollowingPlaylist',
  'followUsers',
  'followArtists',
  'unfollowUsers',
  'unfollowArtists',
  'isFollowingUsers',
  'isFollowingArtists',
  // Other people, the charts and the shop window.
  'getUser',
  'getArtistTopTracks',
  'getArtistRelatedArtists',
  'getNewReleases',
  'getFeaturedPlaylists',
  'getCategories',
  'getCategory',
  'getPlaylistsForCategory',
  // Spotify's own knowledge of songs.
  'getAudioFeaturesForTrack',
  'getAudioFeaturesForTracks',
  'getAudioAnalysisForTrack',
  'getRecommendations',
  'getAvailableGenreSeeds',
] as const;

/** Alive as long as they are asked in the new way; ours are, and their tests say so. */
const BROKEN_WHEN_MISUSED = {
  getUserPlaylists: 'with the name of a user it calls `/users/{id}/playlists`',
  search: 'a limit above 10 is refused',
  searchTracks: 'a limit above 10 is refused',
};

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ts$/.test(name))
    .map((name) => path.join(folder, name));
}

const files = ['src', 'commands', 'ml'].flatMap((folder) => sources(path.join(PACKAGE_ROOT, folder)));

/** What each method of the library would send, found by calling it. */
function requestsOf(name: string): string[] {
  const sent: string[] = [];
  const originals = { get: manager.get, post: manager.post, put: manager.put, del: manager.del };
  const verbs = { get: 'GET', post: 'POST', put: 'PUT', del: 'DELETE' } as const;
  for (const [key, verb] of Object.entries(verbs) as [keyof typeof verbs, string][])
    manager[key] = (request: BuiltRequest) => {
      sent.push(`${verb} ${new URL(request.getURI()).pathname}`);
    };
  try {
    const library = new SpotifyWebApi() as unknown as Record<string, (...given: unknown[]) => unknown>;
    for (const given of [
      ['x', 'y', 'z'],
      [['x'], ['y'], ['z']],
      ['x', 'y', ['z']],
    ]) {
      try {
        const answer = library[name]?.(...given);
        if (answer instanceof Promise) answer.catch(() => {});
      } catch {
        // This method wants other arguments.
      }
    }
  } finally {
    Object.assign(manager, originals);
  }
  return sent;
}

function isBroken(request: string): boolean {
  const [method = '', address = ''] = request.split(' ');
  // An address from before 2018, which is in no list any more.
  if (/^\/v1\/users\/\w+\/playlists\/\w+/.test(address)) return true;
  return address.startsWith('/v1/') && isRemoved(method, address.slice('/v1'.length));
}

describe('the methods of the library that 2026 has broken', () => {
  it('are these', () => {
    const all = Object.keys(SpotifyWebApi.prototype as object);
    const broken = all.filter((name) => {
      const requests = requestsOf(name);
      return requests.length > 0 && requests.some(isBroken);
    });
    expect(broken.filter((name) => !(name in BROKEN_WHEN_MISUSED)).sort()).toEqual([...BROKEN].sort());
  });

  it('are named nowhere in our code', () => {
    const names = new RegExp(`\\b(?:${BROKEN.join('|')})\\b`);
    expect(files.filter((file) => names.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('cannot be reached from another file: one alone touches the library', () => {
    const touching = files
      .filter((file) =>
        /(?:from|import|require)[\s(]*['"]spotify-web-api-node/.test(readFileSync(file, 'utf8')),
      )
      .map((file) => path.relative(PACKAGE_ROOT, file));
    expect(touching.sort()).toEqual(['src/spotify/library.ts', 'src/spotify/spotify-web-api-node.d.ts']);
  });

  it('cannot be called dynamically there', () => {
    const text = readFileSync(path.join(PACKAGE_ROOT, 'src', 'spotify', 'library.ts'), 'utf8');
    // `methods[method]` chooses among get, post, put and del.
    expect(text.match(/\w+\[\w+\]/g)).toEqual(['methods[method]', 'methods[method]']);
    expect(text).not.toContain('/tracks');
  });
});
