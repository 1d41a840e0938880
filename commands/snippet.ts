import type { Message } from '../src/chat/message.ts';
import type { SongId } from '../src/domain/song.ts';
import type { PostRefusal } from '../src/labelling/labelling.ts';
import type { ActionContext, Command } from './command.ts';
import { inline } from './phrases.ts';
import { songOf } from './songs.ts';

const words = {
  posted: (title: string) => `*${title}* is up. What does it convey? React with the emoji under it.`,
  postedAny: 'A snippet is up. What does it convey? React with the emoji under it.',
  refused: {
    'no-channel':
      "I don't know yet where snippets go. A moderator can choose the *channel* with */settings*.",
    'no-songs': 'There are no songs to post yet. Whoever runs me can bring some with *reactune import*.',
    'unknown-song': 'That song is not in my catalogue any more. Try another one.',
    'cannot-post': 'I could not post there. A moderator who sends */snippet* is told why.',
  } satisfies Record<PostRefusal, string>,
  cannotPost: 'I could not post. Please check that I may write in the channel chosen in */settings*.',
};

/** Whoever can mend it reads what is wrong in the service's own words; others cannot help it. */
function refusal(refused: PostRefusal, detail: string | undefined, moderator: boolean): Message {
  const text =
    refused === 'cannot-post' && moderator ? inline(detail ?? words.cannotPost) : words.refused[refused];
  return { text, tone: 'refusal', private: true };
}

async function post(
  { services, community, channel, asker }: Omit<ActionContext, 'args'>,
  songId: SongId | undefined,
): Promise<Message> {
  const result = await services.labelling.postSnippet(community.id, {
    by: 'command',
    channel,
    ...(songId === undefined ? {} : { songId }),
  });
  if ('refusal' in result) return refusal(result.refusal, result.detail, asker.moderator);
  const song = songOf(services.catalogue(), result.post.songId);
  return {
    text: song ? words.posted(inline(song.title)) : words.postedAny,
    tone: 'success',
    private: true,
  };
}

export const snippet: Command = {
  name: 'snippet',
  description: 'Post a song for everybody to react to, now',
  options: [{ type: 'song', name: 'song', description: 'Which song; I choose one if you leave it out' }],
  run: (context) => {
    const songId = context.options.song;
    return post(context, typeof songId === 'string' ? songId : undefined);
  },
  actions: {
    post: { run: (context) => post(context, context.args.join(':') || undefined) },
  },
};
