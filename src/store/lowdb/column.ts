const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;

type Numbers = Int32Array | Uint16Array | Float64Array;

/** A growing list of numbers in typed arrays of 65,536: no object per value, and no pause to copy when it grows. */
export class Column {
  length = 0;
  private readonly chunks: Numbers[] = [];
  private readonly make: (length: number) => Numbers;

  /** @param make e.g. `(n) => new Int32Array(n)` */
  constructor(make: (length: number) => Numbers) {
    this.make = make;
  }

  get(index: number): number {
    return this.chunks[index >>> CHUNK_BITS][index & (CHUNK - 1)];
  }

  set(index: number, value: number): void {
    this.chunks[index >>> CHUNK_BITS][index & (CHUNK - 1)] = value;
  }

  push(value: number): void {
    if (this.length === this.chunks.length << CHUNK_BITS) this.chunks.push(this.make(CHUNK));
    this.set(this.length++, value);
  }
}

export const int32Column = () => new Column((length) => new Int32Array(length));
export const uint16Column = () => new Column((length) => new Uint16Array(length));
export const float64Column = () => new Column((length) => new Float64Array(length));
