import type { Button, Message } from '../src/chat/message.ts';
import type { AnswerHandle } from '../src/chat/platform.ts';
import { longDate, outcomeMessage, plainName } from '../src/spotify/link-words.ts';
import type { LinkInvitation, LinkStatus } from '../src/spotify/spotify.ts';
import type { ActionContext, Command, CommandContext } from './command.ts';
import { duration } from './phrases.ts';

const words = {
  notSetUp:
    'Whoever runs me has not set me up with Spotify. My playlists come with links instead, and as a file to import.',
  begin:
    'The button leads you to Spotify, where you allow me to make private playlists in your account. I do not get to see your password, and */unlink* ends it whenever you like.',
  linked: (name: string, until: number, taste: boolean) =>
    `Your Spotify account *${name}* is linked, until ${longDate(until)}. The songs in it ${taste ? 'count' : 'do not count'} as your taste. To renew that, or to take another account, use the button; */unlink* ends it.`,
  ended: (name: string, at: number) =>
    `The link to your Spotify account *${name}* has ended on ${longDate(at)}. The button brings it back.`,
  taste: 'I also ask to see the songs you saved and play most, so that they count as your taste.',
  tasteNotAllowed:
    'Your songs there cannot count as your taste: whoever runs me has not allowed that. I only ask for playlists.',
  lives: (invitation: LinkInvitation, now: number) =>
    `The address is yours alone and works once, for ${duration(invitation.until - now)}.`,
  onlyHere:
    'It works only on the machine that I run on. Whoever runs me can change that: PUBLIC_URL has to be an https address that leads to me.',
  button: 'Link Spotify',
  again: 'Link again',
  tooLate: 'That was asked too long ago, or is answered already. Send */link* again if it is still open.',
};

function standing(status: LinkStatus): string {
  if (status.kind === 'none') return words.begin;
  const name = plainName(status.name);
  return status.kind === 'linked'
    ? words.linked(name, status.until, status.taste)
    : words.ended(name, status.endedAt);
}

/** In the room of a bot that only its own machine reaches, everybody is there. */
function mayBeElsewhere({ services, community }: CommandContext): boolean {
  if (community.platform !== 'room') return true;
  const address = services.webAddress(community);
  return address === undefined || !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname);
}

async function invite(context: CommandContext): Promise<Message | undefined> {
  const { services, asker, community, channel, options } = context;
  const { spotify } = services;
  if (spotify === undefined) return { text: words.notSetUp, tone: 'refusal', private: true };
  const { links, tasteAllowed } = spotify;
  const status = await links.status(asker.memberId);
  const before = status.kind === 'linked' && status.taste;
  const wished = options.taste === undefined ? before : options.taste === true;
  const taste = wished && tasteAllowed;
  let answered: Promise<AnswerHandle> | undefined;
  const invitation = await links.invite(
    {
      memberId: asker.memberId,
      where: { identity: asker.identity, communityId: community.id, channel },
      taste,
      name: asker.name,
    },
    async (outcome) => {
      await (await answered)?.edit(outcomeMessage(outcome));
    },
  );
  const button: Button = {
    url: invitation.url,
    label: status.kind === 'none' ? words.button : words.again,
    style: 'primary',
  };
  answered = context.answer({
    text: [
      standing(status),
      ...(taste && !before ? [words.taste] : []),
      ...(wished && !tasteAllowed ? [words.tasteNotAllowed] : []),
      words.lives(invitation, services.now()),
      ...(invitation.onlyHere && mayBeElsewhere(context) ? [words.onlyHere] : []),
    ].join(' '),
    buttons: [button],
    private: true,
  });
  await answered;
  return undefined;
}

/** How it went is told by the answer to /link itself. */
async function decide(
  { services, asker, args }: ActionContext,
  onePerson: boolean,
): Promise<Message | undefined> {
  const outcome = await services.spotify?.links.decide(asker.memberId, args[0] ?? '', onePerson);
  return outcome === undefined ? { text: words.tooLate, tone: 'refusal', private: true } : undefined;
}

export const link: Command = {
  name: 'link',
  description: 'Link your Spotify account, so that playlists arrive there',
  options: [
    {
      type: 'boolean',
      name: 'taste',
      description: 'Let the songs you saved and play most there count as your taste',
    },
  ],
  run: invite,
  actions: {
    same: { run: (context) => decide(context, true) },
    apart: { run: (context) => decide(context, false) },
  },
};
