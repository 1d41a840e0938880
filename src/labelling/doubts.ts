import type { CastVote } from '../domain/member.ts';

export type Doubt = 'held' | 'left-out';

/** A vote under a snippet, as text. */
export function castKey({
  postId,
  songId,
  identity,
  emotion,
}: Pick<CastVote, 'postId' | 'songId' | 'identity' | 'emotion'>) {
  return `${postId}\n${songId}\n${identity}\n${emotion}`;
}

const PARTS = 1024;

function partOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (31 * hash + key.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 16)) & (PARTS - 1);
}

/**
 * For each vote that does not count, by {@link castKey}, why. In parts, because one large map stands still for tens of
 * milliseconds whenever it grows.
 */
export class Doubts {
  private readonly parts = Array.from({ length: PARTS }, () => new Map<string, Doubt>());

  get size(): number {
    return this.parts.reduce((sum, { size }) => sum + size, 0);
  }

  get(key: string): Doubt | undefined {
    return this.parts[partOf(key)].get(key);
  }

  set(key: string, doubt: Doubt): void {
    this.parts[partOf(key)].set(key, doubt);
  }
}
