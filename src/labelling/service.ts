import type { Logger } from 'pino';
import { createRandom } from '../../ml/random.ts';
import { type AskingPlan, type ChooseNext, chooseNext } from '../../ml/select-next.ts';
import type { Message, Sound } from '../chat/message.ts';
import { ChatError, type ChatPlatform } from '../chat/platform.ts';
import type { Catalogue, SongIndex } from '../domain/catalogue.ts';
import type { Taxonomy } from '../domain/emotion.ts';
import type { Community, CommunityId, Vote } from '../domain/member.ts';
import type { Model } from '../domain/model.ts';
import { refKey, type SnippetPost } from '../domain/post.ts';
import type { Song, SongId } from '../domain/song.ts';
import { nextSnippetAt } from '../schedule/calendar.ts';
import type { Store } from '../store/store.ts';
import { candidatesOf, readPlan, readTraits, type SongTraits } from './candidates.ts';
import { invitationIn } from './emoji.ts';
import type { Labelling, PostRefusal } from './labelling.ts';

interface LabellingParts {
  readonly store: Store;
  readonly taxonomy: Taxonomy;
  readonly platforms: readonly ChatPlatform[];
  readonly log: Logger;
  readonly seed: number;
  catalogue(): Catalogue;
  model(): Model | undefined;
  soundOf(song: Song): Sound;
  now(): number;
  /** The votes on a song that count. */
  votesOn(songId: SongId): Promise<readonly Vote[]>;
  /** Per song how many members have votes on it that count; songs without such members are not in it. */
  votersPerSong(): Promise<ReadonlyMap<SongId, number>>;
  /** How the next song is chosen; the default policy is `ml/select-next.ts`. */
  readonly policy?: ChooseNext;
}

/** What asking about each song is worth, and what that was read from. */
interface Plan {
  readonly version: string;
  readonly modelId: string | undefined;
  readonly at: number;
  readonly of: Promise<AskingPlan>;
  /** Songs that were about to be asked about and turned out to have a clear label. */
  readonly clear: Set<SongIndex>;
}

type PostResult = Awaited<ReturnType<Labelling['postSnippet']>>;

const DAY_MS = 86_400_000;
/** A post younger than this may have been cut short by the stop before this start. */
const FRESH_MS = 15 * 60_000;
/** A plan without a newer model is used for so long. */
const PLAN_FRESH_MS = DAY_MS;
/** Posts looked back at; more than any community posts within the pause before a song may come again. */
const POSTS_REMEMBERED = 500;

const invitation = 'How does this one feel to you? React with every emoji that fits, and ❤️ if you like it.';

/** The message that asks for reactions. It says nothing of the emotions found so far: that would lead the voters. */
export function snippetMessage(song: Song, sound: Sound): Message {
  const detail = [song.album, song.year].filter((part) => part !== undefined && part !== '').join(' · ');
  return {
    text: invitation,
    snippet: {
      songId: song.id,
      title: song.title,
      artists: song.artists,
      sound,
      ...(detail === '' ? {} : { detail }),
    },
  };
}

const refuse = (refusal: PostRefusal, detail?: string): PostResult => ({ refusal, detail });

/** Posts snippets: chooses the song, posts it, remembers the post, invites with the emoji. */
export function createLabelling(parts: LabellingParts): Labelling {
  const { store, taxonomy, platforms, log, catalogue, model, soundOf, now, policy = chooseNext } = parts;
  const random = createRandom(parts.seed).fork('labelling');
  let traits: { version: string; of: Promise<SongTraits> } | undefined;
  let plan: Plan | undefined;
  /** One post at a time per community, or two requests at once would choose the same song. */
  const turns = new Map<CommunityId, Promise<unknown>>();

  function traitsOf(songs: Catalogue): Promise<SongTraits> {
    if (traits?.version !== songs.version) traits = { version: songs.version, of: readTraits(songs) };
    return traits.of;
  }

  /** Made anew for every model, and after a day, when there is none or it has not changed, for the votes since. */
  function planOf(songs: Catalogue, traitsOfSongs: SongTraits, voters: ReadonlyMap<SongId, number>): Plan {
    const current = model();
    const isFresh =
      plan?.version === songs.version && plan.modelId === current?.id && now() < plan.at + PLAN_FRESH_MS;
    if (plan === undefined || !isFresh) {
      const of = readPlan(songs, traitsOfSongs, current, voters, random.fork('plan'));
      plan = { version: songs.version, modelId: current?.id, at: now(), of, clear: new Set() };
    }
    return plan;
  }

  async function choose(songs: Catalogue, community: Community) {
    const traitsOfSongs = await traitsOf(songs);
    const voters = await parts.votersPerSong();
    const { at, of, clear } = planOf(songs, traitsOfSongs, voters);
    const posts = await store.recentPosts(community.id, POSTS_REMEMBERED);
    const candidates = {
      ...candidatesOf(songs, traitsOfSongs, await of, at, voters, posts, now()),
      isClear: (index: SongIndex) => clear.has(index),
    };
    let next = policy(candidates, random);
    // Labels change with every vote, and reading one takes a while: only that of the song to be asked about is read.
    while (
      next?.chosenBy === 'policy' &&
      !clear.has(next.song) &&
      (await hasClearLabel(songs, next.song, voters))
    ) {
      clear.add(next.song);
      next = policy(candidates, random, { randomShare: 0 });
    }
    return next;
  }

  async function hasClearLabel(
    songs: Catalogue,
    index: SongIndex,
    voters: ReadonlyMap<SongId, number>,
  ): Promise<boolean> {
    const id = songs.idAt(index);
    const current = model();
    if (current === undefined || !voters.has(id)) return false;
    return current.label(await parts.votesOn(id))?.clear ?? false;
  }

  /** Where a community's snippets go when the request names no place. */
  async function channelOf(community: Community, platform: ChatPlatform): Promise<string | undefined> {
    if (community.settings.channel) return community.settings.channel;
    const places = await platform.places();
    return places.find((place) => place.communityId === community.id)?.defaultChannel;
  }

  /**
   * A post without all its emoji is still a post: members can add their own. One that was deleted meanwhile takes no
   * votes.
   */
  async function seed(
    platform: ChatPlatform,
    post: SnippetPost,
    community: Community | undefined,
  ): Promise<void> {
    try {
      await platform.seedReactions(post.message, invitationIn(taxonomy, community?.settings));
    } catch (err) {
      if (!(err instanceof ChatError)) throw err;
      log.warn({ err, post: post.id }, 'the emoji could not be put under a snippet');
      if (err.code === 'gone') await store.savePost({ ...post, closesAt: now() });
    }
  }

  async function post(
    community: Community,
    platform: ChatPlatform,
    channel: string,
    index: SongIndex,
    chosenBy: SnippetPost['chosenBy'],
    postedBy: SnippetPost['postedBy'],
  ): Promise<PostResult> {
    const song = catalogue().song(index);
    try {
      const place = { communityId: community.id, channel };
      const message = await platform.post(place, snippetMessage(song, soundOf(song)));
      const postedAt = now();
      const closesAt = postedAt + community.settings.postOpenDays * DAY_MS;
      const snippet = { communityId: community.id, message, songId: song.id, postedAt, closesAt };
      const stored: SnippetPost = { id: refKey(message), ...snippet, postedBy, chosenBy };
      await store.savePost(stored);
      await seed(platform, stored, community);
      return { post: stored };
    } catch (err) {
      if (!(err instanceof ChatError)) throw err;
      log.warn({ err, community: community.id }, 'a snippet could not be posted');
      // What is unreachable no moderator can mend, and its reason may be a library's.
      return refuse('cannot-post', err.code === 'unreachable' ? undefined : err.message);
    }
  }

  async function postInTurn(
    communityId: CommunityId,
    options: { readonly by: 'schedule' | 'command'; readonly songId?: SongId; readonly channel?: string },
  ): Promise<PostResult> {
    const community = await store.community(communityId);
    const platform = platforms.find((candidate) => candidate.name === community?.platform);
    if (!community || !platform) return refuse('cannot-post');
    // What a moderator chose wins over where the request was typed.
    const channel = (await channelOf(community, platform)) ?? options.channel;
    if (channel === undefined) return refuse('no-channel');
    const songs = catalogue();
    if (options.songId !== undefined) {
      const index = songs.indexOf(options.songId);
      if (index < 0) return refuse('unknown-song');
      return post(community, platform, channel, index, 'request', options.by);
    }
    const next = await choose(songs, community);
    if (!next) return refuse('no-songs');
    return post(community, platform, channel, next.song, next.chosenBy, options.by);
  }

  return {
    postSnippet(communityId, options) {
      const before = turns.get(communityId) ?? Promise.resolve();
      const result = before.then(() => postInTurn(communityId, options));
      turns.set(
        communityId,
        result.catch(() => undefined),
      );
      return result;
    },
    async finishSeeding(platform) {
      for (const post of await store.openPosts(now())) {
        const isFresh = post.message.platform === platform.name && post.postedAt > now() - FRESH_MS;
        if (isFresh) await seed(platform, post, await store.community(post.communityId));
      }
    },
    async nextPostAt(community) {
      const at = nextSnippetAt(community);
      const platform = platforms.find(({ name }) => name === community.platform);
      if (at === undefined || !platform) return at;
      return (await channelOf(community, platform)) === undefined ? 'no-channel' : at;
    },
  };
}
