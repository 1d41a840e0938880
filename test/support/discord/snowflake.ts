const DISCORD_EPOCH = 1_420_070_400_000n;

/** Ids of things that happen: their time is the clock's, so that clients may read it from the id. */
export function createSnowflakes(now: () => number): () => string {
  let lastTime = 0n;
  let increment = 0n;
  return () => {
    const time = BigInt(Math.floor(now())) - DISCORD_EPOCH;
    if (time > lastTime) {
      lastTime = time;
      increment = 0n;
    } else {
      increment += 1n;
      // 12 bits count within a millisecond; the 4,097th id borrows from the next one.
      if (increment === 4096n) {
        lastTime += 1n;
        increment = 0n;
      }
    }
    return String((lastTime << 22n) | increment);
  };
}

/**
 * Ids of what was there before (users, guilds, channels): the same in every run, one millisecond apart, so that
 * consecutive guilds fall on consecutive shards (`(id >> 22) % shards`).
 */
export function createFixtureIds(since: string): () => string {
  let time = BigInt(Date.parse(since)) - DISCORD_EPOCH;
  return () => {
    time += 1n;
    return String(time << 22n);
  };
}

export function isSnowflake(value: unknown): value is string {
  return typeof value === 'string' && /^(0|[1-9]\d{0,19})$/.test(value) && BigInt(value) < 1n << 64n;
}

export function shardOf(guildId: string, shards: number): number {
  return Number((BigInt(guildId) >> 22n) % BigInt(shards));
}

export function timestampOf(id: string): string {
  return new Date(Number((BigInt(id) >> 22n) + DISCORD_EPOCH)).toISOString().replace('Z', '000+00:00');
}

export function byId(one: string, other: string): number {
  // Snowflakes are compared as numbers: a shorter one is an older one.
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}
