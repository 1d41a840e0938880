import { expect, onTestFinished } from 'vitest';
import type { App } from '../../src/app.ts';
import { deployCommands } from '../../src/cli/discord-deploy.ts';
import { type ReactionFact, refKey, type SnippetPost } from '../../src/domain/post.ts';
import type { Store } from '../../src/store/store.ts';
import type { Answer } from '../support/discord/answer.ts';
import { type Discord, type DiscordOptions, openDiscord } from '../support/discord/discord.ts';
import type { GuildHandle } from '../support/discord/guild-handle.ts';
import type { Person } from '../support/discord/person.ts';
import type { SeenMessage } from '../support/discord/seen.ts';
import { eventually, plantedFolder, startStageBot } from './stage.ts';

export const CHANNEL = 'songs';

/** A Discord with its servers, and the folder of a bot that knows planted songs. */
export interface House {
  readonly discord: Discord;
  readonly guilds: readonly GuildHandle[];
  readonly stateDir: string;
  /** For `startBot`, or more of the like. */
  readonly env: Record<string, string>;
  /** Starts the whole bot in this process. */
  starts(): Promise<App>;
}

/** @param guilds how many servers the bot is in: `Server 0`, `Server 1` … */
export async function openHouse({
  guilds = 1,
  ...options
}: DiscordOptions & { guilds?: number } = {}): Promise<House> {
  const stateDir = await plantedFolder();
  const discord = await openDiscord(options);
  onTestFinished(() => discord.close());
  const names = Array.from({ length: guilds }, (_, i) => `Server ${i}`);
  const handles = names.map((name) => discord.guild({ name, channels: [CHANNEL, 'general'] }));
  const env = { ROOM: 'off', DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.api };
  await deployCommands({ token: discord.token, apiUrl: discord.api, say: () => {} });
  return { discord, guilds: handles, stateDir, env, starts: () => startStageBot(stateDir, env) };
}

/** What the bot says first: a public answer takes the place of the private one that was announced. */
export async function firstAnswer(answer: Answer): Promise<SeenMessage> {
  await answer.acknowledged();
  return eventually(() => {
    const { now } = answer;
    return now && !now.thinking ? now : answer.followUps[0];
  });
}

/** A moderator chooses the channel and has a snippet posted; resolves to the message. */
export async function postsSnippet(guild: GuildHandle, options = {}): Promise<SeenMessage> {
  const mo = guild.moderator('mo');
  const known = new Set(mo.sees(CHANNEL).map(({ id }) => id));
  await firstAnswer(mo.types(CHANNEL, 'settings', { channel: CHANNEL }));
  await firstAnswer(mo.types(CHANNEL, 'snippet', options));
  return mo.waitsFor(CHANNEL, ({ id, ephemeral, reactions }) => {
    return !known.has(id) && !ephemeral && reactions.length >= 9;
  });
}

/** Who votes for what on a message, as Discord itself has it: `discord:1 😌`. */
function truthOf(discord: Discord, messageId: string): string[] {
  const reactions = [...(discord.message(messageId)?.reactions.values() ?? [])];
  return reactions
    .flatMap(({ emoji, normal, burst }) =>
      [...new Set([...normal, ...burst])]
        .filter((id) => discord.world.users.get(id)?.bot !== true)
        .map((id) => `discord:${id} ${emoji.name.replaceAll('\uFE0F', '')}`),
    )
    .sort();
}

const EMOJI: Record<string, string> = {
  happy: '😄',
  energetic: '⚡',
  angry: '😠',
  tense: '😨',
  sad: '😢',
  nostalgic: '🕰',
  calm: '😌',
  tender: '🥰',
};

function shown({ identity, meaning }: ReactionFact): string {
  return `${identity} ${meaning.kind === 'like' ? '❤' : EMOJI[meaning.emotion]}`;
}

type Facts = Pick<Store, 'openPosts' | 'reactionsOn' | 'voteCounts'>;

async function postsIn(store: Facts): Promise<readonly SnippetPost[]> {
  return (await store.openPosts(Date.now())).filter(({ message }) => message.platform === 'discord');
}

/** What the bot has and what Discord has, post by post. */
async function compared(store: Facts, discord: Discord) {
  const posts = await postsIn(store);
  const has: Record<string, string[]> = {};
  const truth: Record<string, string[]> = {};
  for (const post of posts) {
    has[post.id] = (await store.reactionsOn(post.id)).map(shown).sort();
    truth[refKey(post.message)] = truthOf(discord, post.message.message);
  }
  return { has, truth };
}

/** Waits until the bot has exactly the votes that stand on Discord. */
export async function untilEqual(store: Facts, discord: Discord): Promise<void> {
  await eventually(async () => {
    const { has, truth } = await compared(store, discord);
    return JSON.stringify(has) === JSON.stringify(truth);
  });
}

/** The bot has exactly the votes that stand on Discord, and counts each member once for a song. */
export async function expectEqual(store: Facts, discord: Discord): Promise<void> {
  const { has, truth } = await compared(store, discord);
  expect(has).toEqual(truth);
  expect(Object.values(truth).flat()).not.toEqual([]);
  const voters = new Map<string, Set<string>>();
  for (const post of await postsIn(store)) {
    const votes = voters.get(post.songId) ?? new Set();
    for (const vote of truthOf(discord, post.message.message)) if (!vote.endsWith('❤')) votes.add(vote);
    voters.set(post.songId, votes);
  }
  for (const [songId, votes] of voters) {
    const counts = Object.values(await store.voteCounts(songId));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(votes.size);
  }
}

/** People by number; the same person in every server. */
export const people = (guild: GuildHandle, count: number): Person[] =>
  Array.from({ length: count }, (_, i) => guild.member(`listener${i}`));
