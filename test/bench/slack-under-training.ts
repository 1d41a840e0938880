import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type App, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { middleAndTail, percentile } from './percentile.ts';
import type { BenchRow } from './row.ts';
import { emojis, type SlackServer, startSlackServer, TRANSPORTS, type Transport } from './slack-server.ts';
import type { Waits } from './slack-server-child.ts';
import { fillForTraining } from './trainable.ts';
import { silent } from './voting-bot.ts';

const PEOPLE = 200;
const REACTIONS_PER_SECOND = 100;
const COMMANDS_PER_SECOND = 5;
const CALM_MS = 15_000;
const BUDGET_MS = 500;

/** The whole bot, on the Slack of another process. */
async function startBot(
  stateDir: string,
  { where, postsTo }: SlackServer,
  transport: Transport,
): Promise<App> {
  const { api, token, appToken, signingSecret } = where;
  const env = {
    ROOM: 'off',
    PORT: '0',
    STATE_DIR: stateDir,
    SLACK_API_URL: api,
    SLACK_BOT_TOKEN: token,
    ...(transport === 'sockets' ? { SLACK_APP_TOKEN: appToken } : { SLACK_SIGNING_SECRET: signingSecret }),
  };
  const app = await startApp(readConfig(env), silent);
  if (transport === 'http') await postsTo(`${app.url}/slack/events`);
  return app;
}

/** People react and send commands: while the bot trains, and while it does not. */
async function measured(transport: Transport) {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'reactune-bench-slack-'));
  const server = await startSlackServer();
  try {
    const { size } = await fillForTraining(stateDir);
    const app = await startBot(stateDir, server, transport);
    const { handle } = await app.training.start({ kind: 'shell' });
    const crowd = {
      people: PEOPLE,
      emojis,
      reactionsPerSecond: REACTIONS_PER_SECOND,
      commandsPerSecond: COMMANDS_PER_SECOND,
      commands: [
        ['/status', ''],
        ['/playlist', 'calm'],
        ['/song', 'love'],
        ['/help', ''],
      ],
    } as const;
    const began = performance.now();
    const busy = server.bustle(crowd);
    const { outcome } = await handle.finished;
    const seconds = (performance.now() - began) / 1_000;
    server.enough();
    const training = await busy;
    const calm = server.bustle(crowd);
    await wait(CALM_MS);
    server.enough();
    const otherwise = await calm;
    await app.stop();
    return { training, otherwise, seconds, outcome, size };
  } finally {
    server.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

function row(what: string, { inTime, lost }: Waits, otherwise: Waits): BenchRow {
  const count = inTime.length.toLocaleString('en');
  const longest = `longest ${(inTime.at(-1) ?? 0).toFixed(0)} ms`;
  return {
    what,
    measured: `${middleAndTail(inTime)} (${count}, ${longest}, ${lost} too late)`,
    reference: `without training: ${middleAndTail(otherwise.inTime)}`,
    budget: `p99 ≤ ${BUDGET_MS} ms`,
    withinBudget: percentile(inTime, 0.99) <= BUDGET_MS && lost === 0,
  };
}

/** How long Slack waits for an acknowledgement while a whole training run goes on. */
export async function acknowledging(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const transport of ['sockets', 'http'] as const) {
    const { training, otherwise, seconds, outcome, size } = await measured(transport);
    const during = `over ${TRANSPORTS[transport]} during a training run (${size}, ${seconds.toFixed(0)} s, ${outcome}), p50 / p99`;
    rows.push(
      row(`event acknowledged ${during}`, training.events, otherwise.events),
      row(`slash command acknowledged ${during}`, training.commands, otherwise.commands),
    );
  }
  return rows;
}
