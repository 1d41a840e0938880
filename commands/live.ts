import type { Logger } from 'pino';
import type { Message } from '../src/chat/message.ts';
import type { AnswerHandle } from '../src/chat/platform.ts';

/** An answer that is edited in place, at a rate that every platform bears. */
export interface LiveAnswer {
  /** Shows this soon; what is overtaken by a newer one is never sent. */
  show(message: Message): void;
  /** Shows this as the last word; resolves when it has been sent, or could not be. */
  end(message: Message): Promise<void>;
}

/**
 * One edit at a time, with a pause of `everyMs` after each; the newest wins, the last one is always sent.
 * A failing edit is logged and does not stop the next.
 */
export function liveAnswer(
  handle: AnswerHandle,
  { everyMs = 1000, log }: { everyMs?: number; log: Logger },
): LiveAnswer {
  let waiting: Message | undefined;
  /** An edit is under way, or the pause after it. */
  let busy = false;
  let pause: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();
  let ended = false;

  function send(message: Message): Promise<void> {
    sending = sending.then(async () => {
      try {
        await handle.edit(message);
      } catch (err) {
        log.warn({ err }, 'an answer could not be changed in place');
      }
    });
    return sending;
  }

  function sendNext(): void {
    const next = waiting;
    waiting = undefined;
    busy = next !== undefined && !ended;
    if (next === undefined || ended) return;
    void send(next).then(() => {
      // Counted from when the edit has arrived: a slow platform is not given a backlog.
      if (!ended) pause = setTimeout(sendNext, everyMs);
    });
  }

  return {
    show(message) {
      waiting = message;
      if (!busy) sendNext();
    },
    end(message) {
      ended = true;
      clearTimeout(pause);
      return send(message);
    },
  };
}
