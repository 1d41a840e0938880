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

/** A member's pushes, or some of them, become another's. */
export function movePushes(
  state: SpotifyState,
  from: MemberId,
  to: MemberId,
  which: (push: StoredPush) => boolean = () => true,
): void {
  for (const push of state.pushes.of(from).filter(which)) {
    state.pushes.remove(push.id);
    savePush(state, freeze({ ...push, memberId: to, owner: push.owner === from ? to : push.owner }));
  }
}

/** The one who stays takes the account over, unless they have one. */
export function moveLink({ links }: SpotifyState, from: MemberId, to: MemberId): void {
  const link = links.get(from);
  links.delete(from);
  if (link !== undefined && !links.has(to)) links.set(to, freeze({ ...link, owner: to }));
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
  state.pause = json?.pause;
  for (const [nonce, until] of json?.spent ?? []) state.spent.set(nonce, until);
}
