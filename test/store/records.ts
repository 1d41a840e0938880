import type { BurstDecision } from '../../src/domain/burst.ts';
import type { StoredInstallation } from '../../src/domain/installation.ts';
import type { Community, StoredPlaylist } from '../../src/domain/member.ts';
import type { ReactionFact, SnippetPost } from '../../src/domain/post.ts';
import type { StoredPush, StoredSpotifyLink } from '../../src/domain/spotify.ts';

export function aCommunity(id = 'room:main'): Community {
  return {
    id,
    platform: 'room',
    name: 'Living room',
    settings: {
      timeZone: 'Europe/Vienna',
      snippetsPerDay: 3,
      quietHours: { from: '22:00', to: '08:00' },
      trainingSchedule: '0 4 * * *',
      postOpenDays: 7,
      moderators: ['room:ana'],
    },
  };
}

export function anInstallation(key = 'slack:T1', more: Partial<StoredInstallation> = {}): StoredInstallation {
  return {
    key,
    teamId: key.slice('slack:'.length),
    installedAt: 1_000,
    sealed: `sealed for ${key}`,
    ...more,
  };
}

export function aPost(id: string, more: Partial<SnippetPost> = {}): SnippetPost {
  const communityId = more.communityId ?? 'room:main';
  return {
    id,
    communityId,
    message: { platform: 'room', communityId, channel: 'snippets', message: id },
    songId: `song of ${id}`,
    postedAt: 1_000,
    closesAt: 9_000,
    postedBy: 'schedule',
    chosenBy: 'policy',
    ...more,
  };
}

export function aVote(identity: string, songId: string, emotion: string, more: Partial<ReactionFact> = {}) {
  const fact: ReactionFact = {
    postId: `post of ${songId}`,
    songId,
    identity,
    meaning: { kind: 'emotion', emotion },
    present: true,
    at: 1_000,
    ...more,
  };
  return fact;
}

export function aLike(identity: string, songId: string, more: Partial<ReactionFact> = {}): ReactionFact {
  return aVote(identity, songId, '', { meaning: { kind: 'like' }, ...more });
}

export function aDecision(id: string, more: Partial<BurstDecision> = {}): BurstDecision {
  return {
    id,
    communityId: 'room:main',
    parts: [
      { songId: 's', from: 1_000, to: 2_000 },
      { from: 1_500, to: 2_500 },
    ],
    counts: false,
    by: 'room:mo',
    name: 'Mo',
    at: 3_000,
    ...more,
  };
}

export function aPlaylist(id: string, memberId: string, createdAt: number, kept = false): StoredPlaylist {
  return {
    id,
    memberId,
    communityId: 'room:main',
    songs: ['a', 'b'],
    wish: { from: 'calm' },
    createdAt,
    kept,
  };
}

export function aLink(owner: string, more: Partial<StoredSpotifyLink> = {}): StoredSpotifyLink {
  return {
    owner,
    accountId: `account of ${owner}`,
    name: 'Ana',
    scopes: ['playlist-modify-private'],
    authorizedAt: 1_000,
    where: { identity: 'room:ana', communityId: 'room:main', channel: 'lounge' },
    sealed: `sealed for ${owner}`,
    ...more,
  };
}

export function aPush(id: string, memberId: string, more: Partial<StoredPush> = {}): StoredPush {
  return {
    id,
    memberId,
    owner: memberId,
    playlistId: `list of ${id}`,
    where: { identity: 'room:ana', communityId: 'room:main', channel: 'lounge' },
    name: 'Calm',
    description: 'Ten calm songs',
    songs: ['a', 'b'],
    wish: { from: 'calm' },
    askedAt: 1_000,
    ...more,
  };
}
