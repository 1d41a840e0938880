import type { Logger } from 'pino';
import type { Sound } from '../chat/message.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Song, SongId } from '../domain/song.ts';
import { parseDemoSongId } from './demo/plan.ts';
import { RENDERER_VERSION } from './demo/render.ts';
import { createRenderThread } from './demo/render-thread.ts';
import { createSnippetCache } from './snippet-cache.ts';

/** About a hundred pieces. */
const DEFAULT_CACHE_BYTES = 256 * 1024 * 1024;
/** Songs that may be in rendering or wait for it; beyond that the answer is "busy", not an endless queue. */
const MAX_RENDERING = 32;

/** `busy`: ask again in a few seconds. `render`: tried twice. `storage`: the cache folder cannot be written. */
export type SnippetProblem = 'busy' | 'render' | 'storage' | 'stopped';

export class SnippetError extends Error {
  readonly code: SnippetProblem;
  constructor(code: SnippetProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SnippetError';
    this.code = code;
  }
}

export interface SnippetFile {
  readonly path: string;
  readonly mediaType: 'audio/wav';
  readonly seconds: number;
}

export interface Snippets {
  /** How a song can be heard; costs nothing. */
  soundOf(song: Song): Sound;
  /**
   * The sound file of a song, rendered if it is not in the cache. Undefined for every id that is not a song of the
   * catalogue in use with a sound of its own.
   * @throws SnippetError
   */
  file(songId: string): Promise<SnippetFile | undefined>;
  stop(): Promise<void>;
}

export interface SnippetOptions {
  readonly catalogue: () => Catalogue;
  readonly cacheDir: string;
  readonly log: Logger;
  readonly maxCacheBytes?: number;
  /** The built render worker; tests put a worse one in its place. */
  readonly workerEntry?: string;
}

export function createSnippets(options: SnippetOptions): Snippets {
  const { catalogue, cacheDir, log, maxCacheBytes = DEFAULT_CACHE_BYTES } = options;
  const cache = createSnippetCache(cacheDir, maxCacheBytes);
  const thread = createRenderThread(log, options.workerEntry);
  /** One rendering per song, however many ask for it. */
  const underway = new Map<SongId, Promise<SnippetFile>>();
  let rendering = 0;
  let stopped = false;

  async function render(songId: SongId): Promise<Uint8Array> {
    if (rendering >= MAX_RENDERING) throw new SnippetError('busy', 'Too many songs wait to be rendered.');
    const started = performance.now();
    rendering++;
    try {
      const wav = await thread.render(songId);
      log.debug({ song: songId, ms: Math.round(performance.now() - started) }, 'Rendered a snippet');
      return wav;
    } catch (cause) {
      if (stopped) throw new SnippetError('stopped', 'The bot is stopping.', cause);
      throw new SnippetError('render', `The sound of ${songId} could not be made, twice.`, cause);
    } finally {
      rendering--;
    }
  }

  async function obtain(songId: SongId): Promise<SnippetFile> {
    const key = `${RENDERER_VERSION} ${songId}`;
    const cached = await cache.find(key);
    if (cached) return { ...cached, mediaType: 'audio/wav' };
    const wav = await render(songId);
    try {
      return { ...(await cache.add(key, wav)), mediaType: 'audio/wav' };
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new SnippetError(
        'storage',
        `The snippet cache ${cacheDir} cannot be written (${code}): free some space or make it writable.`,
        cause,
      );
    }
  }

  return {
    soundOf(song) {
      if (song.snippet.kind === 'own')
        return { kind: 'own', seconds: (song.features.durationMs ?? 0) / 1000 };
      if (song.snippet.kind === 'spotify' && song.spotifyUri)
        return { kind: 'spotify', uri: song.spotifyUri };
      return { kind: 'none' };
    },
    async file(songId) {
      const songs = catalogue();
      const index = songs.indexOf(songId);
      if (index < 0 || songs.song(index).snippet.kind !== 'own' || !parseDemoSongId(songId)) return undefined;
      if (stopped) throw new SnippetError('stopped', 'The bot is stopping.');
      const running = underway.get(songId);
      if (running) return running;
      const job = obtain(songId).finally(() => underway.delete(songId));
      underway.set(songId, job);
      return job;
    },
    async stop() {
      stopped = true;
      await thread.stop();
      await Promise.allSettled(underway.values());
    },
  };
}
