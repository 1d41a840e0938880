import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CommandDeclaration } from '../../src/chat/declaration.ts';
import type { Message, SongCard } from '../../src/chat/message.ts';
import type { ChatHandlers } from '../../src/chat/platform.ts';
import type { MessageRef } from '../../src/domain/post.ts';
import { openRoom, type RunningRoom } from './room.ts';

const EMOTIONS = [
  { key: 'happy', emoji: '😄', name: 'Happy' },
  { key: 'energetic', emoji: '⚡', name: 'Energetic' },
  { key: 'angry', emoji: '😠', name: 'Angry' },
  { key: 'tense', emoji: '😨', name: 'Tense' },
  { key: 'sad', emoji: '😢', name: 'Sad' },
  { key: 'nostalgic', emoji: '🕰️', name: 'Nostalgic' },
  { key: 'calm', emoji: '😌', name: 'Calm' },
  { key: 'tender', emoji: '🥰', name: 'Tender' },
  { key: 'like', emoji: '❤️', name: 'I like it' },
];

export const DECLARATIONS: readonly CommandDeclaration[] = [
  {
    name: 'playlist',
    description: 'Songs for a mood, from what you like',
    options: [
      { name: 'emotion', description: 'How it should feel', type: 'emotion' },
      { name: 'to', description: 'Where the mood should go', type: 'emotion' },
      { name: 'songs', description: 'How many songs', type: 'integer', min: 1, max: 50 },
      { name: 'adventure', description: 'How far from what you know', type: 'number', min: 0, max: 1 },
    ],
  },
  {
    name: 'song',
    description: 'What people feel in a song',
    options: [{ name: 'name', description: 'Title or artist', type: 'song', required: true }],
  },
  { name: 'emotions', description: 'The emojis and what they mean', options: [] },
  { name: 'retrain', description: 'Train the model now', options: [], moderatorsOnly: true },
  { name: 'help', description: 'What I can do', options: [] },
];

const TITLES = [
  ['Paper Lanterns', 'Ivo & the Tide'],
  ['Slow Harbour', 'Marla Quist'],
  ['Moss on Stone', 'The Quiet Engines'],
  ['After the Rain, Again', 'Nilo Baer'],
  ['Low Sun', 'Ostinato Club'],
  ['Windowlight', 'Sanna Reyes'],
] as const;

export function songs(count: number): SongCard[] {
  return Array.from({ length: count }, (_, index): SongCard => {
    const [title, artist] = TITLES[index % TITLES.length] as readonly [string, string];
    return {
      songId: `demo-${index}`,
      title,
      artists: [artist],
      sound: { kind: 'own', seconds: 24 },
      emotions: [
        { key: 'calm', name: 'Calm', emoji: '😌', share: 0.64 - index * 0.04 },
        { key: 'tender', name: 'Tender', emoji: '🥰', share: 0.2 },
      ],
      why: index % 2 === 0 ? 'Close to “Windowlight”, which you like' : '58% calm by 12 votes',
    };
  });
}

const COURSE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 96"><rect width="480" height="96" rx="10" fill="#1b2130"/><path d="M20 60C90 40 150 50 240 46S400 30 460 36" fill="none" stroke="#2a9d8f" stroke-width="4"/></svg>`;

export function playlistMessage(count = 6): Message {
  return {
    title: 'Calm',
    text: `${count} songs from *14 songs* that you like.`,
    songs: songs(count),
    picture: {
      svg: COURSE,
      width: 480,
      height: 96,
      alt: 'The list stays calm from the first song to the last.',
    },
    buttons: [
      { action: 'playlist:again', label: 'Another one', style: 'primary' },
      { action: 'playlist:keep', label: 'Keep' },
      { action: 'playlist:share', label: 'Share' },
    ],
    files: [{ name: 'calm.m3u8', mediaType: 'audio/x-mpegurl', content: '#EXTM3U\n' }],
    private: true,
  };
}

/** A second of silence as WAV: 8 kHz, 8 bit, mono. */
function silence(seconds: number): Buffer {
  const samples = 8_000 * seconds;
  const wav = Buffer.alloc(44 + samples, 128);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8_000, 24);
  wav.writeUInt32LE(8_000, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples, 40);
  return wav;
}

/** Answers the commands above as the bot would, with fixed songs. */
function livelyHandlers(): Partial<ChatHandlers> {
  return {
    async command({ command, options, answer }) {
      if (command === 'playlist') await answer(playlistMessage(Number(options.songs ?? 6)));
      else if (command === 'retrain') {
        const handle = await answer({
          text: 'Training begins.',
          progress: { percent: 5, label: 'Preparing', secondsLeft: 40 },
          buttons: [{ action: 'retrain:cancel', label: 'Cancel', style: 'danger' }],
        });
        await handle.edit({
          text: 'Training.',
          progress: { percent: 62, label: 'Teaching the generator', secondsLeft: 15 },
          buttons: [{ action: 'retrain:cancel', label: 'Cancel', style: 'danger' }],
        });
      } else if (command === 'emotions') {
        await answer({
          text: EMOTIONS.map(({ emoji, name }) => `${emoji} ${name}`).join('\n'),
          title: 'Emotions',
        });
      } else if (command === 'song') await answer({ text: `About *${options.name}*.`, private: true });
      else
        await answer({
          text: `I know no command */${command}*. Try */help*.`,
          tone: 'refusal',
          private: true,
        });
    },
    async action({ action, answer }) {
      if (action === 'playlist:share') await answer({ ...playlistMessage(3), private: false });
      else await answer({ text: 'Kept. Its songs are in your taste now.', tone: 'success', private: true });
    },
    async complete({ typed }) {
      return TITLES.map(([title, artist], index) => ({
        name: `${title} – ${artist}`,
        value: `demo-${index}`,
      })).filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase()));
    },
  };
}

/** A room with a bot behind it that answers, and a sound for every song whose id begins with `demo-`. */
export async function openLivelyRoom(options: Parameters<typeof openRoom>[0] = {}): Promise<RunningRoom> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reactune-sound-'));
  const sound = path.join(folder, 'silence.wav');
  await writeFile(sound, silence(24));
  const running = await openRoom({
    declarations: DECLARATIONS,
    emotions: EMOTIONS,
    audio: async (songId) =>
      songId.startsWith('demo-') ? { path: sound, mediaType: 'audio/wav' } : undefined,
    brand: { name: 'Reactune', tagline: 'Songs, feelings, playlists' },
    ...options,
    handlers: { ...livelyHandlers(), ...options.handlers },
  });
  return {
    ...running,
    async remove() {
      await running.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Posts a snippet with the invitation under it. */
export async function postSnippet(
  { room }: RunningRoom,
  sound: SongCard['sound'] = { kind: 'own', seconds: 24 },
): Promise<MessageRef> {
  const ref = await room.post(
    { communityId: 'room:main', channel: 'main' },
    {
      text: 'How does this one feel to you? React below; ❤️ means that you like it.',
      snippet: {
        songId: 'demo-0',
        title: 'Paper Lanterns',
        artists: ['Ivo & the Tide'],
        detail: 'Demo · ambient',
        sound,
      },
    },
  );
  await room.seedReactions(
    ref,
    EMOTIONS.map(({ emoji }) => emoji),
  );
  return ref;
}
