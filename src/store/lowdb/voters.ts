import { LIKE, type Reactions } from './reactions.ts';

/** Songs looked at without letting the event loop breathe, in rows. */
const ROWS_PER_TURN = 10_000;

interface SongTally {
  readonly votes: number;
  readonly voters: number;
}

const NOBODY: SongTally = { votes: 0, voters: 0 };

/** Lets timers, sockets and disks have their turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Votes and voters after identities are merged into members. Tallies of songs are counted when they are asked for
 * and kept until a reaction on the song changes.
 */
export class Voters {
  /** Of all songs; right after `settle`. */
  votes = 0;
  votedSongs = 0;
  /** Members with at least one vote; always right. */
  voters = 0;
  /** Member number of each identity number, -1 for none. */
  private readonly memberOf: number[] = [];
  /** Standing emotional reactions of each member number. */
  private readonly reactionsBy: number[] = [];
  private readonly tallies: SongTally[] = [];
  private readonly changed = new Set<number>();
  private readonly reactions: Reactions;

  constructor(reactions: Reactions) {
    this.reactions = reactions;
  }

  /** The member number behind an identity number, or -1. */
  memberBehind(identity: number): number {
    return this.memberOf[identity] ?? -1;
  }

  /** The member number behind each of the first `identities` identity numbers, as it is now; -1 for none. */
  membersBehind(identities: number): Int32Array {
    return Int32Array.from({ length: identities }, (_, identity) => this.memberBehind(identity));
  }

  /** Before the identity's first reaction, or when its reactions move to another member. */
  assign(identity: number, member: number): void {
    while (this.memberOf.length <= identity) this.memberOf.push(-1);
    const before = this.memberOf[identity];
    if (before === member) return;
    let moved = 0;
    for (const row of this.reactions.byIdentity(identity)) {
      if (this.reactions.meaningOf(row) === LIKE) continue;
      moved++;
      this.changed.add(this.reactions.songOf(row));
    }
    if (before !== -1) this.count(before, -moved);
    this.memberOf[identity] = member;
    if (member !== -1) this.count(member, moved);
  }

  /** A row appeared (1) or went (-1). */
  changedRow(row: number, by: 1 | -1): void {
    if (this.reactions.meaningOf(row) === LIKE) return;
    this.changed.add(this.reactions.songOf(row));
    this.count(this.memberBehind(this.reactions.identityOf(row)), by);
  }

  /** Rows of a song that are votes: one for each member and emotion. */
  *votesOn(song: number): Generator<number> {
    const seen = new Set<number>();
    for (const row of this.reactions.onSong(song)) {
      const meaning = this.reactions.meaningOf(row);
      if (meaning === LIKE) continue;
      const key = this.memberBehind(this.reactions.identityOf(row)) * 65_536 + meaning;
      if (seen.has(key)) continue;
      seen.add(key);
      yield row;
    }
  }

  /** Counts the songs that changed since the last time, a slice at a time. */
  async settle(): Promise<void> {
    let rows = 0;
    while (this.changed.size > 0) {
      for (const song of this.changed) {
        this.changed.delete(song);
        const tally = this.tallyOf(song);
        const before = this.tallies[song] ?? NOBODY;
        this.tallies[song] = tally;
        this.votes += tally.votes - before.votes;
        this.votedSongs += Number(tally.votes > 0) - Number(before.votes > 0);
        rows += tally.votes + 1;
        if (rows > ROWS_PER_TURN) break;
      }
      if (rows > ROWS_PER_TURN) {
        rows = 0;
        await breathe();
      }
    }
  }

  /** Distinct voters of a song, as of the last `settle`. */
  votersOf(song: number): number {
    return (this.tallies[song] ?? NOBODY).voters;
  }

  private tallyOf(song: number): SongTally {
    const members = new Set<number>();
    let votes = 0;
    for (const row of this.votesOn(song)) {
      votes++;
      members.add(this.memberBehind(this.reactions.identityOf(row)));
    }
    return votes === 0 ? NOBODY : { votes, voters: members.size };
  }

  private count(member: number, by: number): void {
    const before = this.reactionsBy[member] ?? 0;
    const after = before + by;
    this.reactionsBy[member] = after;
    this.voters += Number(after > 0) - Number(before > 0);
  }
}
