import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { builtEntry } from '../../src/paths.ts';
import { membersOf, type RoomMember } from '../support/room.ts';

/** The built bot, running as an operator runs it. */
export interface RunningBot {
  readonly process: ChildProcess;
  readonly url: string;
  /** One-time moderator link, if it was printed. */
  readonly claimUrl?: string;
  printed(): string;
  member(name: string): Promise<RoomMember>;
  /** Sends a signal and resolves to the exit code (null when a signal ended it). */
  ends(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts `dist/main.js`; resolves to what it printed and its exit code. */
export function runToEnd(env: Record<string, string>): Promise<{ code: number | null; printed: string }> {
  const bot = spawn(process.execPath, [builtEntry('main')], {
    env: { ...process.env, LOG_LEVEL: 'error', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [bot.stdout, bot.stderr]) stream.on('data', (data) => (printed += data));
  onTestFinished(() => void bot.kill('SIGKILL'));
  return new Promise((resolve) => bot.once('close', (code) => resolve({ code, printed })));
}

/**
 * Starts the built bot and sends a signal to all its processes, as a terminal does.
 * @param when the bot has printed this, or that has come true
 */
export async function interruptAt(
  when: string | Promise<unknown>,
  env: Record<string, string>,
): Promise<{ code: number | null; printed: string; tookMs: number }> {
  const bot = spawn(process.execPath, [builtEntry('main')], {
    env: { ...process.env, LOG_LEVEL: 'error', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => void bot.kill('SIGKILL'));
  let printed = '';
  let interruptedAt: number | undefined;
  function interrupt(): void {
    interruptedAt ??= performance.now();
    process.kill(-bot.pid!, 'SIGINT');
  }
  for (const stream of [bot.stdout, bot.stderr]) {
    stream.on('data', (data) => {
      printed += data;
      if (interruptedAt === undefined && typeof when === 'string' && printed.includes(when)) interrupt();
    });
  }
  if (typeof when !== 'string') void when.then(interrupt);
  // `close` comes when no child holds the output any more.
  return new Promise((resolve) => {
    bot.once('close', (code) => {
      resolve({ code, printed, tookMs: performance.now() - (interruptedAt ?? Number.NaN) });
    });
  });
}

/** Starts the built bot and waits until it says that it is ready. */
export async function startBot(
  stateDir: string,
  env: Record<string, string> = {},
  onPrinted: (printed: string) => void = () => {},
): Promise<RunningBot> {
  const bot = spawn(process.execPath, [builtEntry('main')], {
    env: { ...process.env, LOG_LEVEL: 'error', PORT: '0', STATE_DIR: stateDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const ended = new Promise<number | null>((resolve) => bot.once('exit', (code) => resolve(code)));
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [bot.stdout, bot.stderr]) {
      stream.on('data', (data) => {
        printed += data;
        onPrinted(printed);
        if (printed.includes('Press Ctrl-C')) resolve();
      });
    }
    bot.once('exit', (code) => reject(new Error(`the bot ended with ${code}:\n${printed}`)));
  });
  onTestFinished(() => void bot.kill('SIGKILL'));
  await ready;
  const url = /The room\s+(http:\S+)/.exec(printed)![1];
  const members = membersOf(url);
  onTestFinished(() => members.close());
  return {
    process: bot,
    url,
    claimUrl: /Moderator\s+(http:\S+)/.exec(printed)?.[1],
    printed: () => printed,
    member: (name) => members.member(name),
    ends(signal) {
      bot.kill(signal);
      return ended;
    },
  };
}
