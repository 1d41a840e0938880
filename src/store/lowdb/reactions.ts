import type { EmotionKey, ReactionMeaning } from '../../domain/emotion.ts';
import type { ReactionFact } from '../../domain/post.ts';
import { type Column, float64Column, int32Column, uint16Column } from './column.ts';
import { Names } from './names.ts';

/** Meaning number of ❤️; emotion e is its number in `emotions` + 1. */
export const LIKE = 0;

const NONE = -1;

/** Starts of singly linked lists of rows. */
class Chains {
  private readonly heads: Column = int32Column();
  private readonly following: Column = int32Column();

  /** Puts the next row (rows are numbered in order) at the front of a chain. */
  add(chain: number, row: number): void {
    while (this.heads.length <= chain) this.heads.push(NONE);
    this.following.push(this.heads.get(chain));
    this.heads.set(chain, row);
  }

  first(chain: number): number {
    return chain < 0 || chain >= this.heads.length ? NONE : this.heads.get(chain);
  }

  next(row: number): number {
    return this.following.get(row);
  }
}

/**
 * All reaction facts, some 45 bytes each: one row per (post, song, identity, meaning) that was ever set. A reaction
 * taken away keeps its row, so that toggling makes no garbage and the chains need no unlinking; rows that are absent
 * leave with the next snapshot that is loaded.
 *
 * Rows are found through a linear hash table (Litwin 1980): it grows by one bucket at a time, so there is no insert
 * that stops the bot to rehash a million rows.
 */
export class Reactions {
  readonly posts = new Names();
  readonly songs = new Names();
  readonly identities = new Names();
  readonly emotions = new Names();
  /** Rows that are present. */
  standing = 0;

  private readonly post: Column = int32Column();
  private readonly song: Column = int32Column();
  private readonly identity: Column = int32Column();
  private readonly meaning: Column = uint16Column();
  /** 0 for a row that is absent. */
  private readonly present: Column = uint16Column();
  private readonly at: Column = float64Column();

  private readonly ofPost = new Chains();
  private readonly ofSong = new Chains();
  private readonly ofIdentity = new Chains();

  private readonly buckets: Column = int32Column();
  private readonly inBucket: Column = int32Column();
  /** Largest power of two that is not more than the number of buckets. */
  private round = 1;

  constructor() {
    this.buckets.push(NONE);
  }

  get rows(): number {
    return this.post.length;
  }

  meaningNumber(emotion: EmotionKey | null): number {
    return emotion === null ? LIKE : this.emotions.intern(emotion) + 1;
  }

  emotion(meaning: number): EmotionKey {
    return this.emotions.name(meaning - 1);
  }

  /** Row of a fact, or -1. All arguments are numbers from the name tables. */
  find(post: number, song: number, identity: number, meaning: number): number {
    let row = this.buckets.get(this.bucketOf(hash(post, song, identity, meaning)));
    while (row !== NONE && !this.isAt(row, post, song, identity, meaning)) row = this.inBucket.get(row);
    return row;
  }

  /** Adds a row, absent at first. The key must not be there. */
  add(post: number, song: number, identity: number, meaning: number): number {
    const row = this.post.length;
    this.post.push(post);
    this.song.push(song);
    this.identity.push(identity);
    this.meaning.push(meaning);
    this.present.push(0);
    this.at.push(0);
    this.ofPost.add(post, row);
    this.ofSong.add(song, row);
    this.ofIdentity.add(identity, row);
    const bucket = this.bucketOf(hash(post, song, identity, meaning));
    this.inBucket.push(this.buckets.get(bucket));
    this.buckets.set(bucket, row);
    this.grow();
    return row;
  }

  isPresent(row: number): boolean {
    return this.present.get(row) === 1;
  }

  setPresent(row: number, present: boolean, at: number): void {
    this.standing += Number(present) - this.present.get(row);
    this.present.set(row, present ? 1 : 0);
    this.at.set(row, at);
  }

  songOf(row: number): number {
    return this.song.get(row);
  }

  identityOf(row: number): number {
    return this.identity.get(row);
  }

  meaningOf(row: number): number {
    return this.meaning.get(row);
  }

  atOf(row: number): number {
    return this.at.get(row);
  }

  postOf(row: number): number {
    return this.post.get(row);
  }

  /** Standing rows of a song, newest row first. */
  *onSong(song: number): Generator<number> {
    for (let row = this.ofSong.first(song); row !== NONE; row = this.ofSong.next(row)) {
      if (this.present.get(row) === 1) yield row;
    }
  }

  *onPost(post: number): Generator<number> {
    for (let row = this.ofPost.first(post); row !== NONE; row = this.ofPost.next(row)) {
      if (this.present.get(row) === 1) yield row;
    }
  }

  *byIdentity(identity: number): Generator<number> {
    for (let row = this.ofIdentity.first(identity); row !== NONE; row = this.ofIdentity.next(row)) {
      if (this.present.get(row) === 1) yield row;
    }
  }

  fact(row: number): ReactionFact {
    const meaning = this.meaning.get(row);
    const means: ReactionMeaning =
      meaning === LIKE ? { kind: 'like' } : { kind: 'emotion', emotion: this.emotion(meaning) };
    return {
      postId: this.posts.name(this.post.get(row)),
      songId: this.songs.name(this.song.get(row)),
      identity: this.identities.name(this.identity.get(row)),
      meaning: means,
      present: this.present.get(row) === 1,
      at: this.at.get(row),
    };
  }

  private isAt(row: number, post: number, song: number, identity: number, meaning: number): boolean {
    return (
      this.identity.get(row) === identity &&
      this.song.get(row) === song &&
      this.post.get(row) === post &&
      this.meaning.get(row) === meaning
    );
  }

  private bucketOf(hashed: number): number {
    const bucket = hashed & (2 * this.round - 1);
    return bucket < this.buckets.length ? bucket : hashed & (this.round - 1);
  }

  /** One bucket more: about half the rows of an old one move to it. */
  private grow(): void {
    if (this.buckets.length >= this.post.length) return;
    const added = this.buckets.length;
    const split = added - this.round;
    this.buckets.push(NONE);
    if (this.buckets.length === 2 * this.round) this.round *= 2;
    let row = this.buckets.get(split);
    this.buckets.set(split, NONE);
    while (row !== NONE) {
      const next = this.inBucket.get(row);
      const bucket = this.bucketOf(
        hash(this.post.get(row), this.song.get(row), this.identity.get(row), this.meaning.get(row)),
      );
      this.inBucket.set(row, this.buckets.get(bucket));
      this.buckets.set(bucket, row);
      row = next;
    }
  }
}

/** The finaliser of MurmurHash3 (Appleby, public domain) over four small numbers. */
function hash(a: number, b: number, c: number, d: number): number {
  let h =
    Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77) ^ Math.imul(c, 0xc2b2ae3d) ^ Math.imul(d, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
