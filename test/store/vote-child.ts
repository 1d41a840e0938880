import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';

// Votes as fast as it can and says so on stdout, from vote number argv[3] on, until it is killed.
const store = await openLowdbStore({
  dir: process.argv[2],
  log: pino({ level: 'silent' }),
  now: Date.now,
  compactAtBytes: 20_000,
  forgetAfterMs: 20,
});
let next = Number(process.argv[3]);
/** Before anything else happens: what was confirmed has been said when the process is killed the moment after. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      // The pipe is full until the test has read.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
say('ready');

async function member(): Promise<void> {
  for (;;) {
    const n = next++;
    const identity = `room:${n % 50}`;
    await store.setReaction({
      postId: `post ${n % 7}`,
      songId: `song ${n}`,
      identity,
      meaning: { kind: 'emotion', emotion: 'calm' },
      present: true,
      at: n,
    });
    say(`vote ${n}`);
    if (n % 400 === 0) {
      // Somebody who voted on nothing else is forgotten, which rewrites the files.
      const { id } = await store.memberOf(`room:passing ${n}`);
      await store.deleteMember(id);
      say(`forgot ${n}`);
    }
  }
}
await Promise.all(Array.from({ length: 20 }, () => member()));
