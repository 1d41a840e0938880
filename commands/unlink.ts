import type { Message } from '../src/chat/message.ts';
import type { IdentityId } from '../src/domain/member.ts';
import { places, plainName } from '../src/spotify/link-words.ts';
import type { ActionContext, Command } from './command.ts';

const words = {
  notSetUp: 'Whoever runs me has not set me up with Spotify, so there is nothing to unlink.',
  nothing: 'No Spotify account of yours is linked. Send */link* if you want to.',
  sure: (others: readonly IdentityId[]) =>
    `Your Spotify account is what makes you and somebody ${places(others)} one person for me. Without it you are apart again: each has the votes, the taste and the playlists they brought, and what came since stays here. Shall I forget the account?`,
  yes: 'Yes, forget it',
  no: 'No, keep it',
  kept: 'Everything stays as it was.',
  forgotten: (name: string | undefined) =>
    name === undefined
      ? 'Done.'
      : `Done, I have forgotten your Spotify account *${plainName(name)}* and what let me into it. Playlists that are there stay.`,
  parted: (others: readonly IdentityId[]) => `You here and ${places(others)} are apart again.`,
  atSpotify: 'Spotify itself still lists me at spotify.com/account/apps, where you can remove me as well.',
};

async function unlink({ services, asker }: Omit<ActionContext, 'args'>): Promise<Message> {
  const { spotify } = services;
  if (spotify === undefined) return { text: words.notSetUp, tone: 'refusal', private: true };
  const done = await spotify.links.unlink(asker.memberId, asker.identity);
  if (done === undefined) return { text: words.nothing, private: true };
  const text = [
    words.forgotten(done.name),
    ...(done.parted.length > 0 ? [words.parted(done.parted)] : []),
    ...(done.name === undefined ? [] : [words.atSpotify]),
  ];
  return { text: text.join(' '), tone: 'success', private: true };
}

export const unlinkCommand: Command = {
  name: 'unlink',
  description: 'Have me forget your Spotify account',
  options: [],
  async run(context): Promise<Message> {
    const { services, asker } = context;
    const others = (await services.spotify?.links.joinedWith(asker.memberId, asker.identity)) ?? [];
    if (others.length === 0) return unlink(context);
    return {
      text: words.sure(others),
      buttons: [
        { action: 'unlink:yes', label: words.yes, style: 'danger' },
        { action: 'unlink:no', label: words.no },
      ],
      private: true,
    };
  },
  actions: {
    yes: { run: unlink },
    no: { run: async () => ({ text: words.kept, private: true }) },
  },
};
