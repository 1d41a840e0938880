import type { MemberId } from '../../domain/member.ts';
import type { SongId } from '../../domain/song.ts';
import type {
  SpotifyOwner,
  SpotifyPause,
  StoredPush,
  StoredSongLink,
  StoredSpotifyLink,
} from '../../domain/spotify.ts';
import { freeze } from './sealed.ts';
import { Timeline } from './timeline.ts';

/** Pushes of a member that are over; older ones go. */
export const PAST_PUSHES = 100;

/** What the store holds about Spotify. */
export interface SpotifyState {
  readonly links: Map<SpotifyOwner, StoredSpotifyLink>;
  readonly pushes: Timeline<StoredPush>;
  readonly songs: Map<SongId, StoredSongLink>;
  pause: SpotifyPause | undefined;
  /** What counts once and was used, with when it would have ended. */
  readonly spent: Map<string, number>;
}

export interface SpotifyJson {
  readonly links: readonly StoredSpotifyLink[];
  readonly pushes: readonly StoredPush[];
  readonly songs: readonly StoredSongLink[];
  readonly pause?: SpotifyPause;
  readonly spent: readonly (readonly [string, number])[];
}

export function emptySpotify(): SpotifyState {
  return {
    links: new Map(),
    pushes: new Timeline(
      (push) => push.memberId,
      (push) => push.askedAt,
    ),
    songs: new Map(),
    pause: undefined,
    spent: new Map(),
  };
}

export function savePush({ pushes }: SpotifyState, push: StoredPush): void {
  pushes.save(push);
  const over = pushes.of(push.memberId).filter(({ endedAt }) => endedAt !== undefined);
  for (const { id } of over.slice(0, -PAST_PUSHES)) pushes.remove(id);
}

export function spend({ spent }: SpotifyState, nonce: string, until: number, at: number): void {
  for (const [other, end] of spent) if (end <= at) spent.delete(other);
  spent.set(nonce, until);
}

const isLive = (link: StoredSpotifyLink | undefined) => link?.sealed !== undefined;

/**
 * What `from` has becomes `to`'s: all pushes, also more than one member may have, and the account, unless `to` has one
 * that Spotify still takes. A push keeps its owner where the account is not linked any more: what went there is
 * nothing that a later push could change.
 */
export function joinSpotify({ links, pushes }: SpotifyState, from: MemberId, to: MemberId): void {
  const link = links.get(from);
  const other = links.get(to);
  links.delete(from);
  const moves = link !== undefined && (other === undefined || (isLive(link) && !isLive(other)));
  if (moves)
    links.set(to, freeze({ ...link, owner: to, ...(isLive(link) && { sealedFor: link.sealedFor ?? from }) }));
  const isTheirs = moves || (link !== undefined && link.accountId === other?.accountId);
  for (const push of [...pushes.of(from)]) {
    const owner = isTheirs && push.owner === from ? to : push.owner;
    pushes.save(freeze({ ...push, memberId: to, owner }));
  }
}

/**
 * Gives pushes back with the playlists that they are made of. What went into the account stays with the account, and
 * what went into one of their own (`owners`) that is not linked any more is theirs in any case.
 */
export function partSpotify(
  { pushes }: SpotifyState,
  from: MemberId,
  to: MemberId,
  theirs: { readonly playlists: ReadonlySet<string>; readonly owners: ReadonlySet<SpotifyOwner> },
): void {
  for (const push of [...pushes.of(from)]) {
    const comesBack = theirs.playlists.has(push.playlistId)
      ? push.owner !== from
      : theirs.owners.has(push.owner);
    if (comesBack) pushes.save(freeze({ ...push, memberId: to }));
  }
}

export function forgetSpotify(state: SpotifyState, memberId: MemberId): void {
  state.links.delete(memberId);
  for (const { id } of [...state.pushes.of(memberId)]) state.pushes.remove(id);
}

export function spotifyToJson({ links, pushes, songs, pause, spent }: SpotifyState): SpotifyJson {
  return {
    links: [...links.values()],
    pushes: [...pushes.all()],
    songs: [...songs.values()],
    ...(pause && { pause }),
    spent: [...spent],
  };
}

export function readSpotify(json: SpotifyJson | undefined, state: SpotifyState): void {
  for (const link of json?.links ?? []) state.links.set(link.owner, freeze(link));
  for (const push of json?.pushes ?? []) state.pushes.save(freeze(push));
  for (const song of json?.songs ?? []) state.songs.set(song.songId, freeze(song));
  state.pause = freeze(json?.pause);
  for (const [nonce, until] of json?.spent ?? []) state.spent.set(nonce, until);
}
