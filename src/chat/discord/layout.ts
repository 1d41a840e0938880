import { type APIEmbed, Colors } from 'discord.js';
import type { Message } from '../message.ts';
import { type Page, pageOf } from '../pages.ts';
import { progressLine } from '../progress.ts';
import { spotifyPage } from '../sound.ts';
import { type ButtonRow, drawButtons } from './buttons.ts';
import { songList, songName } from './songs.ts';
import { cut, fitLines, fitText, markdown, oneLine, verbatim } from './text.ts';

const MAX_CONTENT = 2000;
const MAX_DESCRIPTION = 4096;
const MAX_EMBED = 6000;
const MAX_TITLE = 256;
const MAX_FIELDS = 25;
const MAX_FIELD_NAME = 256;
const MAX_FIELD_VALUE = 1024;
/** What fields may take away from the description at most. */
const FIELDS_SHARE = 2500;
/** Songs have the larger part of a message. */
const MAX_INTRO = 1500;
/** Short fields stand side by side. */
const INLINE_VALUE = 40;

const COLOURS = { plain: 0x7c5cff, success: Colors.Green, refusal: Colors.Yellow } as const;

/** The words of a message as Discord shows them; always within its limits. */
export interface Layout {
  readonly content: string;
  readonly embed?: APIEmbed;
  readonly rows: readonly ButtonRow[];
}

/** A snippet is plain content: only there does a link unfold into a player. */
function snippetContent(
  { text, title }: Message,
  song: NonNullable<Message['snippet']>,
  notes: readonly string[],
) {
  const page = spotifyPage(song);
  const detail = cut(oneLine(song.detail ?? ''), 300);
  return [
    ...(title === undefined ? [] : [`**${cut(oneLine(title), MAX_TITLE, verbatim)}**`]),
    songName(song),
    ...(detail === '' ? [] : [`-# ${detail}`]),
    ...(text === '' ? [] : [fitText(text, 800)]),
    ...notes,
    ...(page === undefined ? [] : [page]),
  ].join('\n');
}

function fieldsOf(message: Message, room: number): NonNullable<APIEmbed['fields']> {
  const fields: NonNullable<APIEmbed['fields']> = [];
  let left = room;
  for (const field of (message.fields ?? []).slice(0, MAX_FIELDS)) {
    const name = cut(oneLine(field.name) || '\u200b', MAX_FIELD_NAME) || '\u200b';
    const value = fitText(field.value.trim() || '\u200b', MAX_FIELD_VALUE) || '\u200b';
    left -= name.length + value.length;
    if (left < 0) break;
    fields.push({ name, value, inline: field.value.length <= INLINE_VALUE });
  }
  return fields;
}

/** What is said below the text: the list of songs, how far it is, what could not be shown. */
function body(message: Message, page: Page | undefined, notes: readonly string[], limit: number): string {
  const { songs = [], progress } = message;
  const tail = [...(progress ? [progressLine(progress, markdown)] : []), ...notes].join('\n');
  const listed = songs.length > 0;
  const reserved = tail === '' ? 0 : tail.length + 2;
  const intro =
    message.text === ''
      ? ''
      : fitText(message.text, Math.max(1, listed ? Math.min(MAX_INTRO, limit - reserved) : limit - reserved));
  const room = limit - reserved - (intro === '' ? 0 : intro.length + 2);
  const list = listed ? songList(songs, page, room) : '';
  return [intro, list, tail].filter((part) => part !== '').join('\n\n');
}

/** The length of lines that stand at the end, whatever else has to go. */
const lengthOf = (lines: readonly string[]) => lines.reduce((sum, line) => sum + line.length + 2, 0);

function embedOf(
  message: Message,
  page: Page | undefined,
  notes: readonly string[],
  links: readonly string[],
): APIEmbed {
  const title = message.title === undefined ? '' : cut(oneLine(message.title), MAX_TITLE, verbatim);
  const footer = page ? `Page ${page.number} of ${page.of}` : '';
  const room = MAX_EMBED - title.length - footer.length;
  const kept = lengthOf(links);
  const fields = fieldsOf(message, Math.max(FIELDS_SHARE - kept, room - MAX_DESCRIPTION));
  const taken = fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  const words = body(message, page, notes, Math.min(MAX_DESCRIPTION, room - taken) - kept);
  const description = [words, ...links].filter((part) => part !== '').join('\n');
  return {
    color: COLOURS[message.tone ?? 'plain'],
    ...(title !== '' && { title }),
    ...(description !== '' && { description }),
    ...(fields.length > 0 && { fields }),
    ...(footer !== '' && { footer: { text: footer } }),
  };
}

/** Lines of plain content, as many as fit; the links at their end do. */
function fitContent(lines: readonly string[], links: readonly string[]): string {
  return [fitLines(lines, MAX_CONTENT - 100 - lengthOf(links)), ...links].join('\n');
}

/** The same without an embed, where the bot may not send any. */
function plainLines(message: Message, page: Page | undefined, notes: readonly string[]): string[] {
  return [
    ...(message.title === undefined ? [] : [`**${cut(oneLine(message.title), MAX_TITLE, verbatim)}**`]),
    ...body(message, page, [], MAX_CONTENT - 500).split('\n'),
    ...(message.fields ?? []).map(
      ({ name, value }) => `**${cut(oneLine(name), MAX_FIELD_NAME)}** ${markdown(value)}`,
    ),
    ...(page ? [`-# Page ${page.number} of ${page.of}`] : []),
    ...notes,
  ];
}

const isBare = ({ title, tone = 'plain', fields, songs, picture, progress }: Message) =>
  title === undefined &&
  tone === 'plain' &&
  !picture &&
  !progress &&
  (fields ?? []).length === 0 &&
  (songs ?? []).length === 0;

/**
 * @param notes sentences about what could not be shown, already drawn
 * @param server in a direct message, the one that its buttons speak for
 * @param embeds false where the bot may not send embeds
 */
export function layOut(
  message: Message,
  {
    wanted,
    server,
    notes = [],
    embeds = true,
  }: { wanted?: number; server?: string; notes?: readonly string[]; embeds?: boolean } = {},
): Layout {
  const page = message.snippet ? undefined : pageOf(message, wanted);
  const { rows, lines: links } = drawButtons(message.buttons ?? [], page, server);
  if (message.snippet) {
    const lines = snippetContent(message, message.snippet, notes).split('\n');
    return { content: fitContent(lines, links), rows };
  }
  if (isBare(message)) {
    const words = message.text === '' ? [] : [markdown(message.text)];
    const content = [...words, ...notes, ...links].join('\n');
    if (content.length <= MAX_CONTENT - 100) return { content, rows };
  }
  if (!embeds) return { content: fitContent(plainLines(message, page, notes), links), rows };
  return { content: '', embed: embedOf(message, page, notes, links), rows };
}
