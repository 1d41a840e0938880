import type { Message } from '../src/chat/message.ts';
import { type Emotion, LIKE_EMOJI } from '../src/domain/emotion.ts';
import { emojiIn } from '../src/labelling/emoji.ts';
import type { Command } from './command.ts';

const words = {
  title: 'What the emoji mean',
  text: `Put one or more of these under a snippet to say what the song *conveys*. There is no right or wrong: what you hear is what counts. Take an emoji away, and the vote is gone.`,
  like: `You like the song. It says nothing about its emotion; it goes into your taste, for your playlists.`,
};

/** Where an emotion lies on the plane, in words. */
function place({ valence, arousal }: Emotion): string {
  const feel = valence > 0.25 ? 'pleasant' : valence < -0.25 ? 'unpleasant' : 'bittersweet';
  const drive =
    arousal > 0.6 ? 'very lively' : arousal > 0.2 ? 'lively' : arousal < -0.6 ? 'very quiet' : 'quiet';
  return `${feel}, ${drive}`;
}

export const emotions: Command = {
  name: 'emotions',
  description: 'The emoji and what they mean',
  options: [],
  async run({ services, community }): Promise<Message> {
    const fields = services.taxonomy.emotions.map((emotion) => ({
      name: `${emojiIn(community.settings, emotion)} ${emotion.name}`,
      value: place(emotion),
    }));
    return {
      title: words.title,
      text: words.text,
      fields: [...fields, { name: `${LIKE_EMOJI} Like`, value: words.like }],
      private: true,
    };
  },
};
