import type { Message } from '../src/chat/message.ts';
import type { IdentityId } from '../src/domain/member.ts';
import { places } from '../src/spotify/link-words.ts';
import type { ActionContext, Command, CommandContext } from './command.ts';
import { count, list } from './phrases.ts';
import { songLabel, songOf } from './songs.ts';

const words = {
  exported:
    'Here is everything I learn from about you: reactions, taste, playlists and your Spotify account without what opens it, in a file that you and any program can read. What you wrote in the chat is not in it.',
  sure: 'Shall I really forget everything about you: your reactions, your taste, your playlists, your name and your messages? You begin anew. There is no way back.',
  sureReactionsStay:
    'Shall I really forget everything about you: your votes, your taste and your playlists? Your reactions stay visible under the snippets, because only you can take them away, but they count no more. There is no way back.',
  spotify: 'The link to your Spotify account goes, too; the playlists in it stay yours.',
  elsewhere: (others: readonly IdentityId[]) =>
    `This is about you ${places(others)} as well: you are one person for me.`,
  account: 'your Spotify account',
  yes: 'Yes, forget me',
  no: 'No, keep it',
  kept: 'Everything stays as it was.',
  nothing: 'There was nothing left to forget.',
  forgotten: (parts: readonly string[]) =>
    `Done, I have forgotten ${list(parts)}. Your votes no longer count from the next training on.`,
  reactionsStay: 'What you reacted still stands under the snippets; take it away there if you like.',
};

/** Everybody that the asker is here and elsewhere. */
async function identitiesOf({ services, asker }: Pick<CommandContext, 'services' | 'asker'>) {
  const data = await services.store.memberData(asker.memberId);
  return new Set([asker.identity, ...(data?.member.identities ?? [])]);
}

async function exportData({ services, asker, community }: CommandContext): Promise<Message> {
  const data = await services.store.memberData(asker.memberId);
  const doubts = await services.bursts.doubtsIn(data?.reactions ?? []);
  const catalogue = services.catalogue();
  const ids = new Set([
    ...(data?.reactions ?? []).map(({ songId }) => songId),
    ...(data?.taste ?? []).map(({ songId }) => songId),
    ...(data?.playlists ?? []).flatMap(({ songs }) => songs),
  ]);
  const songs: Record<string, string> = {};
  for (const id of ids) {
    const song = songOf(catalogue, id);
    if (song) songs[id] = songLabel(song);
  }
  const document = {
    format: 'reactune-my-data/1',
    exportedAt: new Date(services.now()).toISOString(),
    community: community.id,
    ...data,
    /** Votes that the models do not learn from now: they came with unusually many of new members. */
    notCounted: doubts.map(({ reaction, doubt }) => ({
      ...reaction,
      because: doubt === 'held' ? 'waits for a moderator' : 'left out by a moderator',
    })),
    /** Times are milliseconds since 1970-01-01 UTC. */
    songs,
  };
  return {
    text: words.exported,
    files: [
      {
        name: 'reactune-my-data.json',
        mediaType: 'application/json',
        content: `${JSON.stringify(document, null, 2)}\n`,
      },
    ],
    private: true,
  };
}

async function forget(context: ActionContext): Promise<undefined> {
  const { services, asker, answer } = context;
  const { store } = services;
  const identities = await identitiesOf(context);
  const link = await store.spotifyLink(asker.memberId);
  const removed = await store.deleteMember(asker.memberId);
  services.spotify?.links.forget(asker.memberId);
  const parts = [
    ...(removed.reactions > 0 ? [count(removed.reactions, 'reaction')] : []),
    ...(removed.taste > 0 ? [count(removed.taste, 'entry of your taste', 'entries of your taste')] : []),
    ...(removed.playlists > 0 ? [count(removed.playlists, 'playlist')] : []),
    ...(link === undefined ? [] : [words.account]),
  ];
  const stay = removed.reactions > 0 && services.reactionsStay(identities) ? [words.reactionsStay] : [];
  const text = [parts.length > 0 ? words.forgotten(parts) : words.nothing, ...stay].join(' ');
  await answer({ text, tone: 'success', private: true });
  // Last, because in the room it takes the asker's own page along.
  await services.forget(identities);
  return undefined;
}

export const myData: Command = {
  name: 'my-data',
  description: 'Take everything I know about you with you, or have me forget it',
  options: [
    {
      type: 'text',
      name: 'do',
      description: 'Export or delete',
      required: true,
      choices: [
        { name: 'Export everything as a file', value: 'export' },
        { name: 'Delete everything', value: 'delete' },
      ],
    },
  ],
  async run(context): Promise<Message> {
    if (context.options.do === 'export') return exportData(context);
    const { services, asker } = context;
    const identities = await identitiesOf(context);
    const others = [...identities].filter((identity) => identity !== asker.identity);
    const link = await services.store.spotifyLink(asker.memberId);
    const sure = services.reactionsStay(identities) ? words.sureReactionsStay : words.sure;
    return {
      text: [
        sure,
        ...(others.length > 0 ? [words.elsewhere(others)] : []),
        ...(link === undefined ? [] : [words.spotify]),
      ].join(' '),
      buttons: [
        { action: 'my-data:forget', label: words.yes, style: 'danger' },
        { action: 'my-data:keep', label: words.no },
      ],
      private: true,
    };
  },
  actions: {
    forget: { run: forget },
    keep: { run: async () => ({ text: words.kept, private: true }) },
  },
};
