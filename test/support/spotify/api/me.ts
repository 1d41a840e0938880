import { z } from 'zod';
import { refuse } from '../errors.ts';
import { profilePayload, savedTrackPayload, simplePlaylistPayload, trackPayload } from '../payloads.ts';
import { demandScope, ok, page, parseBody, type Route } from './route.ts';

const createSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  public: z.boolean().optional(),
  collaborative: z.boolean().optional(),
});

/** More than this, or a line break, is answered with 500: metabrainz/troi-recommendation-playground#155. */
export function demandDescription(description: string): void {
  if (description.length > 300 || /[\r\n]/.test(description)) refuse(500, 'Server error');
}

/** From 200 on names were refused or broke the server: spotify/web-api#456. */
export function demandName(name: string): void {
  if (name.trim() === '') refuse(400, 'Missing required field: name');
  if (name.length > 200) refuse(400, 'Attribute name is too long');
}

export const meRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/me',
    handle: ({ account, origin, grant }) => ok(profilePayload(account, origin, grant.app.extended)),
  },
  {
    method: 'POST',
    path: '/me/playlists',
    scopes: ['playlist-modify-public', 'playlist-modify-private'],
    handle(request) {
      const form = parseBody(createSchema, request.body);
      // Public unless told otherwise, which nobody means who pushes something personal.
      const isPublic = form.public ?? true;
      const collaborative = form.collaborative ?? false;
      if (collaborative && isPublic) refuse(400, 'Collaborative playlists can only be private.');
      demandScope(request, isPublic ? 'playlist-modify-public' : 'playlist-modify-private');
      demandName(form.name);
      demandDescription(form.description ?? '');
      const playlist = request.world.createPlaylist(request.account, {
        name: form.name,
        description: form.description ?? '',
        public: isPublic,
        collaborative,
      });
      const { items, ...rest } = simplePlaylistPayload(playlist, request.origin);
      return {
        status: 201,
        body: {
          ...rest,
          items: { ...items, items: [], limit: 100, next: null, offset: 0, previous: null },
        },
      };
    },
  },
  {
    method: 'GET',
    path: '/me/playlists',
    scopes: ['playlist-read-private'],
    handle(request) {
      const { account, world, listLagMs, origin } = request;
      const listed = account.playlists.filter(({ createdAt }) => createdAt + listLagMs <= world.clock.now());
      return ok(
        page(
          request,
          '/me/playlists',
          listed.map((playlist) => simplePlaylistPayload(playlist, origin)),
        ),
      );
    },
  },
  {
    method: 'GET',
    path: '/me/tracks',
    scopes: ['user-library-read'],
    handle(request) {
      const { account, world, origin, query } = request;
      const saved = account.saved.flatMap(({ uri, at }) => {
        const track = world.tracks.get(uri);
        return track === undefined || track.gone
          ? []
          : [savedTrackPayload(track, at, origin, query.get('market') ?? undefined)];
      });
      return ok(page(request, '/me/tracks', saved));
    },
  },
  {
    method: 'GET',
    path: '/me/top/tracks',
    scopes: ['user-top-read'],
    handle(request) {
      const { account, world, origin, query } = request;
      if (!['short_term', 'medium_term', 'long_term'].includes(query.get('time_range') ?? 'medium_term'))
        refuse(400, 'Invalid time range');
      const top = account.top.flatMap((uri) => {
        const track = world.tracks.get(uri);
        return track === undefined || track.gone ? [] : [trackPayload(track, origin, undefined)];
      });
      return ok(page(request, '/me/top/tracks', top));
    },
  },
  {
    method: 'GET',
    path: '/me/top/artists',
    scopes: ['user-top-read'],
    // Nobody here has a favourite artist yet.
    handle: (request) => ok(page(request, '/me/top/artists', [])),
  },
];
