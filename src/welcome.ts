import type { Message } from './chat/message.ts';
import type { Room } from './chat/room/room.ts';
import type { Catalogue } from './domain/catalogue.ts';
import type { Labelling } from './labelling/labelling.ts';
import type { Store } from './store/store.ts';

const FIRST_SNIPPETS = 3;

function greeting(catalogue: Catalogue): Message {
  const songs = catalogue.demo
    ? `These ${catalogue.size} songs are a demo: I composed them myself, and their listeners are invented.`
    : `There are ${catalogue.size} songs in the catalogue.`;
  return {
    title: 'Welcome to Reactune',
    text: [
      'I post short pieces of music; you react with what they *feel* like. From everybody’s reactions I learn what every song conveys, and make playlists from it.',
      `Listen to the snippets below and tap the emoji that fit, ❤️ if you like a song. Then type */playlist calm*, or */playlist sad to:happy* for a journey. ${songs}`,
    ].join('\n'),
    buttons: [
      { action: 'playlist:again:calm::10:0.3', label: 'A calm playlist', style: 'primary' },
      { action: 'snippet:post', label: 'Another snippet' },
    ],
  };
}

/** What a room shows first, until something was posted in it: a greeting and something to listen to. */
export async function welcome(
  room: Room,
  store: Pick<Store, 'recentPosts'>,
  labelling: Labelling,
  catalogue: Catalogue,
): Promise<void> {
  const [place] = await room.places();
  if (place?.defaultChannel === undefined) return;
  if ((await store.recentPosts(place.communityId, 1)).length > 0) return;
  await room.post({ communityId: place.communityId, channel: place.defaultChannel }, greeting(catalogue));
  for (let i = 0; i < FIRST_SNIPPETS; i++) await labelling.postSnippet(place.communityId, { by: 'schedule' });
}
