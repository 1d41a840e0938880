import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { BurstDecision } from '../../domain/burst.ts';
import type { StoredInstallation } from '../../domain/installation.ts';
import type { IdentityId, Member, MemberId, TasteEntry } from '../../domain/member.ts';
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
import { type Store, StoreError } from '../store.ts';
import { castOn, readCastTable } from './cast.ts';
import { type PackedFact, packFact, type StoreEntry } from './entries.ts';
import { foldInThread } from './fold-in-thread.ts';
import { storeForm } from './form.ts';
import { everyoneIn } from './joining.ts';
import { dataOf, rowsOf, tasteOf, tastesIn, votersIn, votesIn, votesOn } from './reading.ts';
import { changesAnything, type StoreState } from './state.ts';
import { breathe } from './voters.ts';

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
    const written = this.durable.append(['member', randomUUID(), identity, this.now()]);
    // As it is now: by the time that this is durable, the member may have been deleted.
    const member = this.state.people.behind(identity) as Member;
    await written;
    return member;
  }

  async findMember(identity: IdentityId) {
    return this.state.people.behind(identity);
  }

  async mergeMembers(kept: MemberId, gone: MemberId): Promise<Member> {
    this.demand(kept);
    this.demand(gone);
    if (kept === gone) return this.demand(kept);
    const { links } = this.state.spotify;
    const both = links.has(kept) && links.has(gone);
    const written = this.durable.append(both ? ['merge', kept, gone, 1] : ['merge', kept, gone]);
    const member = this.state.people.get(kept) as Member;
    await written;
    return member;
  }

  async partMember(memberId: MemberId): Promise<readonly Member[]> {
    const member = this.demand(memberId);
    const written =
      member.joined === undefined ? this.durable.flushed() : this.durable.append(['part', memberId]);
    const parted = everyoneIn(member).map((id) => this.state.people.get(id) as Member);
    await written;
    return parted;
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
    return votesOn(this.state, songId);
  }

  votersPerSong() {
    return votersIn(this.state);
  }

  votes() {
    return votesIn(this.state);
  }

  castTable() {
    return readCastTable(this.state);
  }

  async castVotesOn(songId: SongId) {
    return castOn(this.state, songId);
  }

  tastes() {
    return tastesIn(this.state);
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
    return tasteOf(this.state, memberId);
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

  async saveBurstDecision(decision: BurstDecision): Promise<boolean> {
    if (this.state.decisions.has(decision.id)) {
      await this.durable.flushed();
      return false;
    }
    await this.durable.append(['decided', decision]);
    return true;
  }

  async burstDecisions() {
    return [...this.state.decisions.values()];
  }

  async memberData(memberId: MemberId) {
    return dataOf(this.state, memberId);
  }

  async deleteMember(memberId: MemberId) {
    const { people, taste, playlists } = this.state;
    const member = people.get(memberId);
    if (member === undefined) {
      await this.durable.flushed();
      return { reactions: 0, taste: 0, playlists: 0 };
    }
    const removed = {
      reactions: rowsOf(this.state, member).length,
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

  async saveSpotifyLink(link: StoredSpotifyLink, how?: { readonly resealed: boolean }) {
    if (link.owner !== SHARED_ACCOUNT) this.demand(link.owner);
    const before = this.state.spotify.links.get(link.owner);
    // A refreshed token makes the one before worthless; one of an earlier consent or of one that ended is not.
    const replaces =
      before?.sealed !== undefined &&
      (how?.resealed === true || before.authorizedAt !== link.authorizedAt || link.sealed === undefined);
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
    if ((this.state.spotify.spent.get(nonce) ?? Number.NEGATIVE_INFINITY) > this.now()) {
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
