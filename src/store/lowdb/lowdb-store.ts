import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { StoredInstallation } from '../../domain/installation.ts';
import type { IdentityId, Member, MemberId, TasteEntry, Vote } from '../../domain/member.ts';
import type { ReactionFact } from '../../domain/post.ts';
import type { SongId } from '../../domain/song.ts';
import {
  SHARED_ACCOUNT,
  type SpotifyOwner,
  type SpotifyPause,
  type StoredPush,
  type StoredSongLink,
  type StoredSpotifyLink,
} from '../../domain/spotify.ts';
import { type Durable, type DurableOptions, openDurable } from '../../durable/index.ts';
import { type MemberData, type Store, StoreError } from '../store.ts';
import { type PackedFact, packFact, type StoreEntry } from './entries.ts';
import { foldInThread } from './fold-in-thread.ts';
import { storeForm } from './form.ts';
import { LIKE } from './reactions.ts';
import { changesAnything, type StoreState } from './state.ts';
import { breathe } from './voters.ts';

/** In one batch of `votes()` and `tastes()`. */
const BATCH = 2_000;
/** Facts in one line of the journal, and taken in between two breaths of the event loop. */
const FACTS_PER_ENTRY = 250;

const hashOf = (identity: IdentityId) =>
  createHash('sha256').update(identity).digest('base64url').slice(0, 22);

export interface LowdbStoreOptions
  extends Partial<
    Pick<DurableOptions<StoreState, StoreEntry>, 'compactAtBytes' | 'forgetAfterMs' | 'files' | 'fold'>
  > {
  /** Made when it is not there. One process at a time: hold `lockState` on it or on a folder above. */
  readonly dir: string;
  readonly log: Logger;
  /** Milliseconds since epoch. */
  readonly now: () => number;
}

/**
 * The embedded store: everything in memory, made durable by a journal and lowdb snapshots in `dir`.
 * @throws StoreError when the folder cannot be used
 */
export async function openLowdbStore({ dir, log, now, ...tuning }: LowdbStoreOptions): Promise<Store> {
  const durable = await openDurable<StoreState, StoreEntry>({
    ...storeForm,
    fold: foldInThread,
    ...tuning,
    dir,
    log,
  });
  return new LowdbStore(durable, now);
}

function withoutToken({ sealed: _token, ...link }: StoredSpotifyLink) {
  return link;
}

class LowdbStore implements Store {
  private readonly durable: Durable<StoreState, StoreEntry>;
  private readonly state: StoreState;
  private readonly now: () => number;

  constructor(durable: Durable<StoreState, StoreEntry>, now: () => number) {
    this.durable = durable;
    this.state = durable.state;
    this.now = now;
  }

  async memberOf(identity: IdentityId): Promise<Member> {
    const known = this.state.people.behind(identity);
    if (known !== undefined) return known;
    await this.durable.append(['member', randomUUID(), identity, this.now()]);
    return this.state.people.behind(identity) as Member;
  }

  async findMember(identity: IdentityId) {
    return this.state.people.behind(identity);
  }

  async mergeMembers(kept: MemberId, gone: MemberId): Promise<Member> {
    this.demand(kept);
    this.demand(gone);
    if (kept === gone) return this.demand(kept);
    const { links } = this.state.spotify;
    const writes = [
      // One person has one account; the token of the other leaves the files.
      ...(links.has(kept) && links.has(gone) ? [this.durable.append(['unlinked', gone])] : []),
      this.durable.append(['merge', kept, gone]),
    ];
    await Promise.all(writes);
    return this.demand(kept);
  }

  async partMember(memberId: MemberId): Promise<readonly Member[]> {
    const { joined = [] } = this.demand(memberId);
    if (joined.length === 0) await this.durable.flushed();
    else await this.durable.append(['part', memberId]);
    return [memberId, ...joined.map(({ id }) => id)].map((id) => this.demand(id));
  }

  async communities() {
    return [...this.state.communities.values()];
  }

  async community(id: string) {
    return this.state.communities.get(id);
  }

  async saveCommunity(community: Parameters<Store['saveCommunity']>[0]) {
    await this.durable.append(['community', community]);
  }

  async deleteCommunity(id: string) {
    if (this.state.communities.has(id)) await this.durable.append(['closed', id]);
  }

  async savePost(post: Parameters<Store['savePost']>[0]) {
    await this.durable.append(['post', post]);
  }

  async post(id: string) {
    return this.state.posts.get(id);
  }

  async openPosts(at: number) {
    return [...this.state.posts.all()].filter((post) => post.closesAt > at);
  }

  async recentPosts(communityId: string, limit: number) {
    return this.state.posts.newest(communityId, limit);
  }

  async setReaction(fact: ReactionFact): Promise<boolean> {
    return (await this.setReactions([fact])) === 1;
  }

  async setReactions(facts: readonly ReactionFact[]): Promise<number> {
    const writes: Promise<void>[] = [];
    let changed = 0;
    for (let start = 0; start < facts.length; start += FACTS_PER_ENTRY) {
      if (start > 0) await breathe();
      changed += this.take(facts.slice(start, start + FACTS_PER_ENTRY), writes);
    }
    // Also when nothing changed: the write that made it so may be under way.
    writes.push(this.durable.flushed());
    await Promise.all(writes);
    return changed;
  }

  async reactionsOn(postId: string) {
    const { reactions } = this.state;
    const rows = [...reactions.onPost(reactions.posts.find(postId))];
    return rows.reverse().map((row) => reactions.fact(row));
  }

  async voteCounts(songId: string) {
    const { reactions, voters } = this.state;
    const counts: Record<string, number> = {};
    for (const row of voters.votesOn(reactions.songs.find(songId))) {
      const emotion = reactions.emotion(reactions.meaningOf(row));
      counts[emotion] = (counts[emotion] ?? 0) + 1;
    }
    return counts;
  }

  async votersPerSong() {
    const { reactions, voters } = this.state;
    await voters.settle();
    const counts = new Map<string, number>();
    for (let song = 0; song < reactions.songs.length; song++) {
      const count = voters.votersOf(song);
      if (count > 0) counts.set(reactions.songs.name(song), count);
    }
    return counts;
  }

  async *votes(): AsyncGenerator<readonly Vote[]> {
    const { reactions, voters, people } = this.state;
    let batch: Vote[] = [];
    for (let song = 0; song < reactions.songs.length; song++) {
      const songId = reactions.songs.name(song);
      for (const row of voters.votesOn(song)) {
        const memberId = people.numbers.name(voters.memberBehind(reactions.identityOf(row)));
        batch.push({ songId, memberId, emotion: reactions.emotion(reactions.meaningOf(row)) });
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
        await breathe();
      }
    }
    if (batch.length > 0) yield batch;
  }

  async *tastes(): ReturnType<Store['tastes']> {
    let batch: { memberId: MemberId; entries: readonly TasteEntry[] }[] = [];
    let size = 0;
    for (const member of [...this.state.people.all()]) {
      const rows = this.rowsOf(member);
      const entries = this.tasteFrom(member, rows);
      if (entries.length > 0) batch.push({ memberId: member.id, entries });
      size += 1 + rows.length + entries.length;
      if (size < BATCH) continue;
      if (batch.length > 0) yield batch;
      batch = [];
      size = 0;
      await breathe();
    }
    if (batch.length > 0) yield batch;
  }

  async totals() {
    const { voters, people } = this.state;
    await voters.settle();
    return {
      votes: voters.votes,
      voters: voters.voters,
      votedSongs: voters.votedSongs,
      members: people.size,
    };
  }

  async taste(memberId: MemberId) {
    const member = this.state.people.get(memberId);
    return member === undefined ? [] : this.tasteFrom(member, this.rowsOf(member));
  }

  async setTaste(memberId: MemberId, entries: readonly TasteEntry[]) {
    this.demand(memberId);
    await this.durable.append(['taste', memberId, entries]);
  }

  async savePlaylist(playlist: Parameters<Store['savePlaylist']>[0]) {
    this.demand(playlist.memberId);
    await this.durable.append(['playlist', playlist]);
  }

  async playlist(id: string) {
    return this.state.playlists.get(id);
  }

  async recentPlaylists(memberId: MemberId, limit: number) {
    return this.state.playlists.newest(memberId, limit);
  }

  async saveRun(run: Parameters<Store['saveRun']>[0]) {
    await this.durable.append(['run', run]);
  }

  async recentRuns(limit: number) {
    return this.state.runs.newest('', limit);
  }

  async memberData(memberId: MemberId): Promise<MemberData | undefined> {
    const { people, reactions, playlists, spotify } = this.state;
    const member = people.get(memberId);
    if (member === undefined) return undefined;
    const link = spotify.links.get(memberId);
    const rows = this.rowsOf(member);
    const facts = rows.map((row) => reactions.fact(row));
    return {
      member,
      reactions: facts.sort((a, b) => a.at - b.at),
      taste: this.tasteFrom(member, rows),
      playlists: [...playlists.of(memberId)],
      pushes: [...spotify.pushes.of(memberId)],
      ...(link && { spotify: withoutToken(link) }),
    };
  }

  async deleteMember(memberId: MemberId) {
    const { people, taste, playlists } = this.state;
    const member = people.get(memberId);
    if (member === undefined) {
      await this.durable.flushed();
      return { reactions: 0, taste: 0, playlists: 0 };
    }
    const removed = {
      reactions: this.rowsOf(member).length,
      taste: taste.get(memberId)?.size ?? 0,
      playlists: playlists.of(memberId).length,
    };
    const hashes = member.identities.map(hashOf);
    await Promise.all([
      this.durable.append(['forget', memberId]),
      this.durable.append(['forgotten', hashes, this.now()]),
    ]);
    return removed;
  }

  async installations() {
    return [...this.state.installations.values()];
  }

  async installation(key: string) {
    return this.state.installations.get(key);
  }

  async saveInstallation(installation: StoredInstallation) {
    const replaces = this.state.installations.has(installation.key);
    await this.durable.append(['installed', installation, replaces ? 1 : 0]);
  }

  async deleteInstallation(key: string) {
    if (this.state.installations.has(key)) await this.durable.append(['uninstalled', key]);
  }

  async spotifyLinks() {
    return [...this.state.spotify.links.values()];
  }

  async spotifyLink(owner: SpotifyOwner) {
    return this.state.spotify.links.get(owner);
  }

  async saveSpotifyLink(link: StoredSpotifyLink) {
    if (link.owner !== SHARED_ACCOUNT) this.demand(link.owner);
    const before = this.state.spotify.links.get(link.owner);
    // A refreshed token makes the one before worthless; one of an earlier consent or of one that ended is not.
    const replaces =
      before?.sealed !== undefined &&
      (before.authorizedAt !== link.authorizedAt || link.sealed === undefined);
    await this.durable.append(['linked', link, replaces ? 1 : 0]);
  }

  async deleteSpotifyLink(owner: SpotifyOwner) {
    if (this.state.spotify.links.has(owner)) await this.durable.append(['unlinked', owner]);
    else await this.durable.flushed();
  }

  async savePush(push: StoredPush) {
    this.demand(push.memberId);
    await this.durable.append(['push', push]);
  }

  async push(id: string) {
    return this.state.spotify.pushes.get(id);
  }

  async recentPushes(memberId: MemberId, limit: number) {
    return this.state.spotify.pushes.newest(memberId, limit);
  }

  async openPushes() {
    const open = [...this.state.spotify.pushes.all()].filter(({ endedAt }) => endedAt === undefined);
    return open.sort((a, b) => a.askedAt - b.askedAt);
  }

  async songLink(songId: SongId) {
    return this.state.spotify.songs.get(songId);
  }

  async saveSongLinks(links: readonly StoredSongLink[]) {
    if (links.length > 0) await this.durable.append(['found', links]);
  }

  async spotifyPause() {
    return this.state.spotify.pause;
  }

  async saveSpotifyPause(pause: SpotifyPause) {
    await this.durable.append(['pause', pause]);
  }

  async spend(nonce: string, until: number): Promise<boolean> {
    if (this.state.spotify.spent.has(nonce)) {
      await this.durable.flushed();
      return false;
    }
    await this.durable.append(['spent', nonce, until, this.now()]);
    return true;
  }

  async forgottenAt(identity: IdentityId) {
    return this.state.forgotten.get(hashOf(identity));
  }

  async close() {
    await this.durable.close();
  }

  private demand(memberId: MemberId): Member {
    const member = this.state.people.get(memberId);
    if (member !== undefined) return member;
    throw new StoreError('failed', `There is no member ${memberId}: they may have asked to be forgotten.`);
  }

  /** All standing reactions of a member. */
  private rowsOf(member: Member): number[] {
    const { reactions } = this.state;
    return member.identities.flatMap((identity) => [
      ...reactions.byIdentity(reactions.identities.find(identity)),
    ]);
  }

  private tasteFrom(member: Member, rows: readonly number[]): readonly TasteEntry[] {
    const { reactions, taste } = this.state;
    const latest = new Map(taste.get(member.id));
    for (const row of rows) {
      if (reactions.meaningOf(row) !== LIKE) continue;
      const songId = reactions.songs.name(reactions.songOf(row));
      const at = reactions.atOf(row);
      const other = latest.get(songId);
      if (other === undefined || other.at < at) {
        latest.set(songId, { songId, liked: true, source: 'reaction', at });
      }
    }
    return [...latest.values()].sort((a, b) => b.at - a.at);
  }

  /** @returns how many of the facts change something; they are applied and on their way to the disk */
  private take(facts: readonly ReactionFact[], writes: Promise<void>[]): number {
    let changed = 0;
    let changing: PackedFact[] = [];
    const touched = new Set<string>();
    const write = (entry: StoreEntry) => {
      const written = this.durable.append(entry);
      // Heard of when all are waited for.
      written.catch(() => {});
      writes.push(written);
    };
    const flush = () => {
      if (changing.length > 0) write(['react', changing]);
      changed += changing.length;
      changing = [];
      touched.clear();
    };
    for (const fact of facts) {
      const packed = packFact(fact);
      // The same reaction twice in one call: the second is compared with what the first has made of it.
      const key = facts.length === 1 ? '' : JSON.stringify(packed.slice(0, 4));
      if (touched.has(key)) flush();
      if (!changesAnything(this.state, packed)) continue;
      if (this.state.people.behind(fact.identity) === undefined) {
        write(['member', randomUUID(), fact.identity, this.now()]);
      }
      touched.add(key);
      changing.push(packed);
    }
    flush();
    return changed;
  }
}
