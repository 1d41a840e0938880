import type { Services } from '../../commands/command.ts';
import { createDispatcher } from '../../commands/dispatch.ts';
import { commands } from '../../commands/index.ts';
import { isLink } from '../../src/chat/buttons.ts';
import { parseLine } from '../../src/chat/command-line.ts';
import type { Message } from '../../src/chat/message.ts';
import type { ChatPlatform, Choice } from '../../src/chat/platform.ts';
import type { IdentityId } from '../../src/domain/member.ts';
import type { Model } from '../../src/domain/model.ts';
import type { MessageRef } from '../../src/domain/post.ts';
import type { Song, SongId } from '../../src/domain/song.ts';
import type { TrainingProgress, TrainingRun, TrainingTrigger } from '../../src/domain/training.ts';
import { createBursts } from '../../src/labelling/bursts.ts';
import { createLabelling } from '../../src/labelling/service.ts';
import { createPlaylists } from '../../src/playlists/service.ts';
import { nextTrainingAt } from '../../src/schedule/calendar.ts';
import type { RunHandle, Training } from '../../src/training/training.ts';
import {
  plantedCatalogue,
  plantedSongs,
  plantedState,
  plantModel,
  silent,
  taxonomy,
} from '../playlists/planted-model.ts';

export const NOW = Date.UTC(2026, 10, 22, 12);

/** What the asker of one command or button saw: the answers in order, and what they were changed to. */
export class Seen {
  readonly messages: Message[] = [];
  readonly edits: Message[] = [];

  /** The only answer. */
  get answer(): Message {
    if (this.messages.length !== 1) throw new Error(`${this.messages.length} answers instead of one`);
    return this.messages[0];
  }
  get last(): Message {
    const last = this.edits.at(-1) ?? this.messages.at(-1);
    if (!last) throw new Error('no answer');
    return last;
  }
  /** What a button of an answer carries, by its label. */
  button(label: string): string {
    const button = [...this.edits, ...this.messages]
      .flatMap((message) => message.buttons ?? [])
      .find((candidate) => candidate.label === label);
    if (!button || isLink(button)) throw new Error(`no button "${label}"`);
    return button.action;
  }
}

/** A training whose run the test drives: every other part of it is the real interface. */
export class DrivenTraining implements Training {
  inUse: Model | undefined;
  cancelledBy: string | undefined;
  private listeners = new Set<(progress: TrainingProgress) => void>();
  private handle: RunHandle | undefined;
  private end: ((run: TrainingRun) => void) | undefined;
  private latest: TrainingProgress = { stage: 'prepare', percent: 0 };

  async start(trigger: TrainingTrigger) {
    if (this.handle) return { started: false, handle: this.handle };
    const run: TrainingRun = { id: 'run', trigger, startedAt: NOW, catalogueVersion: 'v' };
    this.handle = {
      run,
      progress: () => this.latest,
      onProgress: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      finished: new Promise((resolve) => {
        this.end = resolve;
      }),
    };
    return { started: true, handle: this.handle };
  }
  current() {
    return this.handle;
  }
  cancel(byWhom: string) {
    if (!this.handle) return false;
    this.cancelledBy = byWhom;
    return true;
  }
  model() {
    return this.inUse;
  }
  onPublished() {
    return () => undefined;
  }
  async stop() {
    // Nothing runs but what the test drives.
  }

  progresses(progress: TrainingProgress) {
    this.latest = progress;
    for (const listener of this.listeners) listener(progress);
  }
  ends(rest: Partial<TrainingRun>) {
    const run = this.handle?.run;
    if (!run) throw new Error('nothing runs');
    this.handle = undefined;
    this.end?.({ ...run, endedAt: NOW + 61_000, ...rest });
  }
  get followers() {
    return this.listeners.size;
  }
}

interface ChatOptions {
  readonly songs?: readonly Song[];
  readonly listeners?: SongId[][];
  readonly trained?: boolean;
  readonly services?: Partial<Services>;
  /** The songs are the demo's. Default: true. */
  readonly demo?: boolean;
  readonly now?: () => number;
  /** What rests on the parts of this chat. */
  more?(parts: {
    readonly platform: ChatPlatform;
    readonly store: Services['store'];
    readonly stateDir: string;
    readonly catalogue: Services['catalogue'];
    readonly training: Training;
  }): Promise<Partial<Services>>;
}

/** The real dispatcher, commands, store, labelling and ranking thread on planted songs, without a platform's screen. */
export async function openChat({
  songs,
  listeners,
  trained = true,
  services: over,
  demo = true,
  now = () => NOW,
  more,
}: ChatOptions = {}) {
  const catalogue = plantedCatalogue(songs ?? plantedSongs(8), listeners, demo);
  const state = await plantedState(catalogue, now);
  const training = new DrivenTraining();
  if (trained) training.inUse = await plantModel(state.stateDir, catalogue);
  const soundOf = (song: Song) =>
    song.snippet.kind === 'own' ? ({ kind: 'own', seconds: 18 } as const) : ({ kind: 'none' } as const);
  const posted: { readonly channel: string; readonly message: Message; readonly emojis: string[] }[] = [];
  const forgotten: IdentityId[] = [];
  const told: { readonly identity: IdentityId; readonly message: Message }[] = [];
  const platform: ChatPlatform = {
    name: 'room',
    start: async () => undefined,
    stop: async () => undefined,
    places: async () => [],
    async post({ communityId, channel }, message): Promise<MessageRef> {
      posted.push({ channel, message, emojis: [] });
      return { platform: 'room', communityId, channel, message: String(posted.length) };
    },
    edit: async () => undefined,
    remove: async () => undefined,
    async tell(identity, message) {
      told.push({ identity, message });
      return true;
    },
    async seedReactions(ref, emojis) {
      posted[Number(ref.message) - 1].emojis.push(...emojis);
    },
    reactions: async () => [],
    reactionsStay: false,
    forget: async () => undefined,
  };
  const playlists = createPlaylists({
    likedElsewhere: async (memberId) => (await services.spotify?.likedBy(memberId)) ?? [],
    store: state.store,
    stateDir: state.stateDir,
    catalogueDir: () => state.catalogueDir,
    training,
    taxonomy,
    log: silent,
    now,
  });
  const bursts = createBursts({ store: state.store, now });
  const services: Services = {
    taxonomy,
    catalogue: () => catalogue,
    store: state.store,
    labelling: createLabelling({
      store: state.store,
      taxonomy,
      platforms: [platform],
      log: silent,
      seed: 1,
      catalogue: () => catalogue,
      model: () => training.model(),
      soundOf,
      now,
      votesOn: bursts.countedOn,
      votersPerSong: bursts.votersPerSong,
    }),
    bursts,
    training,
    playlists,
    soundOf,
    nextTrainingAt,
    reactionsStay: () => false,
    async forget(identities) {
      forgotten.push(...identities);
    },
    now,
    version: '0.1.0',
    webAddress: () => 'http://127.0.0.1:3000',
    ...(await more?.({ platform, ...state, catalogue: () => catalogue, training })),
    ...over,
  };
  const dispatcher = createDispatcher({ commands, services, log: silent });

  function member(
    name: string,
    { moderator = false, communityId = 'room:main', groups = [] as readonly string[] } = {},
  ) {
    const asker = { identity: `room:${name}`, name, platformModerator: moderator, groups };
    const invocation = (seen: Seen) => ({
      communityId,
      channel: 'main',
      asker,
      at: NOW,
      async answer(message: Message) {
        seen.messages.push(message);
        return {
          async edit(changed: Message) {
            seen.edits.push(changed);
          },
        };
      },
    });
    return {
      /** As typed into the room. Resolves when the command has ended. */
      async types(line: string, seen = new Seen()): Promise<Seen> {
        const parsed = parseLine(line, commands);
        if (parsed.kind === 'text' || parsed.kind === 'mistake') throw new Error(`not a command: ${line}`);
        const options = parsed.kind === 'command' ? parsed.options : {};
        await dispatcher.command({ ...invocation(seen), command: parsed.command, options });
        return seen;
      },
      /** As a platform reports it, options and all. */
      async sends(command: string, options: Record<string, string | number | boolean>): Promise<Seen> {
        const seen = new Seen();
        await dispatcher.command({ ...invocation(seen), command, options });
        return seen;
      },
      async clicks(action: string, seen = new Seen()): Promise<Seen> {
        await dispatcher.action({ ...invocation(seen), action });
        return seen;
      },
      completes: (command: string, option: string, typed: string): Promise<readonly Choice[]> =>
        dispatcher.complete({ communityId, asker, command, option, typed }),
      id: async () => (await state.store.memberOf(asker.identity)).id,
      /** Says what a song conveys, under a snippet of it. */
      async votes(songId: SongId, emotion: string) {
        await state.store.setReaction({
          postId: 'room:main/main/1',
          songId,
          identity: asker.identity,
          meaning: { kind: 'emotion', emotion },
          present: true,
          at: NOW,
        });
      },
    };
  }

  return {
    ...state,
    catalogue,
    /** Identities that the platforms were asked to forget. */
    forgotten,
    /** What somebody was told alone, unasked. */
    told,
    training,
    services,
    posted,
    member,
    async close() {
      await playlists.stop();
      await state.remove();
    },
  };
}

export type Chat = Awaited<ReturnType<typeof openChat>>;

/** Beside plain songs: two of one name, one with markup and a formula in its title, and one with a Spotify id. */
export function openChatWithOddSongs(): Promise<Chat> {
  const songs = plantedSongs(8, (song) => {
    if (song.id === 'sad-7') return { title: 'Happy song 7' };
    if (song.id === 'calm-7') return { title: '*Lake* <b>&', artists: ['=1+1'], album: undefined };
    if (song.id === 'calm-6') return { spotifyUri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC' };
    return {};
  });
  return openChat({ songs, listeners: [['happy-0', 'happy-1', 'sad-0'], ['happy-0']] });
}
