import path from 'node:path';
import { damaged } from './failure.ts';
import { errorCode, type FileSystem } from './files.ts';
import { isWhole, type JournalLine, parseLines } from './line.ts';

/** One file of a journal. */
export interface Segment {
  readonly file: string;
  /** Number of its first entry. */
  readonly first: number;
  /** Number of its last entry; `first - 1` while it has none. */
  last: number;
  bytes: number;
}

/** Lines parsed in one call: large enough to be fast, small enough for memory. */
const BLOCK_BYTES = 1 << 20;

export function segmentFile(dir: string, name: string, first: number): string {
  return path.join(dir, `${name}-${String(first).padStart(15, '0')}.ndjson`);
}

/** All segments of a journal in order. `last` and `bytes` of a segment are filled in when it is replayed. */
export async function listSegments(files: FileSystem, dir: string, name: string): Promise<Segment[]> {
  let found: string[];
  try {
    found = await files.readdir(dir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const segments: Segment[] = [];
  for (const entry of found) {
    const digits = entry.startsWith(`${name}-`)
      ? /^(\d{15})\.ndjson$/.exec(entry.slice(name.length + 1))
      : null;
    if (digits === null) continue;
    const first = Number(digits[1]);
    segments.push({ file: path.join(dir, entry), first, last: first - 1, bytes: 0 });
  }
  return segments.sort((a, b) => a.first - b.first);
}

interface Block {
  readonly lines: readonly JournalLine[];
  /** Where the block ends in the file, in bytes. */
  readonly end: number;
}

/** Blocks of whole lines; `onBroken` hears of every line between them that is not. */
function* wholeBlocks(content: Buffer, onBroken: (line: number) => void): Generator<Block> {
  let blockStart = 0;
  let position = 0;
  for (let line = 1; position < content.length; line++) {
    const lineBreak = content.indexOf(10, position);
    const end = lineBreak === -1 ? content.length : lineBreak + 1;
    const whole = lineBreak !== -1 && isWhole(content.subarray(position, lineBreak));
    if (!whole || end - blockStart >= BLOCK_BYTES) {
      const blockEnd = whole ? end : position;
      if (blockEnd > blockStart) {
        yield { lines: parseLines(content.subarray(blockStart, blockEnd)), end: blockEnd };
      }
      blockStart = end;
      if (!whole) onBroken(line);
    }
    position = end;
  }
  if (position > blockStart) {
    yield { lines: parseLines(content.subarray(blockStart, position)), end: position };
  }
}

/** What a replay found out. */
export interface Replay {
  /** Number of the last entry that holds. */
  readonly last: number;
  /** Files that end in a write which never finished, and how much of each is good. */
  readonly torn: readonly { readonly file: string; readonly goodBytes: number; readonly bytes: number }[];
  /** Segments that were read, in order. */
  readonly read: readonly Segment[];
}

/**
 * Hands every entry with a number in `after + 1 … upTo` to `apply`, in order and each once.
 *
 * A broken line is either the end of a write that power loss cut short (nothing after it was ever confirmed: it is
 * left out) or damage to what was once whole (a later line says that it was durable: StoreError `damaged`).
 */
export async function replay(
  files: FileSystem,
  segments: readonly Segment[],
  after: number,
  upTo: number,
  apply: (entry: unknown) => void,
): Promise<Replay> {
  let last = after;
  let broken: { file: string; line: number } | undefined;
  const torn: { file: string; goodBytes: number; bytes: number }[] = [];
  const read: Segment[] = [];
  for (const [index, segment] of segments.entries()) {
    const following = segments[index + 1];
    if (following !== undefined && following.first <= last + 1) {
      // All of it is in the snapshot.
      segment.last = following.first - 1;
      segment.bytes = (await files.stat(segment.file)).size;
      continue;
    }
    if (segment.first > upTo) break;
    const content = await files.readFile(segment.file);
    let goodBytes = 0;
    const blocks = wholeBlocks(content, (line) => {
      broken ??= { file: segment.file, line };
    });
    for (const { lines, end } of blocks) {
      let held = true;
      for (const [position, { n, d, e }] of lines.entries()) {
        if (n > last + 1) {
          if (d > last || position > 0) throw lost(broken, segment.file, last + 1, n - 1);
          held = false;
          continue;
        }
        segment.last = Math.max(segment.last, n);
        if (n <= last || n > upTo) continue;
        apply(e);
        last = n;
      }
      if (held) goodBytes = end;
    }
    segment.bytes = content.length;
    if (goodBytes < content.length) torn.push({ file: segment.file, goodBytes, bytes: content.length });
    read.push(segment);
  }
  return { last, torn, read };
}

function lost(broken: { file: string; line: number } | undefined, file: string, from: number, to: number) {
  const missing = from === to ? `entry ${from}` : `the entries ${from} to ${to}`;
  const without = 'this file and all .ndjson files with a higher number';
  return broken === undefined
    ? damaged(file, `${missing} before it are missing.`, without)
    : damaged(broken.file, `this is damaged (${missing} cannot be read).`, without, broken.line);
}
