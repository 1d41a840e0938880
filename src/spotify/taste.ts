import type { Logger } from 'pino';
import type { Catalogue } from '../domain/catalogue.ts';
import type { MemberId } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';
import type { Wait } from './pause.ts';
import { SpotifyError } from './problem.ts';
import type { Links, Tokens } from './spotify.ts';
import type { Page, SpotifyTrack, WebApi } from './web-api.ts';

/** What Spotify's terms and our own word allow: in memory, and for so long. */
const KEPT_MS = 24 * 3_600_000;
/** A playlist does not wait longer for Spotify. */
const PATIENCE_MS = 1000;
/** After a failure it is left alone for so long. */
const RETRY_MS = 10 * 60_000;
/** Of the songs saved last; five calls a member a day with the most played ones. */
const SAVED_PAGES = 4;

/** What members like in Spotify, where the operator allows it and they asked for it. */
export interface SpotifyTaste {
  /**
   * Songs of the catalogue that a member saved or plays most in Spotify. Where Spotify takes its time there are none
   * now, and they are there the next time.
   */
  likedBy(memberId: MemberId): Promise<readonly SongId[]>;
  forget(memberId: MemberId): void;
  /** Lets go of what is a day old; to be called once an hour. */
  tidy(): void;
}

interface Kept {
  readonly at: number;
  readonly uris: readonly string[];
  readonly failed: boolean;
}

interface TasteParts {
  readonly links: Pick<Links, 'status'>;
  readonly tokens: Pick<Tokens, 'use'>;
  readonly api: Pick<WebApi, 'savedTracks' | 'topTracks'>;
  catalogue(): Catalogue;
  readonly log: Logger;
  now(): number;
  readonly wait: Wait;
}

export function createSpotifyTaste(parts: TasteParts): SpotifyTaste {
  const { links, tokens, api, catalogue, log, now, wait } = parts;
  const kept = new Map<MemberId, Kept>();
  const loading = new Map<MemberId, Promise<void>>();

  async function pages(
    memberId: MemberId,
    most: number,
    ask: (token: string, offset: number) => Promise<Page<SpotifyTrack>>,
  ): Promise<string[]> {
    const uris: string[] = [];
    let offset: number | undefined = 0;
    for (let page = 0; offset !== undefined && page < most; page++) {
      const from: number = offset;
      const { items, nextOffset } = await tokens.use(memberId, (token) => ask(token, from));
      uris.push(...items.map(({ uri }) => uri));
      offset = nextOffset;
    }
    return uris;
  }

  async function load(memberId: MemberId): Promise<void> {
    const at = now();
    try {
      const top = await pages(memberId, 1, (token, offset) => api.topTracks(token, 'medium_term', offset));
      const saved = await pages(memberId, SAVED_PAGES, (token, offset) => api.savedTracks(token, offset));
      kept.set(memberId, { at, uris: [...new Set([...top, ...saved])], failed: false });
    } catch (err) {
      if (!(err instanceof SpotifyError)) throw err;
      log.info({ err, member: memberId }, 'the Spotify library of a member does not count for now');
      kept.set(memberId, { at, uris: [], failed: true });
    }
  }

  /** One at a time for each member. */
  function loadOnce(memberId: MemberId): Promise<void> {
    const work =
      loading.get(memberId) ??
      load(memberId)
        .catch((err: unknown) => log.error({ err }, 'the Spotify library of a member could not be read'))
        .finally(() => loading.delete(memberId));
    loading.set(memberId, work);
    return work;
  }

  const isFresh = ({ at, failed }: Kept) => now() - at < (failed ? RETRY_MS : KEPT_MS);

  async function inCatalogue({ uris }: Kept): Promise<SongId[]> {
    const songs = catalogue();
    const find = await songs.spotifyIndex();
    return uris.flatMap((uri) => {
      const index = find(uri);
      return index < 0 ? [] : [songs.idAt(index)];
    });
  }

  return {
    async likedBy(memberId) {
      const status = await links.status(memberId);
      if (status.kind !== 'linked' || !status.taste) {
        kept.delete(memberId);
        return [];
      }
      const known = kept.get(memberId);
      if (known !== undefined && isFresh(known)) return inCatalogue(known);
      kept.delete(memberId);
      const enough = new AbortController();
      await Promise.race([loadOnce(memberId), wait(PATIENCE_MS, enough.signal)]);
      enough.abort();
      const loaded = kept.get(memberId);
      return loaded === undefined ? [] : inCatalogue(loaded);
    },
    forget(memberId) {
      kept.delete(memberId);
    },
    tidy() {
      for (const [memberId, one] of kept) if (now() - one.at >= KEPT_MS) kept.delete(memberId);
    },
  };
}
