import path from 'node:path';
import type { Logger } from 'pino';
import type { Services } from '../commands/command.ts';
import { createDispatcher } from '../commands/dispatch.ts';
import { commands } from '../commands/index.ts';
import { createPushTelling } from '../commands/push-telling.ts';
import { createSnippets } from './catalogue/snippets.ts';
import { followImports, holdCatalogue } from './catalogue-in-use.ts';
import type { ChatPlatform } from './chat/platform.ts';
import { createRoom, type Room } from './chat/room/room.ts';
import { createCommunities } from './communities/communities.ts';
import type { Config } from './config.ts';
import { createConnections } from './connections.ts';
import type { Catalogue } from './domain/catalogue.ts';
import { LIKE_EMOJI, type Taxonomy } from './domain/emotion.ts';
import { loadTaxonomy } from './domain/taxonomy.ts';
import { lockState } from './durable/index.ts';
import { createHttpServer } from './http/server.ts';
import { createBursts } from './labelling/bursts.ts';
import { createReactions } from './labelling/reactions.ts';
import { createLabelling } from './labelling/service.ts';
import { openDiscord, openSlack } from './open-platforms.ts';
import { openSpotify } from './open-spotify.ts';
import { PACKAGE_ROOT } from './paths.ts';
import { createPlaylists } from './playlists/service.ts';
import { nextTrainingAt } from './schedule/calendar.ts';
import { createSchedule } from './schedule/schedule.ts';
import { sealedRecords } from './secrets/sealed-records.ts';
import { openSecrets, type Secrets } from './secrets/secrets.ts';
import type { Spotify } from './spotify/spotify.ts';
import { openLowdbStore } from './store/lowdb/lowdb-store.ts';
import type { Store } from './store/store.ts';
import { createTraining } from './training/service.ts';
import type { Training } from './training/training.ts';
import { VERSION } from './version.ts';
import { welcome } from './welcome.ts';

/** The running bot, as its front door sees it. */
export interface App {
  readonly url: string;
  readonly room?: Room;
  readonly catalogue: Catalogue;
  readonly training: Training;
  readonly store: Store;
  /** In how many servers the bot is on Discord; undefined when it cannot be reached yet. Absent when there is no token. */
  readonly discord?: { readonly servers: number | undefined };
  /** As `discord`, for the workspaces on Slack. */
  readonly slack?: { readonly workspaces: number | undefined };
  /** Set when playlists can arrive in Spotify. */
  readonly spotify?: {
    /** Where the operator links the bot's own account, if that is to be done. */
    readonly sharedInvitation?: string;
  };
  /** Finishes what is under way, makes everything durable and lets go of the state folder. */
  stop(): Promise<void>;
}

/** What to undo, last thing first. */
function createCleanup(log: Logger) {
  const steps: { what: string; undo: () => Promise<void> | void }[] = [];
  return {
    add(what: string, undo: () => Promise<void> | void): void {
      steps.push({ what, undo });
    },
    async run(): Promise<void> {
      for (const { what, undo } of steps.splice(0).reverse()) {
        try {
          await undo();
        } catch (err) {
          log.error({ err }, `${what} could not be stopped cleanly`);
        }
      }
    },
  };
}

type Cleanup = ReturnType<typeof createCleanup>;

function invitationOf(taxonomy: Taxonomy) {
  const emotions = taxonomy.emotions.map(({ key, emoji, name }) => ({ key, emoji, name }));
  return [...emotions, { key: 'like', emoji: LIKE_EMOJI, name: 'I like it' }];
}

/**
 * Builds the bot and starts it.
 * @param onStep told in a few words what takes time
 * @param onLockLost called when another bot took the state folder over: stop at once
 * @param signal gives the start up: what runs already is stopped, then `signal.reason` is thrown
 * @throws StoreError, CatalogueError, TaxonomyError, HttpServerError: each with a sentence for the operator; nothing
 *   stays running then
 */
export async function startApp(
  config: Config,
  log: Logger,
  {
    onStep = () => {},
    onLockLost = () => {},
    signal = new AbortController().signal,
  }: { onStep?: (step: string) => void; onLockLost?: () => void; signal?: AbortSignal } = {},
): Promise<App> {
  const cleanup = createCleanup(log);
  try {
    const app = await wire(config, log, onStep, onLockLost, signal, cleanup);
    signal.throwIfAborted();
    return app;
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function wire(
  config: Config,
  log: Logger,
  onStep: (step: string) => void,
  onLockLost: () => void,
  signal: AbortSignal,
  cleanup: Cleanup,
): Promise<App> {
  const now = Date.now;
  const { stateDir, backend } = config;
  const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
  const lock = await lockState(stateDir, { onLost: onLockLost });
  cleanup.add('the lock', () => lock.release());
  const store = await openLowdbStore({ dir: path.join(stateDir, 'store'), log, now });
  cleanup.add('the store', () => store.close());
  const catalogue = await holdCatalogue(config, store, taxonomy, onStep);
  signal.throwIfAborted();
  let opened: Promise<Secrets> | undefined;
  /** One for all: it makes a key where there is none yet. Who needs none is not bothered with a missing one. */
  async function secrets(): Promise<Secrets> {
    const sealed = (await sealedRecords(store)).map((record) => record.sealed);
    opened ??= openSecrets({ stateDir, keys: config.encryptionKeys, sealed });
    return opened;
  }

  const snippets = createSnippets({ catalogue: catalogue.now, cacheDir: path.join(stateDir, 'audio'), log });
  cleanup.add('the renderer', () => snippets.stop());
  const training = await createTraining({
    stateDir,
    store,
    catalogue: catalogue.now,
    catalogueDir: catalogue.dir,
    taxonomy,
    log,
    now,
    backend,
    timeoutMs: config.trainingTimeoutMinutes * 60_000,
  });
  cleanup.add('training', () => training.stop());
  // Once: if the renewed model cannot rank either, another run would not help.
  let renewed = false;
  async function renew(): Promise<void> {
    if (renewed) return;
    renewed = true;
    await training.start({ kind: 'renewal' });
  }
  let likedInSpotify: Spotify['likedBy'] = async () => [];
  const playlists = createPlaylists({
    store,
    stateDir,
    catalogueDir: catalogue.dir,
    training,
    taxonomy,
    log,
    now,
    onSubstitute: () => void renew(),
    likedElsewhere: (memberId) => likedInSpotify(memberId),
  });
  cleanup.add('the ranking thread', () => playlists.stop());

  const http = createHttpServer({ host: config.host, port: config.port, publicUrl: config.publicUrl, log });
  let url = '';
  let networkUrl: string | undefined;
  const room = config.room
    ? await createRoom({
        historyDir: path.join(stateDir, 'room'),
        http,
        log,
        now,
        declarations: commands,
        emotions: invitationOf(taxonomy),
        audio: (songId) => snippets.file(songId),
        brand: { name: 'Reactune', tagline: 'What does it feel like?' },
        loopback: config.loopback,
        password: config.roomPassword,
        url: () => url,
        shareUrl: () => networkUrl,
        secure: config.publicUrl?.startsWith('https:') ?? false,
      })
    : undefined;
  const discord = config.discord && (await openDiscord(config.discord, snippets, log, now));
  const slack =
    config.slack && (await openSlack(config.slack, { store, secrets, taxonomy, snippets, http, log, now }));
  const platforms: ChatPlatform[] = [room, discord, slack].filter((platform) => platform !== undefined);
  const spotify =
    config.spotify &&
    (await openSpotify(config.spotify, {
      ...config,
      store,
      secrets: await secrets(),
      http,
      platforms,
      catalogue: catalogue.now,
      training,
      taxonomy,
      log,
      now,
    }));
  if (spotify) likedInSpotify = (memberId) => spotify.services.likedBy(memberId);
  if (spotify) cleanup.add('what is on its way to Spotify', () => spotify.stop());

  const platformOf = (identity: string) => platforms.find(({ name }) => identity.startsWith(`${name}:`));

  const bursts = createBursts({ store, now });
  const labelling = createLabelling({
    store,
    taxonomy,
    platforms,
    log,
    seed: now(),
    catalogue: catalogue.now,
    model: () => training.model(),
    soundOf: (song) => snippets.soundOf(song),
    now,
    votesOn: bursts.countedOn,
    votersPerSong: bursts.votersPerSong,
  });
  const reactions = createReactions({ store, taxonomy, log, now });
  const communities = createCommunities({ store, log, now });
  const services: Services = {
    taxonomy,
    catalogue: catalogue.now,
    store,
    labelling,
    bursts,
    training,
    playlists,
    ...(spotify && { spotify: spotify.services }),
    soundOf: (song) => snippets.soundOf(song),
    nextTrainingAt,
    reactionsStay: (identities) =>
      [...identities].some((identity) => platformOf(identity)?.reactionsStay === true),
    async forget(identities) {
      for (const identity of identities) await platformOf(identity)?.forget(identity);
    },
    now,
    version: VERSION,
    webAddress({ platform }) {
      // The room serves the songs. This machine's own address leads only those here who are in front of it.
      if (!room) return undefined;
      return platform === 'room' ? (networkUrl ?? url) : networkUrl;
    },
  };
  const dispatcher = createDispatcher({ commands, services, log });

  // Before anything is trained: a taken port is better known at once. Until the room opens, its page says that it waits.
  const listening = await http.listen();
  ({ url, networkUrl } = listening);
  spotify?.listening(listening);
  cleanup.add('the web server', () => http.close());

  signal.throwIfAborted();
  // The demo trains in seconds and is waited for, also when an earlier start did not get as far.
  let triedVersion: string | undefined;
  if (catalogue.now().demo && !training.model()) {
    triedVersion = catalogue.now().version;
    onStep('Training the first model …');
    const { handle } = await training.start({ kind: 'first-start' });
    const giveUp = () => training.cancel('the bot, which is stopping');
    signal.addEventListener('abort', giveUp, { once: true });
    await handle.finished;
    signal.removeEventListener('abort', giveUp);
    signal.throwIfAborted();
  }

  const connections = createConnections({
    platforms,
    commands: dispatcher,
    reactions,
    communities,
    labelling,
    log,
  });
  cleanup.add('the chat platforms', () => connections.stop());
  const giveUpConnecting = () => void connections.stop();
  signal.addEventListener('abort', giveUpConnecting, { once: true });
  await connections.start();
  signal.removeEventListener('abort', giveUpConnecting);
  signal.throwIfAborted();
  // Only now: whoever has to be told how it ended can be reached.
  if (spotify) await spotify.begin(createPushTelling(services, spotify.tell));
  if (room) await welcome(room, store, labelling, catalogue.now());

  const schedule = createSchedule({
    store,
    log,
    async onSnippetDue(community) {
      const result = await labelling.postSnippet(community.id, { by: 'schedule' });
      if (!('refusal' in result)) return;
      // A place whose moderators have chosen no channel yet is no news, four times a day.
      const level = result.refusal === 'no-channel' ? 'debug' : 'warn';
      log[level]({ community: community.id, ...result }, 'no snippet was posted');
    },
    onHour: () => Promise.all([communities.forgetLeft(), spotify?.onHour()]),
    async onTrainingDue(community) {
      await training.start({ kind: 'schedule', communityId: community.id });
    },
  });
  schedule.start();
  cleanup.add('the schedule', () => schedule.stop());

  const unfollow = await followImports({ stateDir, catalogue, playlists, training, log, triedVersion });
  cleanup.add('following imports', unfollow);
  // First of all when stopping: whoever follows the run in a chat still hears how it ended.
  cleanup.add('the training under way', () => training.stop());

  return {
    url,
    room,
    get catalogue() {
      return catalogue.now();
    },
    training,
    store,
    ...(discord && { discord: { servers: await connections.places(discord) } }),
    ...(slack && { slack: { workspaces: await connections.places(slack) } }),
    ...(spotify && { spotify: { sharedInvitation: await spotify.inviteShared() } }),
    stop: () => cleanup.run(),
  };
}
