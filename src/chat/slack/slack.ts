import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Installation, Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { CommandDeclaration } from '../declaration.ts';
import { createPictures } from '../picture-png.ts';
import { ChatError, type ChatHandlers, type ChatPlatform, type Choice } from '../platform.ts';
import type { AudioFile } from '../sound.ts';
import { followActions } from './actions.ts';
import { type Api, createApi } from './api.ts';
import { createApp } from './app.ts';
import { createAsking } from './asking.ts';
import { followCommands } from './commands.ts';
import { createMemory, type Desk } from './desk.ts';
import { createDraw } from './draw.ts';
import { createEmojiNames, type NamedEmoji } from './emoji.ts';
import { asStartError } from './errors.ts';
import { createFloods, type Floods } from './floods.ts';
import { createForms, followForms } from './forms.ts';
import { createHome, followHome } from './home.ts';
import { createHomes, type Homes } from './homes.ts';
import { createHttpEntrance, type HttpEntrance, type OAuth } from './http.ts';
import type { Installations } from './installations.ts';
import { slackLog } from './log.ts';
import { createMessenger } from './messenger.ts';
import { createPeople } from './people.ts';
import { createPlaces, followPlaces, type Places } from './places.ts';
import { followReactions } from './reactions.ts';
import { readReactions } from './read-back.ts';
import { seed } from './seeding.ts';
import { createSockets } from './sockets.ts';
import { tell } from './telling.ts';
import { createUploads } from './uploads.ts';
import {
  communityOf,
  createWorkspaces,
  type Workspaces,
  workspacesOf,
  workspacesOfToken,
} from './workspaces.ts';

/** Without a public address, for one workspace or organisation. */
export interface SocketMode {
  readonly kind: 'socket';
  readonly botToken: string;
  readonly appToken: string;
  /** Between two tries to connect again. */
  readonly retryMs?: number;
}

/** Requests that Slack signs, to the bot's own web server. */
export interface HttpMode {
  readonly kind: 'http';
  readonly signingSecret: string;
  /** For one workspace, in which the app was installed by hand; or for many, which install it by themselves. */
  readonly access: { readonly botToken: string } | (OAuth & { readonly installations: Installations });
  /** Has the bot's web server hand over everything below `SLACK_ROOT`; called once, before it opens. */
  mount(handle: (request: IncomingMessage, response: ServerResponse) => void): void;
}

export interface SlackOptions {
  readonly mode: SocketMode | HttpMode;
  /** Where Slack's Web API is; an emulator's for tests and trials. */
  readonly apiUrl: string;
  readonly log: Logger;
  readonly now: () => number;
  /** The sound of a song, if the bot may play it itself. */
  readonly audio: (songId: string) => Promise<AudioFile | undefined>;
  readonly declarations: readonly CommandDeclaration[];
  readonly emotions: readonly (NamedEmoji & { readonly key: string; readonly name: string })[];
  /** Emoji that mean something besides: ❤️. */
  readonly otherEmojis?: readonly NamedEmoji[];
  /** What Slack's names of the commands begin with, so that they are one of a kind: `reactune-`. */
  readonly commandPrefix?: string;
  /** How long after Slack's latest word of it a time is over in which it did not tell everything. */
  readonly floodOverMs?: number;
  /** How long a vote waits for who gave it. */
  readonly votePatienceMs?: number;
}

const STOP_MS = 5_000;
/** Interactions and events remembered, so that one delivered twice runs once. */
const MAX_REMEMBERED = 20_000;

/** What lives from start to stop. */
interface Connection {
  readonly api: Api;
  readonly desk: Desk;
  readonly floods: Floods;
  readonly homes: Homes;
  readonly places: Places;
  readonly receiver: Receiver;
}

/** A Slack bot as a chat platform; nothing is connected before it is started. */
export function createSlack(options: SlackOptions): ChatPlatform {
  const { mode, apiUrl, now, audio, declarations, emotions, otherEmojis = [], commandPrefix = '' } = options;
  const log = slackLog(options.log);
  const names = createEmojiNames([...emotions, ...otherEmojis]);
  const choices: Choice[] = emotions.map(({ key, name, emoji }) => ({
    name: `${emoji} ${name}`,
    value: key,
  }));
  const render = createPictures();
  const working = new Set<Promise<unknown>>();
  let connection: Connection | undefined;
  let entrance: HttpEntrance | undefined;
  if (mode.kind === 'http') {
    // The web server takes no new paths once it is open, so the door is there before there is anybody behind it.
    mode.mount((request, response) => {
      if (entrance) return entrance.handle(request, response);
      response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8' });
      response.end('The bot is not ready. Please try again in a moment.\n');
    });
  }

  function background(work: Promise<unknown>): void {
    const settled = work
      .catch((err: unknown) => log.error({ err }, 'a handler failed'))
      .finally(() => working.delete(settled));
    working.add(settled);
  }

  function connected(): Connection {
    if (!connection) throw new ChatError('unreachable', 'The bot is not connected to Slack.');
    return connection;
  }

  /** The workspace of a place or message, which is from now on where its channel is at home. */
  function at({ communityId, channel }: { communityId: string; channel: string }) {
    const { desk, homes } = connected();
    const workspace = desk.workspaces.of(communityId);
    homes.remember(channel, workspace);
    return { desk, workspace };
  }

  function createReceiver(
    api: Api,
    workspaces: Workspaces,
    handlers: ChatHandlers,
    places: Places,
  ): Receiver {
    if (mode.kind === 'socket') {
      return createSockets({
        appToken: mode.appToken,
        apiUrl,
        log,
        onReconnect: () => background(handlers.missed(workspaces.all().map(({ id }) => communityOf(id)))),
        ...(mode.retryMs !== undefined && { retryMs: mode.retryMs }),
      });
    }
    const { signingSecret, access } = mode;
    if ('botToken' in access) {
      entrance = createHttpEntrance({ signingSecret, apiUrl, log });
      return entrance;
    }
    const oauth = {
      ...access,
      async installed(installation: Installation) {
        await access.installations.store(installation);
        const added = await workspacesOf(api, installation);
        workspaces.add(added);
        log.info({ teams: added.map(({ id }) => id) }, 'the app was installed');
        background(Promise.all(added.map(async (one) => handlers.joined(await places.of(one)))));
      },
    };
    entrance = createHttpEntrance({ signingSecret, apiUrl, log, oauth });
    return entrance;
  }

  /** @throws ChatError */
  async function findWorkspaces(api: Api, workspaces: Workspaces): Promise<void> {
    try {
      const access = mode.kind === 'socket' ? mode : mode.access;
      if ('botToken' in access) return workspaces.add(await workspacesOfToken(api, access.botToken));
      for (const installation of await access.installations.all()) {
        try {
          workspaces.add(await workspacesOf(api, installation));
        } catch (err) {
          log.error(
            { err, enterprise: installation.enterprise?.id },
            'the workspaces of an organisation are not known',
          );
        }
      }
    } catch (error) {
      throw asStartError(error, 'bot');
    }
  }

  async function start(handlers: ChatHandlers): Promise<void> {
    const api = createApi({ apiUrl, log });
    const workspaces = createWorkspaces();
    const people = createPeople({
      api,
      now,
      log,
      ...(options.votePatienceMs !== undefined && { votePatienceMs: options.votePatienceMs }),
    });
    const uploads = createUploads({ api, render, log });
    const draw = createDraw({
      uploads,
      commandNames: declarations.map(({ name }) => name),
      prefix: commandPrefix,
    });
    const messenger = createMessenger({ api, draw, uploads, audio, log });
    const isNew = createMemory(MAX_REMEMBERED);
    const desk: Desk = {
      api,
      workspaces,
      people,
      names,
      messenger,
      uploads,
      handlers,
      now,
      log,
      background,
      isNew,
    };
    const places = createPlaces({ api, log });
    const homes = createHomes(workspaces);
    const receiver = createReceiver(api, workspaces, handlers, places);
    const floods = createFloods({
      workspaces,
      log,
      onOver: ({ id }) => background(handlers.missed([communityOf(id)])),
      ...(options.floodOverMs !== undefined && { overAfterMs: options.floodOverMs }),
    });
    const app = createApp({ receiver, workspaces, floods, apiUrl, log });
    const forms = createForms({ desk, declarations, emotions: choices });
    const asking = createAsking(desk, declarations, forms);
    const home = createHome(desk, { asking, draw, declarations, prefix: commandPrefix });
    followReactions(app, desk, homes);
    followCommands(app, desk, { asking, declarations, prefix: commandPrefix });
    followActions(app, desk, { asking, forms, home });
    followForms(app, desk, { asking, declarations });
    followHome(app, desk, home);
    const installations =
      mode.kind === 'http' && 'installations' in mode.access ? mode.access.installations : undefined;
    followPlaces(app, desk, installations);
    // Handlers may answer and post before everything is ready.
    const own: Connection = { api, desk, floods, homes, places, receiver };
    connection = own;
    try {
      await findWorkspaces(api, workspaces);
      await receiver.start();
      if (connection !== own) throw new ChatError('unreachable', 'The bot was stopped.');
    } catch (error) {
      api.close();
      await receiver.stop();
      if (connection === own) connection = undefined;
      throw error;
    }
    log.info({ workspaces: workspaces.all().length, mode: mode.kind }, 'connected to Slack');
  }

  async function stop(): Promise<void> {
    if (!connection) return;
    const { api, floods, receiver } = connection;
    floods.stop();
    // Nothing new comes in; what is under way may still answer.
    await receiver.stop();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([Promise.allSettled(working), patience]);
    clearTimeout(timer);
    connection = undefined;
    api.close();
  }

  return {
    name: 'slack',
    start,
    stop,
    async places() {
      if (!connection) return [];
      const { desk, places } = connection;
      return Promise.all(desk.workspaces.all().map((workspace) => places.of(workspace)));
    },
    async post(place, message) {
      const { desk, workspace } = at(place);
      const { channel, ts } = await desk.messenger.post(workspace, place.channel, message);
      connected().homes.remember(channel, workspace);
      return { platform: 'slack', communityId: place.communityId, channel, message: ts };
    },
    async edit(ref, message) {
      const { desk, workspace } = at(ref);
      await desk.messenger.edit(workspace, { channel: ref.channel, ts: ref.message }, message);
    },
    async remove(ref) {
      const { desk, workspace } = at(ref);
      await desk.messenger.remove(workspace, { channel: ref.channel, ts: ref.message });
    },
    async tell(identity, message, communityId) {
      const { desk, homes } = connected();
      const told = await tell(desk, identity, message, communityId);
      if (told) homes.remember(told.spot.channel, told.workspace);
      return told !== undefined;
    },
    async seedReactions(ref, emojis) {
      const { desk, workspace } = at(ref);
      await seed(desk, workspace, ref, emojis);
    },
    async reactions(ref) {
      const { desk, workspace } = at(ref);
      return readReactions(desk, workspace, ref);
    },
    // Slack lets a bot take nobody else's reactions away; people take them back themselves.
    reactionsStay: true,
    async forget() {},
  };
}
