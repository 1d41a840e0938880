import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { readConfig } from '../../src/config.ts';
import type { SnippetPost } from '../../src/domain/post.ts';
import { plantedCatalogue, plantedSongs, plantModel, silent } from '../playlists/planted-model.ts';

/** Something a person reads on a platform, as it stands now. */
export interface Sight {
  /** Everything there is to read in it: title, text, songs, fields, progress. */
  text(): string;
  /** Labels of its buttons. */
  buttons(): readonly string[];
  /** Only the asker sees it. */
  readonly private: boolean;
}

/** A person on a platform, acting through the platform's own protocol. */
export interface StageMember {
  readonly identity: string;
  /** Sends a command; resolves to its first answer. */
  types(command: string, options?: Readonly<Record<string, string | number | boolean>>): Promise<Sight>;
  presses(sight: Sight, label: string): Promise<Sight>;
  reacts(post: SnippetPost, emoji: string, present?: boolean): Promise<void>;
  /** Names of the choices while typing. */
  completes(command: string, option: string, typed: string): Promise<readonly string[]>;
  /** Everything this person sees now, oldest first. */
  reads(): Promise<readonly Sight[]>;
}

/** The whole bot on one platform, and people there. */
export interface Stage {
  bot(): App;
  member(name: string): Promise<StageMember>;
  moderator(name: string): Promise<StageMember>;
  /** What people do to their messages while the bot is away counts when it comes back. Not so in the room, which is the bot. */
  readonly outlivesBot: boolean;
  /** Chooses where snippets go, in the platform's own way, if there is a choice. */
  choosesChannel(moderator: StageMember): Promise<Sight | undefined>;
  /** The bot's emoji under a post, in order. */
  seeds(post: SnippetPost): Promise<readonly string[]>;
  stops(): Promise<void>;
  starts(): Promise<void>;
}

/** A state folder with planted songs and a model that knows them, gone after the test. Song 0 of each emotion plays on Spotify. */
export async function plantedFolder(): Promise<string> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'reactune-acceptance-'));
  onTestFinished(() => rm(stateDir, { recursive: true, force: true }));
  const songs = plantedSongs(14, (_song, i) => ({
    spotifyUri: `spotify:track:${String(i).padStart(22, '4')}`,
    snippet: { kind: 'spotify' },
  }));
  const catalogue = plantedCatalogue(songs);
  await writeCatalogue(stateDir, catalogue);
  await plantModel(stateDir, catalogue);
  return stateDir;
}

/** Starts the whole bot in this process; stopped after the test at the latest. */
export async function startStageBot(stateDir: string, env: Record<string, string> = {}): Promise<App> {
  const app = await startApp(readConfig({ PORT: '0', STATE_DIR: stateDir, ...env }), silent);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= app.stop();
    return stopped;
  };
  onTestFinished(stop);
  return { ...app, stop };
}

/** Looks again until something is there. What it waits for comes from a socket, so there is no event to wait for. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
