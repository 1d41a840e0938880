import type { Button, Message } from '../src/chat/message.ts';
import type { AnswerHandle } from '../src/chat/platform.ts';
import type { StoredPlaylist } from '../src/domain/member.ts';
import { SHARED_ACCOUNT, type StoredPush } from '../src/domain/spotify.ts';
import { type PushNews, pushIdOf } from '../src/spotify/pushes.ts';
import type { Spotify } from '../src/spotify/spotify.ts';
import type { ActionContext, Services } from './command.ts';
import { inviteToLink } from './link.ts';
import { count, inline } from './phrases.ts';
import { wishName } from './playlist-drawing.ts';
import { pushButtons, pushText, words } from './push-words.ts';

/** Platforms take changes of an answer for a quarter of an hour; later, people are told otherwise. */
const IN_PLACE_MS = 14 * 60_000;

type Context = Omit<ActionContext, 'args'>;

/** What is said about a list and Spotify under it, and what can be done. */
export interface Standing {
  readonly text?: string;
  readonly buttons: readonly Button[];
}

const refuse = (text: string): Message => ({ text, tone: 'refusal', private: true });

/** The bot's own account, while it can be used. */
async function sharedIsLinked({ store }: Services): Promise<boolean> {
  const link = await store.spotifyLink(SHARED_ACCOUNT);
  return link?.sealed !== undefined && link.endedAt === undefined;
}

async function sharedPart(playlistId: string, spotify: Spotify, services: Services): Promise<Standing> {
  const news = await spotify.pushes.news(playlistId, true);
  if (news !== undefined) return { text: pushText(news, services), buttons: pushButtons(news) };
  if (!(await sharedIsLinked(services))) return { buttons: [] };
  return { buttons: [{ action: `playlist:shared-push:${playlistId}`, label: words.asShared }] };
}

/** Where everybody finds a list that was put into the bot's own account. */
export async function sharedLink(playlistId: string, services: Services): Promise<readonly Button[]> {
  const news = await services.spotify?.pushes.news(playlistId, true);
  return news?.state.kind === 'done' ? pushButtons(news) : [];
}

const toMine = (playlistId: string): Button => ({
  action: `playlist:push:${playlistId}`,
  label: words.toMine,
});

/** Where a list of a member's own stands with Spotify now. */
export async function standingOf(playlistId: string, services: Services): Promise<Standing> {
  const { spotify } = services;
  if (spotify === undefined) return { buttons: [] };
  if (services.catalogue().demo) return { text: words.demo, buttons: [] };
  const own = await spotify.pushes.news(playlistId, false);
  const shared = await sharedPart(playlistId, spotify, services);
  if (own === undefined) return { ...shared, buttons: [toMine(playlistId), ...shared.buttons] };
  const texts = [pushText(own, services), ...(shared.text === undefined ? [] : [shared.text])];
  // Who has it in an account of their own needs no other.
  return { text: texts.join(' '), buttons: [...pushButtons(own), ...(shared.text ? shared.buttons : [])] };
}

/** What is asked of a member who had such a list a moment ago. */
function choice(playlistId: string, earlier: StoredPush): Standing {
  return {
    text: words.choice(inline(earlier.name)),
    buttons: [
      {
        action: `playlist:update:${playlistId}:${earlier.id}`,
        label: words.update(inline(earlier.name)).slice(0, 75),
        style: 'primary',
      },
      { action: `playlist:new:${playlistId}`, label: words.asNew },
    ],
  };
}

/** Sends a list on its way, for whoever asks. */
function send(
  { services, asker, community, channel }: Context,
  spotify: Spotify,
  playlist: StoredPlaylist,
  { shared = false, updates }: { shared?: boolean; updates?: string } = {},
): Promise<PushNews> {
  const day = new Intl.DateTimeFormat('en-GB', {
    timeZone: community.settings.timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(playlist.createdAt);
  const wished = wishName(playlist.wish, services);
  return spotify.pushes.push({
    playlist,
    owner: shared ? SHARED_ACCOUNT : playlist.memberId,
    where: { identity: asker.identity, communityId: community.id, channel },
    name: `${wished} · ${day}`,
    description: `${count(playlist.songs.length, 'song')}, put in order by Reactune from what people here say songs feel like.`,
    ...(updates !== undefined && { updates }),
  });
}

/**
 * What becomes of a new list of `/playlist`: for who has linked an account, `begin` sends it there.
 * @param here it is to stay here
 */
export async function planFor(
  context: Context,
  playlistId: string,
  here: boolean,
): Promise<{ readonly standing: Standing; readonly begin?: () => Promise<unknown> }> {
  const { services, asker } = context;
  const { spotify, store } = services;
  const standing = await standingOf(playlistId, services);
  if (spotify === undefined || here || services.catalogue().demo) return { standing };
  const status = await spotify.links.status(asker.memberId);
  const playlist = await store.playlist(playlistId);
  if (status.kind !== 'linked' || playlist === undefined) return { standing };
  const earlier = await spotify.pushes.recent(asker.memberId, playlist.wish);
  if (earlier !== undefined) return { standing: choice(playlistId, earlier) };
  return { standing, begin: () => send(context, spotify, playlist) };
}

const isOver = ({ state }: PushNews) => state.kind === 'done' || state.kind === 'failed';

/**
 * Begins a push, answers, and changes the answer in place as it goes on. Who asked sees it there as long as the
 * platform allows; then they are told otherwise.
 */
export async function answerWith(
  context: Context,
  { playlistId, shared = false }: { readonly playlistId: string; readonly shared?: boolean },
  begin: () => Promise<unknown>,
  draw: () => Promise<Message>,
): Promise<undefined> {
  const { services, log } = context;
  const pushes = services.spotify?.pushes;
  const from = services.now();
  const { promise: shown, resolve, reject } = withResolvers<AnswerHandle>();
  const unwatch = pushes?.watch(pushIdOf(playlistId, shared), async () => {
    if (services.now() - from > IN_PLACE_MS) return false;
    try {
      await (await shown).edit(await draw());
      return true;
    } catch (err) {
      log.warn({ err }, 'an answer could not be changed in place');
      return false;
    }
  });
  try {
    await begin();
    resolve(await context.answer(await draw()));
  } catch (error) {
    unwatch?.();
    reject(error);
    throw error;
  }
  // It was over long ago, and there will be no news of it.
  const news = await pushes?.news(playlistId, shared);
  if (news !== undefined && isOver(news)) unwatch?.();
  return undefined;
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  // Whoever waits for it hears it; nobody has to.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** Begins a push, and says in a message of its own how it goes, under a list that was shown before. */
async function report(
  context: Context,
  playlistId: string,
  shared: boolean,
  begin: () => Promise<unknown>,
): Promise<undefined> {
  return answerWith(context, { playlistId, shared }, begin, async () => {
    const news = await context.services.spotify?.pushes.news(playlistId, shared);
    if (news === undefined) return refuse(words.notYours);
    const { state } = news;
    return {
      text: pushText(news, context.services),
      ...(state.kind === 'done' && { tone: 'success' as const }),
      ...(state.kind === 'failed' && { tone: 'refusal' as const }),
      buttons: [...pushButtons(news)],
      private: true,
    };
  });
}

interface Ready {
  readonly spotify: Spotify;
  readonly playlist: StoredPlaylist;
}

/** What a button needs: Spotify, songs that can be there, and a list of the asker's own. */
async function ready({ services, asker, args }: ActionContext): Promise<Ready | Message> {
  const { spotify } = services;
  if (spotify === undefined) return refuse(words.notSetUp);
  if (services.catalogue().demo) return refuse(words.demo);
  const playlist = await services.store.playlist(args[0] ?? '');
  if (playlist?.memberId !== asker.memberId) return refuse(words.notYours);
  return { spotify, playlist };
}

/** Nothing is linked, or what is linked allows too little. */
async function hasToLink(
  { services, asker }: Context,
  { links }: Spotify,
  before: PushNews | undefined,
): Promise<boolean> {
  if ((await links.status(asker.memberId)).kind !== 'linked') return true;
  if (before?.push.failure !== 'scope') return false;
  const link = await services.store.spotifyLink(asker.memberId);
  return (link?.authorizedAt ?? 0) < (before.push.endedAt ?? 0);
}

/** Into the asker's own account; who has none linked is led to linking first, and the list follows by itself. */
function pushAction(wish: (context: ActionContext) => { updates?: string } = () => ({})) {
  return async (context: ActionContext): Promise<Message | undefined> => {
    const found = await ready(context);
    if ('text' in found) return found;
    const { spotify, playlist } = found;
    const before = await spotify.pushes.news(playlist.id, false);
    if (await hasToLink(context, spotify, before)) {
      return inviteToLink({ ...context, options: {} }, async () => {
        // Linking may have shown that two members are one.
        const now = await context.services.store.playlist(playlist.id);
        if (now === undefined) return;
        await sendAndReport(context, spotify, now, wish(context));
      });
    }
    if (before?.state.kind === 'done') return whereItIs(context, spotify, before);
    return sendAndReport(context, spotify, playlist, wish(context));
  };
}

async function sendAndReport(
  context: Context,
  spotify: Spotify,
  playlist: StoredPlaylist,
  wish: { shared?: boolean; updates?: string },
): Promise<undefined> {
  const { shared = false } = wish;
  return report(context, playlist.id, shared, () => send(context, spotify, playlist, wish));
}

/** Asked for again: it is there, or its owner has removed it. */
async function whereItIs({ services }: Context, spotify: Spotify, news: PushNews): Promise<Message> {
  const place = await spotify.pushes.place(news.push);
  if (place === 'removed') {
    return {
      text: words.removed,
      buttons: [
        { action: `playlist:again-push:${news.push.playlistId}`, label: words.again, style: 'primary' },
      ],
      private: true,
    };
  }
  const left = pushText(news, services).replace(words.done, words.stillThere);
  return { text: left, buttons: [...pushButtons(news)], private: true };
}

/** Makes a playlist again that was removed; one that is there stays the only one. */
async function again(context: ActionContext): Promise<Message | undefined> {
  const found = await ready(context);
  if ('text' in found) return found;
  const { spotify, playlist } = found;
  return report(context, playlist.id, false, () => spotify.pushes.again(pushIdOf(playlist.id, false)));
}

async function pushShared(context: ActionContext): Promise<Message | undefined> {
  const found = await ready(context);
  if ('text' in found) return found;
  const { spotify, playlist } = found;
  const before = await spotify.pushes.news(playlist.id, true);
  if (before?.state.kind !== 'done' && !(await sharedIsLinked(context.services)))
    return refuse(words.noShared);
  return sendAndReport(context, spotify, playlist, { shared: true });
}

/** Buttons under playlists that have to do with Spotify, by verb. */
export const pushActions = {
  push: { run: pushAction() },
  new: { run: pushAction() },
  update: {
    run: pushAction(({ args }) => (args[1] === undefined ? {} : { updates: args[1] })),
  },
  'again-push': { run: again },
  'shared-push': { run: pushShared },
};
