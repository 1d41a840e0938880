import type { CastVote, Member, StoredPlaylist, TasteEntry } from '../../src/domain/member.ts';
import type { ReactionFact } from '../../src/domain/post.ts';
import { type Store, StoreError } from '../../src/store/store.ts';

/** How it was before one member became part of another, and what was said since. */
interface Joining {
  readonly kept: Member;
  readonly gone: Member;
  readonly taste: { readonly kept: readonly TasteEntry[]; readonly gone: readonly TasteEntry[] };
  readonly playlists: readonly string[];
  readonly since: TasteEntry[];
}

/**
 * The store's promises in the plainest code: a list of facts that is searched from front to back each time. The
 * yardstick for property tests; nothing survives a restart.
 */
export function createNaiveStore(): Store {
  let members: Member[] = [];
  let facts: ReactionFact[] = [];
  let tastes: { memberId: string; entry: TasteEntry }[] = [];
  let playlists: StoredPlaylist[] = [];
  let joinings: Joining[] = [];
  const unused = async () => {
    throw new StoreError('failed', 'The naive store does not keep this.');
  };
  const behind = (identity: string) => members.find((member) => member.identities.includes(identity));
  const key = (fact: ReactionFact) => JSON.stringify([fact.postId, fact.songId, fact.identity, fact.meaning]);
  function demand(id: string): Member {
    const member = members.find((one) => one.id === id);
    if (member === undefined) throw new StoreError('failed', 'no such member');
    return member;
  }
  function meet(identity: string): Member {
    const known = behind(identity);
    if (known !== undefined) return known;
    const member = { id: `naive-${crypto.randomUUID()}`, identities: [identity], createdAt: 0 };
    members.push(member);
    return member;
  }
  function set(fact: ReactionFact): boolean {
    const there = facts.find((one) => key(one) === key(fact));
    if ((there !== undefined) === fact.present) return false;
    meet(fact.identity);
    facts = facts.filter((one) => one !== there);
    if (fact.present) facts.push(fact);
    return true;
  }
  const explicit = (memberId: string) =>
    tastes.filter((one) => one.memberId === memberId).map(({ entry }) => entry);
  function say(memberId: string, entries: readonly TasteEntry[]): void {
    for (const entry of entries) {
      tastes = tastes.filter((one) => one.memberId !== memberId || one.entry.songId !== entry.songId);
      tastes.push({ memberId, entry });
    }
  }
  /** As at the first joining, with what was said since; the others, as they were when they were joined. */
  function part(memberId: string): Member[] {
    const here = joinings.filter(({ kept }) => kept.id === memberId);
    if (here.length === 0) return [demand(memberId)];
    joinings = joinings.filter((one) => !here.includes(one));
    members = members.map((one) => (one.id === memberId ? here[0].kept : one));
    tastes = tastes.filter((one) => one.memberId !== memberId);
    say(memberId, here[0].taste.kept);
    say(memberId, here[0].since);
    const others = here.map((joining) => {
      const { gone } = joining;
      members.push(gone);
      say(gone.id, joining.taste.gone);
      playlists = playlists.map((list) =>
        list.memberId === memberId && joining.playlists.includes(list.id)
          ? { ...list, memberId: gone.id }
          : list,
      );
      return part(gone.id);
    });
    return [demand(memberId), ...others.flat()];
  }
  const newestFirst = (memberId: string) =>
    playlists.filter((one) => one.memberId === memberId).sort((a, b) => b.createdAt - a.createdAt);
  function votes() {
    const found = new Map<string, { memberId: string; songId: string; emotion: string }>();
    for (const { meaning, identity, songId } of facts) {
      if (meaning.kind === 'like') continue;
      const vote = { memberId: meet(identity).id, songId, emotion: meaning.emotion };
      found.set(JSON.stringify(vote), vote);
    }
    return [...found.values()];
  }
  const casts = (): CastVote[] =>
    facts.flatMap(({ meaning, identity, songId, postId, at }) =>
      meaning.kind === 'like'
        ? []
        : [{ memberId: meet(identity).id, songId, emotion: meaning.emotion, postId, identity, at }],
    );
  function taste(memberId: string): TasteEntry[] {
    const latest = new Map<string, TasteEntry>();
    for (const one of tastes) if (one.memberId === memberId) latest.set(one.entry.songId, one.entry);
    for (const { meaning, identity, songId, at } of facts) {
      if (meaning.kind !== 'like' || behind(identity)?.id !== memberId) continue;
      if ((latest.get(songId)?.at ?? -1) < at)
        latest.set(songId, { songId, liked: true, source: 'reaction', at });
    }
    return [...latest.values()].sort((a, b) => b.at - a.at);
  }
  return {
    memberOf: async (identity) => meet(identity),
    findMember: async (identity) => behind(identity),
    async mergeMembers(keptId, goneId) {
      const kept = demand(keptId);
      const gone = demand(goneId);
      if (kept === gone) return kept;
      const merged = { ...kept, identities: [...kept.identities, ...gone.identities] };
      const taste = { kept: explicit(keptId), gone: explicit(goneId) };
      const theirs = playlists.filter((list) => list.memberId === goneId).map(({ id }) => id);
      joinings.push({ kept, gone, taste, playlists: theirs, since: [] });
      members = members.map((one) => (one === kept ? merged : one)).filter((one) => one !== gone);
      playlists = playlists.map((list) => (list.memberId === goneId ? { ...list, memberId: keptId } : list));
      const own = new Map(
        tastes.filter((one) => one.memberId === keptId).map((one) => [one.entry.songId, one]),
      );
      for (const other of tastes.filter((one) => one.memberId === goneId)) {
        if (other.entry.at > (own.get(other.entry.songId)?.entry.at ?? -1)) {
          own.set(other.entry.songId, { memberId: keptId, entry: other.entry });
        }
      }
      const rest = tastes.filter((one) => one.memberId !== keptId && one.memberId !== goneId);
      tastes = [...rest, ...own.values()];
      return merged;
    },
    partMember: async (memberId) => part(memberId),
    communities: unused,
    community: unused,
    deleteCommunity: unused,
    saveCommunity: unused,
    savePost: unused,
    post: unused,
    openPosts: unused,
    recentPosts: unused,
    setReaction: async (fact) => set(fact),
    setReactions: async (many) => many.filter((fact) => set(fact)).length,
    reactionsOn: async (postId) => facts.filter((fact) => fact.postId === postId),
    async voteCounts(songId) {
      const counts: Record<string, number> = {};
      for (const vote of votes()) {
        if (vote.songId === songId) counts[vote.emotion] = (counts[vote.emotion] ?? 0) + 1;
      }
      return counts;
    },
    async votersPerSong() {
      const voters = new Map<string, Set<string>>();
      for (const { songId, memberId } of votes()) {
        voters.set(songId, (voters.get(songId) ?? new Set()).add(memberId));
      }
      return new Map([...voters].map(([songId, of]) => [songId, of.size]));
    },
    async *votes() {
      yield votes();
    },
    async castTable() {
      const all = casts();
      const column = (of: (one: CastVote) => string) => {
        const names = [...new Set(all.map(of))];
        return { names, numbers: Int32Array.from(all, (one) => names.indexOf(of(one))) };
      };
      const members = column(({ memberId }) => memberId);
      const songs = column(({ songId }) => songId);
      const posts = column(({ postId }) => postId);
      const identities = column(({ identity }) => identity);
      const emotions = column(({ emotion }) => emotion);
      return {
        times: Float64Array.from(all, ({ at }) => at),
        members: members.numbers,
        songs: songs.numbers,
        posts: posts.numbers,
        identities: identities.numbers,
        emotions: emotions.numbers,
        names: {
          members: members.names,
          songs: songs.names,
          posts: posts.names,
          identities: identities.names,
          emotions: emotions.names,
        },
      };
    },
    castVotesOn: async (songId) => casts().filter((one) => one.songId === songId),
    saveBurstDecision: unused,
    burstDecisions: unused,
    async *tastes() {
      const all = members.map(({ id }) => ({ memberId: id, entries: taste(id) }));
      yield all.filter((one) => one.entries.length > 0);
    },
    async totals() {
      const all = votes();
      const voters = new Set(all.map((vote) => vote.memberId)).size;
      const votedSongs = new Set(all.map((vote) => vote.songId)).size;
      return { votes: all.length, voters, votedSongs, members: members.length };
    },
    taste: async (memberId) => taste(memberId),
    async setTaste(memberId, entries) {
      demand(memberId);
      say(memberId, entries);
      for (const { kept, since } of joinings) if (kept.id === memberId) since.push(...entries);
    },
    async savePlaylist(playlist) {
      demand(playlist.memberId);
      playlists = [...playlists.filter(({ id }) => id !== playlist.id), playlist];
      const passing = newestFirst(playlist.memberId).filter((one) => !one.kept);
      playlists = playlists.filter((one) => !passing.slice(100).includes(one));
    },
    playlist: async (id) => playlists.find((one) => one.id === id),
    recentPlaylists: async (memberId, limit) => newestFirst(memberId).slice(0, limit),
    saveRun: unused,
    recentRuns: unused,
    memberData: unused,
    forgottenAt: unused,
    installations: unused,
    installation: unused,
    saveInstallation: unused,
    deleteInstallation: unused,
    spotifyLinks: unused,
    spotifyLink: unused,
    saveSpotifyLink: unused,
    deleteSpotifyLink: unused,
    savePush: unused,
    push: unused,
    recentPushes: unused,
    openPushes: unused,
    songLink: unused,
    saveSongLinks: unused,
    spotifyPause: unused,
    saveSpotifyPause: unused,
    spend: unused,
    async deleteMember(memberId) {
      const member = demand(memberId);
      const isTheirs = (fact: ReactionFact) => member.identities.includes(fact.identity);
      const removed = {
        reactions: facts.filter(isTheirs).length,
        taste: tastes.filter((one) => one.memberId === memberId).length,
        playlists: playlists.filter((one) => one.memberId === memberId).length,
      };
      facts = facts.filter((fact) => !isTheirs(fact));
      tastes = tastes.filter((one) => one.memberId !== memberId);
      playlists = playlists.filter((one) => one.memberId !== memberId);
      members = members.filter((one) => one !== member);
      joinings = joinings.filter(({ kept }) => kept.id !== memberId);
      return removed;
    },
    close: async () => {},
  };
}
