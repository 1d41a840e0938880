/** Records with an id and an owner, kept in the order of their time. Saving an id again replaces the record. */
export class Timeline<T extends { readonly id: string }> {
  private readonly byId = new Map<string, T>();
  /** Oldest first. */
  private readonly byOwner = new Map<string, T[]>();
  private readonly ownerOf: (record: T) => string;
  private readonly timeOf: (record: T) => number;

  constructor(ownerOf: (record: T) => string, timeOf: (record: T) => number) {
    this.ownerOf = ownerOf;
    this.timeOf = timeOf;
  }

  get(id: string): T | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<T> {
    return this.byId.values();
  }

  save(record: T): void {
    this.remove(record.id);
    this.byId.set(record.id, record);
    const owner = this.ownerOf(record);
    const list = this.byOwner.get(owner) ?? [];
    // Almost always the newest: found at once from the end.
    let place = list.length;
    while (place > 0 && this.timeOf(list[place - 1]) > this.timeOf(record)) place--;
    list.splice(place, 0, record);
    this.byOwner.set(owner, list);
  }

  remove(id: string): void {
    const record = this.byId.get(id);
    if (record === undefined) return;
    this.byId.delete(id);
    const owner = this.ownerOf(record);
    const list = this.byOwner.get(owner) ?? [];
    list.splice(list.lastIndexOf(record), 1);
    if (list.length === 0) this.byOwner.delete(owner);
  }

  /** Oldest first. */
  of(owner: string): readonly T[] {
    return this.byOwner.get(owner) ?? [];
  }

  newest(owner: string, limit: number): readonly T[] {
    if (!(limit > 0)) return [];
    return this.of(owner).slice(-limit).reverse();
  }
}
