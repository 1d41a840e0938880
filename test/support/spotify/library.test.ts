import SpotifyWebApi from 'spotify-web-api-node';
import authentication from 'spotify-web-api-node/src/authentication-request.js';
import webapi from 'spotify-web-api-node/src/webapi-request.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorizeUrl, REDIRECT } from './ask.ts';
import { HOUR } from './clock.ts';
import type { Person } from './person.ts';
import { openSpotify, type Spotify } from './spotify.ts';

// The library has no option for its host; in this file, and in this process, it is led here.
const originals = { webapi: webapi.builder, authentication: authentication.builder };
let spotify: Spotify;
let ana: Person;
let library: SpotifyWebApi;

beforeAll(() => {
  const at = (address: string) => ({ host: '127.0.0.1', port: Number(new URL(address).port) });
  webapi.builder = (token) => {
    const { host, port } = at(spotify.apiUrl);
    return originals.webapi(token).withScheme('http').withHost(host).withPort(port);
  };
  authentication.builder = () => {
    const { host, port } = at(spotify.accountsUrl);
    return originals.authentication().withScheme('http').withHost(host).withPort(port);
  };
});

afterAll(() => {
  webapi.builder = originals.webapi;
  authentication.builder = originals.authentication;
});

beforeEach(async () => {
  spotify = await openSpotify();
  ana = spotify.account('ana');
  library = new SpotifyWebApi({
    clientId: spotify.app.clientId,
    clientSecret: spotify.app.clientSecret,
    redirectUri: REDIRECT,
  });
  const scope = 'playlist-modify-private playlist-read-private user-library-read user-top-read';
  const arrival = await ana.consents(authorizeUrl(spotify, { scope }));
  const granted = await library.authorizationCodeGrant(arrival.url.searchParams.get('code') ?? '');
  library.setAccessToken(granted.body.access_token);
  library.setRefreshToken(granted.body.refresh_token);
});

afterEach(() => spotify.close().catch(() => {}));

describe('spotify-web-api-node 5.0.2', () => {
  it('still does these', async () => {
    ana.saves(...spotify.tracks(2));
    expect((await library.getMe()).body.display_name).toBe('ana');
    const { body } = await library.createPlaylist('Calm', { description: 'slow', public: false });
    expect((await library.getUserPlaylists({ limit: 50 })).body.items[0]?.id).toBe(body.id);
    await library.changePlaylistDetails(body.id, { name: 'Calmer' });
    expect((await library.getMySavedTracks()).body.total).toBe(2);
    expect((await library.getMyTopTracks()).body.total).toBe(0);
    expect((await library.searchTracks('Song', { limit: 10 })).body.tracks?.total).toBe(2);
    expect(ana.playlists()).toMatchObject([{ name: 'Calmer', public: false }]);
    spotify.check();
  });

  it('refreshes with its secret', async () => {
    spotify.clock.advance(HOUR);
    await expect(library.getMe()).rejects.toMatchObject({ statusCode: 401 });
    library.setAccessToken((await library.refreshAccessToken()).body.access_token);
    expect((await library.getMe()).statusCode).toBe(200);
    spotify.check();
  });

  it('no longer fills a playlist', async () => {
    const { body } = await library.createPlaylist('Calm', { public: false });
    const [one] = spotify.tracks(1);
    await expect(library.addTracksToPlaylist(body.id, [one?.uri ?? ''])).rejects.toMatchObject({
      statusCode: 403,
    });
    expect(() => spotify.check()).toThrow(/POST \/playlists\/.+\/tracks: /);
  });

  it('names a quota a player error, and loses what a plain answer says', async () => {
    spotify.exhaustsQuota(60);
    await expect(library.getMe()).rejects.toMatchObject({ name: 'WebapiPlayerError', statusCode: 429 });
    spotify.clock.advance(60_000);
    spotify.premiumLapses();
    await expect(library.getMe()).rejects.toMatchObject({
      statusCode: 403,
      body: {},
      message: '[object Object]',
    });
  });
});
