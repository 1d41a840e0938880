import type { Message } from '../chat/message.ts';
import type { Place } from '../chat/platform.ts';

/** What a place that the bot is new to reads first: what it does, and what a moderator has to do. */
export function greeting({ name }: Place): Message {
  return {
    title: `Hello, ${name.replaceAll('*', '')}!`,
    text: [
      'I post short pieces of songs; you react with what they *feel* like. From everybody’s reactions I learn what every song conveys, and make playlists from it: */playlist calm*, or a journey from */playlist sad* to *happy*.',
      '*A moderator does this once:* send */settings* and choose the *channel* that snippets go to. Time zone, snippets per day and quiet hours are there too. */snippet* posts the first one; */help* shows the rest.',
    ].join('\n'),
  };
}
