/** Makes ids and timestamps that look like Slack's and are the same in every run. */
export class Ids {
  private count = 0;
  private lastMicros = 0;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** `U000000000F`, `C000000000G`: the kind, then ten characters. */
  next(kind: string): string {
    this.count += 1;
    return `${kind}${(this.count + 1000).toString(36).toUpperCase().padStart(10, '0')}`;
  }

  /** A message's id and time in one, unique in the whole world. */
  ts(): string {
    const micros = Math.max(this.lastMicros + 1, Math.floor(this.now() * 1000));
    this.lastMicros = micros;
    const seconds = Math.floor(micros / 1_000_000);
    return `${seconds}.${String(micros % 1_000_000).padStart(6, '0')}`;
  }

  /** A secret in Slack's form, without any randomness. */
  secret(prefix: string): string {
    this.count += 1;
    const part = String(1_000_000_000 + this.count);
    return `${prefix}${part}-${part}-${'testserver'.padEnd(24, String(this.count))}`;
  }

  /** A short opaque word: trigger ids, hashes, codes. */
  word(): string {
    this.count += 1;
    return `${(this.count * 2_654_435_761).toString(36)}${this.count.toString(36)}`;
  }
}

/** Milliseconds of a `ts`. */
export function timeOf(ts: string): number {
  return Number(ts) * 1000;
}

export const TS = /^\d{10}\.\d{6}$/;
