import type { TextColumn } from './columns.ts';

/** Finds a text of a column by its value: a hash table of positions beside the column's own bytes. */
export interface IdIndex {
  /** Position of the text, or -1. */
  find(id: string): number;
  /** Adds the column's next text, which `find` has just not found. */
  addNext(): void;
}

/** FNV-1a, 32 bit, over bytes, with a final mix because the table uses the low bits. */
function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/**
 * Open addressing with linear probing, at most half full.
 * @param column the texts, asked for again at every use because a growing column moves
 * @param size number of texts that are there already; of equal ones the first is found
 * @param room for so many altogether, so that nothing moves when they are added
 */
export function indexIds(column: () => TextColumn, size: number, room = size): IdIndex {
  let capacity = 1 << 10;
  while (capacity < room * 2) capacity *= 2;
  let slots = new Int32Array(capacity);
  let count = 0;
  let key = Buffer.allocUnsafe(256);

  /** The slot that holds these bytes, or the free one where they belong. */
  function slotOf(bytes: Buffer, from: number, to: number): number {
    const { bytes: all, offsets } = column();
    let slot = hashBytes(bytes, from, to) & (capacity - 1);
    for (;;) {
      const held = slots[slot]! - 1;
      if (held < 0) return slot;
      const start = offsets[held]!;
      const end = offsets[held + 1]!;
      if (end - start === to - from && all.compare(bytes, from, to, start, end) === 0) return slot;
      slot = (slot + 1) & (capacity - 1);
    }
  }

  function place(index: number): void {
    const { bytes, offsets } = column();
    const slot = slotOf(bytes, offsets[index]!, offsets[index + 1]!);
    if (slots[slot] === 0) slots[slot] = index + 1;
  }

  for (; count < size; count++) place(count);

  return {
    find(id) {
      if (id.length * 3 > key.length) key = Buffer.allocUnsafe(id.length * 3);
      const length = key.write(id, 0, 'utf8');
      return slots[slotOf(key, 0, length)]! - 1;
    },
    addNext() {
      if ((count + 1) * 2 > capacity) {
        capacity *= 2;
        slots = new Int32Array(capacity);
        for (let i = 0; i < count; i++) place(i);
      }
      place(count++);
    },
  };
}
