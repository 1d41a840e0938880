/**
 * What February 2026 took from apps in development mode, and November 2024 from all new ones:
 * developer.spotify.com/documentation/web-api/references/changes/february-2026. Spotify answers 403.
 */
const REMOVED: readonly string[] = [
  'GET /albums',
  'GET /artists',
  'GET /artists/{id}/top-tracks',
  'GET /artists/{id}/related-artists',
  'GET /shows',
  'GET /episodes',
  'GET /audiobooks',
  'GET /chapters',
  'GET /tracks',
  ...['albums', 'audiobooks', 'episodes', 'shows', 'tracks'].flatMap((kind) => [
    `PUT /me/${kind}`,
    `DELETE /me/${kind}`,
    `GET /me/${kind}/contains`,
  ]),
  'GET /playlists/{id}/tracks',
  'POST /playlists/{id}/tracks',
  'PUT /playlists/{id}/tracks',
  'DELETE /playlists/{id}/tracks',
  'GET /users/{id}',
  'GET /users/{id}/playlists',
  'POST /users/{id}/playlists',
  'PUT /playlists/{id}/followers',
  'DELETE /playlists/{id}/followers',
  'GET /playlists/{id}/followers/contains',
  'PUT /me/following',
  'DELETE /me/following',
  'GET /me/following/contains',
  'GET /browse/featured-playlists',
  'GET /browse/categories',
  'GET /browse/categories/{id}',
  'GET /browse/categories/{id}/playlists',
  'GET /browse/new-releases',
  'GET /audio-features',
  'GET /audio-features/{id}',
  'GET /audio-analysis/{id}',
  'GET /recommendations',
  'GET /recommendations/available-genre-seeds',
  'GET /markets',
];

const PATTERNS = REMOVED.map((route) => new RegExp(`^${route.replaceAll('{id}', '[^/]+')}$`));

export function isRemoved(method: string, path: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(`${method} ${path.replace(/\/$/, '')}`));
}
