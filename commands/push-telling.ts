import type { PushNews } from '../src/spotify/pushes.ts';
import type { Tell } from '../src/spotify/telling.ts';
import type { Services } from './command.ts';
import { laterMessage, laterOpenMessage } from './push-words.ts';

/** Tells whoever asked for a push that it is over, where the answer to their asking can no longer say it. */
export function createPushTelling(services: Services, tell: Tell) {
  return async (news: PushNews): Promise<void> => {
    await tell(news.push.where, laterMessage(news, services), laterOpenMessage(news));
  };
}
