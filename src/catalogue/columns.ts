/**
 * Columns: a table of a million songs is a few large buffers instead of millions of small objects, so it is read
 * from disk as it is, costs the garbage collector nothing, and hashes to a version in one go.
 */

/** UTF-8 texts, one after the other; text i is `bytes[offsets[i]..offsets[i+1]]`. */
export interface TextColumn {
  readonly bytes: Buffer;
  /** Number of texts + 1. */
  readonly offsets: Uint32Array;
}

export function textAt(column: TextColumn, index: number): string {
  return column.bytes.toString('utf8', column.offsets[index], column.offsets[index + 1]);
}

/** A text column that grows. */
export interface GrowingText {
  readonly size: number;
  add(text: string): void;
  at(index: number): string;
  /** The bytes written so far and where each text begins; valid until the next `add`. */
  peek(): TextColumn;
  finish(): TextColumn;
}

/** @throws RangeError past 4 GB, the reach of the offsets */
export function growingText(): GrowingText {
  let bytes = Buffer.allocUnsafe(1 << 16);
  let used = 0;
  let offsets = new Uint32Array(1 << 10);
  let size = 0;
  const peek = (): TextColumn => ({ bytes, offsets });
  return {
    get size() {
      return size;
    },
    add(text) {
      // A UTF-16 unit is at most three bytes of UTF-8.
      if (used + text.length * 3 > bytes.length) {
        const grown = Buffer.allocUnsafe(Math.max(bytes.length * 2, used + text.length * 3));
        bytes.copy(grown, 0, 0, used);
        bytes = grown;
      }
      used += bytes.write(text, used, 'utf8');
      if (used > 0xffffffff)
        throw new RangeError('One column of the catalogue holds more than 4 GB of text.');
      size++;
      if (size >= offsets.length) offsets = grow(offsets, offsets.length * 2);
      offsets[size] = used;
    },
    at: (index) => textAt(peek(), index),
    peek,
    finish: () => ({ bytes: Buffer.from(bytes.subarray(0, used)), offsets: offsets.slice(0, size + 1) }),
  };
}

/** A column of numbers that grows. */
export interface GrowingNumbers<T> {
  readonly size: number;
  add(value: number): void;
  at(index: number): number;
  set(index: number, value: number): void;
  finish(): T;
}

type NumberColumn = Float32Array | Int32Array | Uint32Array | Uint8Array;

export function growingNumbers<T extends NumberColumn>(kind: new (length: number) => T): GrowingNumbers<T> {
  let values = new kind(1 << 10);
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(value) {
      if (size === values.length) {
        const grown = new kind(size * 2);
        grown.set(values);
        values = grown;
      }
      values[size++] = value;
    },
    at: (index) => values[index] as number,
    set(index, value) {
      values[index] = value;
    },
    finish: () => values.slice(0, size) as T,
  };
}

function grow(values: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(length);
  grown.set(values);
  return grown;
}
