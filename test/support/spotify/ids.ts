import { createHash } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Spotify's ids: 22 letters and digits. The same name always gives the same id, so that tests repeat themselves. */
export function spotifyId(name: string): string {
  let number = BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 32)}`);
  let id = '';
  for (let index = 0; index < 22; index++) {
    id = BASE62[Number(number % 62n)] + id;
    number /= 62n;
  }
  return id;
}

export const isSpotifyId = (id: string): boolean => /^[0-9A-Za-z]{22}$/.test(id);

/** A version of a playlist, in the form of Spotify's: opaque, different after every change. */
export function snapshotId(playlist: string, version: number): string {
  return Buffer.from(
    `${version},${createHash('sha1').update(`${playlist} ${version}`).digest('hex')}`,
  ).toString('base64');
}
