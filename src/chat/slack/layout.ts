import type { types } from '@slack/bolt';
import { clip, cut, fitLines, fitText, oneLine } from '../fit.ts';
import type { Message } from '../message.ts';
import { type Page, pageOf } from '../pages.ts';
import { progressLine } from '../progress.ts';
import { spotifyPage } from '../sound.ts';
import { drawButtons } from './buttons.ts';
import { formButton } from './form-button.ts';
import { songEntries, songName } from './songs.ts';
import { mrkdwn, verbatim } from './text.ts';

export type Block = types.KnownBlock;

/** Slack's limit on all texts of a message together is a little above 13,200 (slackapi/bolt-js#2509). */
const MAX_ALL = 12_500;
/** A section takes 3,000. */
const MAX_SECTION = 2_900;
/** `chat.update` takes a text of 4,000. */
const MAX_TEXT = 3_000;
const MAX_HEADER = 150;
const MAX_FIELDS = 25;
const MAX_FIELD = 1_900;
const FIELDS_PER_SECTION = 10;
/** Longer ones have the whole width. */
const SHORT_FIELD = 120;
const FIELDS_SHARE = 3_000;
/** Songs have the larger part of a message. */
const MAX_INTRO = 2_000;
const MAX_NOTES = 1_200;
/** Two of the longest. */
const MAX_LINKS = 3_400;
const MAX_ALT = 1_900;

/** A message as Slack takes it. Without blocks, the text is the message; with them, it is what a notification says. */
export interface Layout {
  readonly text: string;
  readonly blocks: readonly Block[];
}

export interface LayoutOptions {
  readonly wanted?: number;
  /** Sentences about what could not be shown, already drawn. */
  readonly notes?: readonly string[];
  /** Slack's id of the picture. */
  readonly pictureId?: string;
  /** Whom the message is for: `U1`. */
  readonly addressee?: string;
}

const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text } });
const small = (text: string): Block => ({ type: 'context', elements: [{ type: 'mrkdwn', text }] });

const MARKS = { plain: '', success: '✅ ', refusal: '⚠️ ' } as const;

/** Lines as sections, each as full as it may be. */
function sections(lines: readonly string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length + 1 <= MAX_SECTION)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.filter((text) => text.trim() !== '').map(section);
}

/** A text as sections, up to the limit. */
function paragraphs(text: string, limit: number): Block[] {
  const lines = text.split('\n').map((line) => cut(line, MAX_SECTION, mrkdwn));
  return sections(fitLines(lines, limit).split('\n'));
}

function fieldBlocks(message: Message, room: number): Block[] {
  const blocks: Block[] = [];
  let side: { type: 'mrkdwn'; text: string }[] = [];
  let left = room;
  const flush = () => {
    if (side.length > 0) blocks.push({ type: 'section', fields: side });
    side = [];
  };
  for (const { name, value } of (message.fields ?? []).slice(0, MAX_FIELDS)) {
    const title = cut(oneLine(name), 150, verbatim);
    const said = fitText(value.trim(), MAX_FIELD - 200, mrkdwn);
    const text = title === '' ? said : `*${title}*\n${said}`;
    left -= text.length;
    if (left < 0) break;
    if (text.trim() === '') continue;
    if (value.length > SHORT_FIELD) {
      flush();
      blocks.push(section(text));
      continue;
    }
    side.push({ type: 'mrkdwn', text });
    if (side.length === FIELDS_PER_SECTION) flush();
  }
  flush();
  return blocks;
}

/** What a notification and a screen reader say: the whole in a few lines. */
function fallback(message: Message, page: Page | undefined): string {
  const { title, text, snippet, songs = [], fields = [], progress, tone = 'plain' } = message;
  const lines = [
    ...(title === undefined ? [] : [cut(oneLine(title), MAX_HEADER, verbatim)]),
    ...(snippet ? [songName(snippet)] : []),
    ...(text === '' ? [] : [`${MARKS[tone]}${fitText(text, 1500, mrkdwn)}`]),
    ...fields.slice(0, 5).map(({ name, value }) => cut(oneLine(`${name}: ${value}`), 200, mrkdwn)),
    ...songs.slice(page?.from ?? 0, page?.to ?? 10).map(songName),
    ...(progress ? [progressLine(progress, mrkdwn)] : []),
  ];
  return fitLines(lines, MAX_TEXT).trim() || '…';
}

/** A snippet: only a link that stands in it unfolds into a player. */
function snippetBlocks(message: Message, song: NonNullable<Message['snippet']>): Block[] {
  const page = spotifyPage(song);
  const detail = cut(oneLine(song.detail ?? ''), 300, mrkdwn);
  return [
    ...(message.title === undefined
      ? []
      : [section(`*${cut(oneLine(message.title), MAX_HEADER, verbatim)}*`)]),
    section(songName(song)),
    ...(detail === '' ? [] : [small(detail)]),
    ...(message.text === '' ? [] : [section(fitText(message.text, 800, mrkdwn))]),
    ...(page === undefined ? [] : [small(`<${page}>`)]),
  ];
}

const isBare = ({ title, fields, songs, snippet, picture, progress, buttons, form }: Message) =>
  title === undefined &&
  !form &&
  !snippet &&
  !picture &&
  !progress &&
  (fields ?? []).length === 0 &&
  (songs ?? []).length === 0 &&
  (buttons ?? []).length === 0;

/** Always within Slack's limits, whatever is in the message. */
export function layOut(
  message: Message,
  { wanted, notes = [], pictureId, addressee }: LayoutOptions = {},
): Layout {
  const page = pageOf(message, wanted);
  const { title, text, songs = [], progress, picture, snippet, tone = 'plain' } = message;
  const call = addressee === undefined ? '' : `<@${addressee}> `;
  if (isBare(message) && notes.length === 0) {
    const whole = `${call}${MARKS[tone]}${mrkdwn(text)}`;
    if (whole.length <= MAX_TEXT && whole.trim() !== '') return { text: whole, blocks: [] };
  }
  const opener = message.form ? [formButton(message.form)] : [];
  const { rows, lines: links } = drawButtons([...opener, ...(message.buttons ?? [])], page);
  const told = notes.filter((note) => note.trim() !== '');
  const noted = told.length === 0 ? [] : [small(fitLines(told, MAX_NOTES))];
  const alt = picture ? clip(picture.alt, MAX_ALT) || '…' : '';
  const drawing: Block[] = !picture
    ? []
    : pictureId === undefined
      ? [small(cut(oneLine(picture.alt), 800, mrkdwn) || '…')]
      : [{ type: 'image', slack_file: { id: pictureId }, alt_text: alt }];
  const tail: Block[] = [
    ...(progress ? [section(progressLine(progress, mrkdwn))] : []),
    ...noted,
    ...(page ? [small(`Page ${page.number} of ${page.of}`)] : []),
    ...sections(fitLines(links, MAX_LINKS).split('\n')),
    ...rows,
  ];
  const head: Block[] =
    title === undefined || snippet
      ? []
      : [{ type: 'header', text: { type: 'plain_text', text: clip(title, MAX_HEADER) || '…', emoji: true } }];

  let room = MAX_ALL - textOf([...head, ...tail, ...drawing]);
  const fields = fieldBlocks(message, FIELDS_SHARE);
  room -= textOf(fields);
  const intro = snippet
    ? snippetBlocks(message, snippet)
    : paragraphs(text, songs.length > 0 ? MAX_INTRO : Math.min(room, 6_000));
  const marked = mark(intro, `${call}${MARKS[tone]}`);
  room -= textOf(marked);
  const listed =
    songs.length === 0
      ? []
      : sections(songEntries(songs.slice(page?.from, page?.to), (page?.from ?? 0) + 1, room));
  const blocks = [...head, ...marked, ...fields, ...listed, ...drawing, ...tail];
  return { text: `${call}${fallback(message, page)}`, blocks };
}

/** Puts a mark, or whom it is for, before the first words. */
function mark(blocks: readonly Block[], before: string): readonly Block[] {
  if (before === '') return blocks;
  const [first, ...rest] = blocks;
  if (first?.type !== 'section' || first.text === undefined) return [section(before.trim()), ...blocks];
  return [section(`${before}${first.text.text}`), ...rest];
}

/** All texts in it together, as Slack counts them. */
function textOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + textOf(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string') sum += name === 'text' || name === 'alt_text' ? field.length : 0;
    else sum += textOf(field);
  }
  return sum;
}
