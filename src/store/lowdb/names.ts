/** Small integers for ids, so that a million facts hold no strings. */
export class Names {
  private readonly indexes = new Map<string, number>();
  private readonly names: string[] = [];

  get length(): number {
    return this.names.length;
  }

  /** The integer of a name, given at the first call: 0, 1, 2 … */
  intern(name: string): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    this.indexes.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  /** -1 when the name has none. */
  find(name: string): number {
    return this.indexes.get(name) ?? -1;
  }

  /** All names by their integers, as they are now; empty for one that is gone. */
  list(): string[] {
    return this.names.slice();
  }

  name(index: number): string {
    return this.names[index];
  }

  /** The name is gone; its integer is never given again, and the name would get another. */
  forget(name: string): void {
    const index = this.indexes.get(name);
    if (index === undefined) return;
    this.indexes.delete(name);
    this.names[index] = '';
  }
}
