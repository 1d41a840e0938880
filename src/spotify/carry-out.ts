import type { Catalogue } from '../domain/catalogue.ts';
import type { Song, SongId } from '../domain/song.ts';
import type { PushedPlaylist, PushFailure, StoredPush } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import { fill, type PlacedSong } from './fill.ts';
import type { SongLookup } from './lookup.ts';
import { SpotifyError, type SpotifyProblem } from './problem.ts';
import { changePush, markedDescription, markOf, PushGone } from './record.ts';
import type { Tokens } from './spotify.ts';
import type { WebApi } from './web-api.ts';

export interface CarryOutParts {
  readonly store: Pick<Store, 'push' | 'savePush' | 'saveSongLinks'>;
  readonly api: WebApi;
  readonly tokens: Tokens;
  readonly lookup: SongLookup;
  catalogue(): Catalogue;
  now(): number;
}

/** Nothing is wrong; it only goes on after a moment. */
export class ComeBack extends Error {
  readonly afterMs: number;

  constructor(afterMs: number) {
    super(`to be continued after ${afterMs} ms`);
    this.name = 'ComeBack';
    this.afterMs = afterMs;
  }
}

/** A push ends without success, and not for a reason that Spotify gave. */
export class PushFailed extends Error {
  readonly failure: PushFailure;

  constructor(failure: PushFailure) {
    super(`the push failed: ${failure}`);
    this.name = 'PushFailed';
    this.failure = failure;
  }
}

/** A new playlist may be missing from its owner's list for so long. */
const LISTED_AFTER_MS = 30_000;
const FIRST_LOOK_AGAIN_MS = 2_000;
/** Nobody is assumed to have more playlists; they come newest first. */
const PAGES_LOOKED_AT = 20;

/**
 * Takes a push from wherever it stands to where its songs are all in. Each step is durable before the next one, and
 * before the one request that must not be made twice: whatever is cut off, doing this again leads to one playlist with
 * the right songs.
 * @throws SpotifyError, ComeBack, PushFailed, PushGone, StoreError; then this may be called again
 */
export async function carryOut(parts: CarryOutParts, id: string): Promise<StoredPush> {
  const push = await parts.store.push(id);
  if (push === undefined) throw new PushGone();
  return push.filledAt === undefined ? bringIn(parts, push) : push;
}

/** Songs, playlist, songs into the playlist. */
async function bringIn(parts: CarryOutParts, asked: StoredPush): Promise<StoredPush> {
  const { store, now } = parts;
  const { placed, missing } = await findSongs(parts, asked);
  if (placed.length === 0) {
    await changePush(store, asked.id, { missing });
    throw new PushFailed('nothing-found');
  }
  const push = await findPlaylist(parts, asked);
  const playlist = push.into as PushedPlaylist;
  const use = <T>(run: (token: string) => Promise<T>) => parts.tokens.use(push.owner, run);
  try {
    const { gone } = await fill(placed, {
      replace: (uris) => use((token) => parts.api.replaceItems(token, playlist.id, uris)),
      add: (uris, position) => use((token) => parts.api.addItems(token, playlist.id, uris, position)),
      onGone: (songs) => store.saveSongLinks(songs.map(({ songId }) => ({ songId, at: now() }))),
    });
    const left = [...missing, ...gone.map(({ songId }) => songId)];
    const inOrder = push.songs.filter((songId) => left.includes(songId));
    if (gone.length === placed.length) {
      await changePush(store, push.id, { missing: inOrder });
      throw new PushFailed('nothing-found');
    }
    return await changePush(store, push.id, {
      filledAt: now(),
      missing: inOrder.length > 0 ? inOrder : undefined,
    });
  } catch (error) {
    if (push.updates === undefined || !isGonePlaylist(error)) throw error;
    const instead = { into: undefined, updates: undefined, instead: true } as const;
    return bringIn(parts, await changePush(store, push.id, instead));
  }
}

const isGonePlaylist = (error: unknown) =>
  error instanceof SpotifyError && error.problem.kind === 'gone' && error.problem.what === 'playlist';

async function findSongs(
  { catalogue, lookup, tokens }: CarryOutParts,
  push: StoredPush,
): Promise<{ placed: PlacedSong[]; missing: SongId[] }> {
  const songs = catalogue();
  const known = push.songs.flatMap((songId): Song[] => {
    const index = songs.indexOf(songId);
    return index < 0 ? [] : [songs.song(index)];
  });
  // What the demo invented is nowhere, and nobody is asked for it.
  const uris = songs.demo
    ? new Map<SongId, string>()
    : await lookup.find(known, (run) => tokens.use(push.owner, run));
  const placed: PlacedSong[] = [];
  const missing: SongId[] = [];
  for (const songId of push.songs) {
    const uri = uris.get(songId);
    if (uri === undefined) missing.push(songId);
    else placed.push({ songId, uri });
  }
  return { placed, missing };
}

/** The playlist that the songs go to: the one that is updated, the one that was begun, or a new one. */
async function findPlaylist(parts: CarryOutParts, push: StoredPush): Promise<StoredPush> {
  if (push.into !== undefined) return push;
  const { store } = parts;
  if (push.updates !== undefined) {
    const before = await store.push(push.updates);
    if (before?.into !== undefined && (await isInLibrary(parts, push, before.into.id))) {
      await rename(parts, push, before, before.into);
      return changePush(store, push.id, { into: before.into });
    }
    return create(parts, await changePush(store, push.id, { updates: undefined, instead: true }));
  }
  return create(parts, push);
}

async function rename(
  { api, tokens }: CarryOutParts,
  push: StoredPush,
  before: StoredPush,
  into: PushedPlaylist,
): Promise<void> {
  if (push.name === before.name && push.description === before.description) return;
  const text = { name: push.name, description: markedDescription(push) };
  await tokens.use(push.owner, (token) => api.changeDetails(token, into.id, text));
}

async function create(parts: CarryOutParts, push: StoredPush): Promise<StoredPush> {
  const { store, api, tokens, now } = parts;
  const doubtSince = push.creatingSince;
  if (doubtSince !== undefined) {
    const ours = await findOurs(parts, push, doubtSince);
    if (ours !== undefined) return changePush(store, push.id, { into: ours });
  }
  await changePush(store, push.id, { creatingSince: now() });
  let sent = false;
  try {
    const text = { name: push.name, description: markedDescription(push) };
    const { id, url } = await tokens.use(push.owner, (token) => {
      sent = true;
      return api.createPlaylist(token, text);
    });
    return await changePush(store, push.id, { into: { id, url } });
  } catch (error) {
    // It was not made now; an earlier doubt stays one.
    if (!sent || (error instanceof SpotifyError && isNotDone(error.problem)))
      await changePush(store, push.id, { creatingSince: doubtSince });
    throw error;
  }
}

function isNotDone(problem: SpotifyProblem): boolean {
  return problem.kind !== 'unavailable' || !problem.maybeDone;
}

/** The playlist whose making was in doubt, if it was made. Spotify may list it late: then it is looked for again. */
async function findOurs(
  parts: CarryOutParts,
  push: StoredPush,
  since: number,
): Promise<PushedPlaylist | undefined> {
  const mark = markOf(push);
  const age = Math.max(0, parts.now() - since);
  const found = await findInLibrary(parts, push, ({ description }) => description.includes(mark));
  if (found !== undefined || age >= LISTED_AFTER_MS) return found;
  throw new ComeBack(Math.min(Math.max(FIRST_LOOK_AGAIN_MS, age), LISTED_AFTER_MS - age));
}

async function isInLibrary(parts: CarryOutParts, push: StoredPush, playlistId: string): Promise<boolean> {
  return (await findInLibrary(parts, push, ({ id }) => id === playlistId)) !== undefined;
}

/** Who "deletes" a playlist only takes it out of their library: it still answers, and is in nobody's way any more. */
export async function findInLibrary(
  { api, tokens }: Pick<CarryOutParts, 'api' | 'tokens'>,
  { owner }: Pick<StoredPush, 'owner'>,
  isIt: (playlist: { readonly id: string; readonly description: string }) => boolean,
): Promise<PushedPlaylist | undefined> {
  let offset: number | undefined = 0;
  for (let pages = 0; offset !== undefined && pages < PAGES_LOOKED_AT; pages++) {
    const from: number = offset;
    const page = await tokens.use(owner, (token) => api.myPlaylists(token, from));
    const found = page.items.find(isIt);
    if (found !== undefined) return { id: found.id, url: found.url };
    offset = page.nextOffset;
  }
  return undefined;
}
