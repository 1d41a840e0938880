import { type App, startApp } from './app.ts';
import { INSTALL_PATH } from './chat/slack/paths.ts';
import { ConfigError, environmentWithFile, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { VERSION } from './version.ts';

/** Errors whose message was written for the operator; others are bugs and show their stack in the log. */
function isForPeople(error: unknown): error is Error {
  const names = [
    'ConfigError',
    'StoreError',
    'CatalogueError',
    'TaxonomyError',
    'HttpServerError',
    'ChatError',
    'SecretsError',
  ];
  return error instanceof Error && (error instanceof ConfigError || names.includes(error.name));
}

function onDiscord(servers: number | undefined): string {
  if (servers === undefined) return 'cannot be reached yet; I try again by myself';
  if (servers === 0)
    return 'connected, in no server yet: "reactune doctor" prints the link to invite it with';
  return `connected, in ${servers.toLocaleString('en')} ${servers === 1 ? 'server' : 'servers'}`;
}

function onSlack(workspaces: number | undefined): string {
  if (workspaces === undefined) return 'cannot be reached yet; I try again by myself';
  if (workspaces === 0) return `ready, in no workspace yet: open ${INSTALL_PATH} at PUBLIC_URL`;
  return `connected, in ${workspaces.toLocaleString('en')} ${workspaces === 1 ? 'workspace' : 'workspaces'}`;
}

function onSpotify(sharedInvitation: string | undefined): string {
  if (sharedInvitation === undefined) return 'members link their accounts with /link';
  return `open ${sharedInvitation} to link the account that shared playlists come from (works once, for a day)`;
}

function banner(app: App, seconds: number): string {
  const { room, catalogue, training } = app;
  const lines = [`Reactune ${VERSION} is ready (${seconds.toFixed(1)} s).`, ''];
  const line = (name: string, value: string) => lines.push(`  ${name.padEnd(11)} ${value}`);
  if (room) line('The room', app.url);
  const share = room?.shareUrl();
  if (share) line('Share', `${share} (visitors need the password)`);
  // Also when there is a moderator already: whoever runs the bot may have lost the browser that was one.
  if (room) line('Moderator', `${room.claimUrl()} (works once, for you)`);
  if (app.discord) line('Discord', onDiscord(app.discord.servers));
  if (app.slack) line('Slack', onSlack(app.slack.workspaces));
  if (app.spotify) line('Spotify', onSpotify(app.spotify.sharedInvitation));
  line('Catalogue', `${catalogue.name}, ${catalogue.size.toLocaleString('en')} songs`);
  const model = training.model();
  const pending = training.current() ? 'training now …' : 'none yet: the training failed, see the log above';
  line('Model', model ? `${model.metrics.labelledSongs} songs labelled, ${model.metrics.backend}` : pending);
  return `\n${lines.join('\n')}\n\nPress Ctrl-C to stop.\n`;
}

/** Starts the bot from the environment and keeps it running until it is told to stop. */
export async function start(): Promise<void> {
  const began = performance.now();
  let app: Promise<App> | undefined;
  let stopping = false;
  const givingUp = new AbortController();
  const say = (text: string) => process.stdout.write(`${text}\n`);

  async function stop(code: number): Promise<void> {
    // A second Ctrl-C does not wait.
    if (stopping) process.exit(code || 130);
    stopping = true;
    if (code === 0) say('\nStopping …');
    givingUp.abort();
    // Still starting: it cleans up behind itself and rejects.
    const started = await app?.catch(() => undefined);
    await started?.stop();
    process.exit(code);
  }

  try {
    const config = readConfig(environmentWithFile());
    const log = createLog(config.logLevel);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (err) => {
        log.fatal({ err }, 'something unexpected broke; stopping, nothing acknowledged is lost');
        void stop(1);
      });
    }
    app = startApp(config, log, {
      signal: givingUp.signal,
      onStep: say,
      onLockLost() {
        // At once: writing on would damage what the other one writes. Nothing acknowledged is lost.
        log.fatal('another Reactune has taken the state folder over; stopping');
        process.exit(1);
      },
    });
    const started = await app;
    if (!stopping) say(banner(started, (performance.now() - began) / 1000));
  } catch (error) {
    // `stop` ends the process.
    if (stopping) return;
    process.stderr.write(`${isForPeople(error) ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
    // Whatever was half started must not keep the process alive.
    setTimeout(() => process.exit(1), 500).unref();
  }
}
