import { ChatError } from '../platform.ts';

/** Work that ends with the connection at the latest: Discord may make a request wait for minutes. */
export interface Pending {
  /** @throws ChatError once it is given up; whatever becomes of the work then is nobody's concern any more */
  track<T>(work: Promise<T>): Promise<T>;
  giveUp(): void;
}

export function createPending(): Pending {
  const waiting = new Set<() => void>();
  return {
    track: (work) =>
      new Promise((resolve, reject) => {
        const end = () => reject(new ChatError('unreachable', 'The bot was stopped.'));
        waiting.add(end);
        work.then(resolve, reject).finally(() => waiting.delete(end));
      }),
    giveUp() {
      for (const end of waiting) end();
    },
  };
}
