import type { SongCard } from './message.ts';

/** A sound file of the bot's own. */
export interface AudioFile {
  readonly path: string;
  readonly mediaType: string;
}

/** Where a song can be heard at Spotify; undefined without one. */
export function spotifyPage({ sound }: SongCard): string | undefined {
  const id =
    sound.kind === 'spotify' ? /^spotify:track:([A-Za-z0-9]{1,64})$/.exec(sound.uri)?.[1] : undefined;
  return id && `https://open.spotify.com/track/${id}`;
}
