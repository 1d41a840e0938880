import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Taxonomy } from '../domain/emotion.ts';
import type { MemberId, StoredPlaylist, TasteEntry } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';
import type { Store } from '../store/store.ts';
import { modelDir } from '../training/model-files.ts';
import type { Training } from '../training/training.ts';
import {
  OWN_TASTE,
  type Playlist,
  type PlaylistEntry,
  type PlaylistRequest,
  type Playlists,
} from './playlists.ts';
import type { RankAnswers, RankedSong, RankQuestion, RankRequest, RankSource } from './rank-messages.ts';
import { RankThreadError, startRankThread } from './rank-thread.ts';

/** Songs of this many of a member's last playlists do not come again at once. */
const REMEMBERED = 3;
/** How old the count of likes may be that popularity rests on. */
const LIKES_AGE = 10 * 60_000;
/** How long a model that could not be loaded is left alone. */
const RETRY_AFTER = 60_000;

interface PlaylistParts {
  readonly store: Store;
  readonly stateDir: string;
  /** Folder of the catalogue in use. */
  catalogueDir(): string;
  readonly training: Pick<Training, 'model' | 'onPublished'>;
  readonly taxonomy: Taxonomy;
  readonly log: Logger;
  now(): number;
  /** Called when a stand-in ranks for the model in use: training again would give it a recommender of its own. */
  onSubstitute?(): void;
  /** Songs that a member likes by what another service knows: they count now, and are stored nowhere. */
  likedElsewhere?(memberId: MemberId): Promise<readonly SongId[]>;
  /** For loading and for one playlist. */
  readonly timeoutMs?: number;
}

const isStopping = (err: unknown) => err instanceof RankThreadError && err.code === 'stopped';

/**
 * Makes playlists in a thread of its own. It loads the catalogue and the model that are current when it is asked, and
 * a new thread takes its place when it dies or hangs.
 */
export function createPlaylists(parts: PlaylistParts): Playlists {
  const { store, stateDir, catalogueDir, training, taxonomy, log, now, timeoutMs = 30_000 } = parts;
  const thread = startRankThread({ log, timeoutMs });
  let loaded: (RankSource & { readonly generation: number }) | undefined;
  let loading: Promise<void> | undefined;
  /** What could not be loaded, so that not every request tries it again. */
  let refused: (RankSource & { readonly at: number }) | undefined;
  let likesAt = Number.NEGATIVE_INFINITY;

  function wanted(): RankSource | undefined {
    const model = training.model();
    return model && { catalogueDir: catalogueDir(), modelDir: modelDir(stateDir, model.id) };
  }

  const serving = () => loaded?.generation === thread.generation();

  /** Is there nothing to load: it is in use, or it has just failed and the one before still serves. */
  function settled(source: RankSource): boolean {
    const is = (other: RankSource | undefined) =>
      other?.catalogueDir === source.catalogueDir && other.modelDir === source.modelDir;
    return serving() && (is(loaded) || (is(refused) && now() - (refused?.at ?? 0) < RETRY_AFTER));
  }

  async function load(source: RankSource): Promise<void> {
    const generation = thread.generation();
    try {
      const { modelId, milliseconds, substitutedBecause } = await thread.ask({
        kind: 'load',
        ...source,
        plane: taxonomy.emotions.map(({ key, valence, arousal }) => ({ key, valence, arousal })),
      });
      loaded = { ...source, generation };
      likesAt = Number.NEGATIVE_INFINITY;
      log.info({ modelId, milliseconds: Math.round(milliseconds) }, 'playlists use this model now');
      if (substitutedBecause !== undefined) {
        log.warn({ modelId, reason: substitutedBecause }, 'item-knn ranks until the next training run');
        parts.onSubstitute?.();
      }
    } catch (err) {
      // A thread that still holds the model before goes on with it.
      if (isStopping(err) || !serving()) throw err;
      refused = { ...source, at: now() };
      log.error({ err, ...source }, 'the new model could not be loaded for playlists; the old one stays');
    }
    await countLikes();
  }

  /** Brings the thread to what is current, one load at a time. False when there is no model. */
  async function ready(): Promise<boolean> {
    for (;;) {
      await loading;
      const source = wanted();
      if (!source) return false;
      if (settled(source)) return true;
      loading ??= load(source).finally(() => {
        loading = undefined;
      });
    }
  }

  async function countLikes(): Promise<void> {
    likesAt = now();
    const counts = new Map<SongId, number>();
    for await (const batch of store.tastes()) {
      for (const { entries } of batch) {
        for (const { songId, liked } of entries) {
          if (liked) counts.set(songId, (counts.get(songId) ?? 0) + 1);
        }
      }
    }
    await thread.ask({
      kind: 'likes',
      songIds: [...counts.keys()],
      counts: Int32Array.from(counts.values()),
    });
  }

  function inBackground(what: string, run: () => Promise<unknown>): void {
    run().catch((err: unknown) => {
      if (!isStopping(err)) log.warn({ err }, what);
    });
  }

  async function withVotes(song: RankedSong): Promise<PlaylistEntry> {
    if (!song.voted) return song;
    const counts = await store.voteCounts(song.songId);
    const reasons = song.reasons.map((reason) =>
      reason.kind === 'carries-emotion' ? { ...reason, votes: counts[reason.emotion] ?? 0 } : reason,
    );
    return { ...song, reasons };
  }

  /** A thread that died meanwhile is replaced once, unnoticed. */
  async function ask<Q extends RankQuestion>(question: Q): Promise<RankAnswers[Q['kind']] | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (!(await ready())) return undefined;
        return await thread.ask(question);
      } catch (err) {
        if (attempt > 1 || !(err instanceof RankThreadError) || err.code !== 'ended') throw err;
      }
    }
  }

  /** What is known of a member, or was at `knownAt`, for the ranking thread. */
  async function rankRequest(
    request: Omit<PlaylistRequest, 'communityId'>,
    knownAt = Number.POSITIVE_INFINITY,
  ): Promise<RankRequest> {
    const taste = (await store.taste(request.memberId)).filter(({ at }) => at <= knownAt);
    const last = await store.recentPlaylists(request.memberId, REMEMBERED);
    const elsewhere = (await parts.likedElsewhere?.(request.memberId)) ?? [];
    // What somebody says here weighs more, also that they would rather not hear it.
    const said = new Set(taste.map(({ songId }) => songId));
    const { wish, count, adventure, seed } = request;
    return {
      liked: [
        ...taste.filter(({ liked }) => liked).map(({ songId }) => songId),
        ...elsewhere.filter((songId) => !said.has(songId)),
      ],
      disliked: taste.filter(({ liked }) => !liked).map(({ songId }) => songId),
      recent: last.flatMap(({ songs }) => songs),
      count,
      adventure,
      seed,
      ...(wish ? { wish } : {}),
    };
  }

  async function make(request: PlaylistRequest): ReturnType<Playlists['make']> {
    if (!training.model()) return { refusal: 'no-model' };
    if (loaded && now() - likesAt > LIKES_AGE) inBackground('likes could not be counted', countLikes);
    const { wish } = request;
    const result = await ask({ kind: 'rank', ...(await rankRequest(request)) });
    if (!result) return { refusal: 'no-model' };
    if (result.unheard !== undefined) return { refusal: 'unheard-emotion', emotion: result.unheard };
    if (result.songs.length === 0) return { refusal: 'no-songs' };
    const stored: StoredPlaylist = {
      id: randomBytes(9).toString('base64url'),
      memberId: request.memberId,
      communityId: request.communityId,
      songs: result.songs.map(({ songId }) => songId),
      createdAt: now(),
      kept: false,
      ...(wish ? { wish } : {}),
    };
    await store.savePlaylist(stored);
    const playlist: Playlist = {
      id: stored.id,
      entries: await Promise.all(result.songs.map(withVotes)),
      basis: result.basis,
      likedSongs: result.likedSongs,
      widened: result.widened,
      ...(wish ? { wish } : {}),
    };
    return playlist;
  }

  async function reopen(playlistId: string, memberId: string): Promise<Playlist | undefined> {
    const stored = await store.playlist(playlistId);
    if (stored?.memberId !== memberId || !training.model()) return undefined;
    const { songs, wish, createdAt } = stored;
    const wanted = { memberId, count: songs.length, adventure: 0, seed: 0, ...(wish ? { wish } : {}) };
    // As it was when the list was made: a song that is liked because of this list is not there because it is liked.
    const request = await rankRequest(wanted, createdAt);
    const { liked } = request;
    const described = await ask({ kind: 'explain', songs, ...request });
    if (!described) return undefined;
    return {
      id: stored.id,
      entries: await Promise.all(described.map(withVotes)),
      basis: liked.length >= OWN_TASTE ? 'taste' : 'community',
      likedSongs: liked.length,
      widened: false,
      ...(wish ? { wish } : {}),
    };
  }

  async function keep(playlistId: string, memberId: string): Promise<boolean> {
    const playlist = await store.playlist(playlistId);
    if (playlist?.memberId !== memberId) return false;
    const known = new Set((await store.taste(memberId)).map(({ songId }) => songId));
    const at = now();
    // What was liked before keeps its reason, and what was put away stays away.
    const entries = playlist.songs
      .filter((songId) => !known.has(songId))
      .map((songId): TasteEntry => ({ songId, liked: true, source: 'kept', at }));
    if (entries.length > 0) await store.setTaste(memberId, entries);
    if (!playlist.kept) await store.savePlaylist({ ...playlist, kept: true });
    return true;
  }

  const refresh = async () => {
    await ready();
  };
  const unsubscribe = training.onPublished(() => inBackground('the new model could not be loaded', refresh));
  // The first request waits for it; starting does not.
  inBackground('playlists could not load their model; the next request tries again', refresh);

  return {
    make,
    reopen,
    keep,
    refresh,
    async stop() {
      unsubscribe();
      await thread.stop();
    },
  };
}
