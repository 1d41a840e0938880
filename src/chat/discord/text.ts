import { cut as cutDrawn, fitText as fitDrawn } from '../fit.ts';

export { clip, fitLines, oneLine } from '../fit.ts';

/** An address as it stands in a sentence, without the punctuation after it. */
const ADDRESS = String.raw`https?:\/\/[^\s<>"]*[^\s<>".,;:!?)*\]]`;
/** What Discord shows as a channel, a person, a role or an emoji of the server. It notifies nobody by itself. */
const OWN = String.raw`<(?:#|@[!&]?)\d{15,20}>|<a?:\w{1,32}:\d{15,20}>`;
const BOLD = String.raw`\*[^*\n]+\*`;

const PARTS = new RegExp(`(${BOLD})|(${ADDRESS}|${OWN})`, 'gu');
const KEPT = new RegExp(`(${ADDRESS}|${OWN})`, 'u');
/** What makes a heading, a quotation, small print or a list of a line. */
const LINE_MARK = /^(\s*)(#{1,3}\s|-#\s|[-+]\s|>)/;
const NUMBERED = /^(\s*\d+)([.)]\s)/;

/** Shown as it stands, whatever Discord would make of it. */
function escaped(text: string): string {
  return text.replace(/[\\*_~`|[\]<]/g, String.raw`\$&`);
}

function plain(text: string): string {
  return text
    .split(KEPT)
    .map((part, index) => (index % 2 === 1 ? part : escaped(part)))
    .join('');
}

function line(text: string): string {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(PARTS)) {
    out += escaped(text.slice(from, match.index));
    out += match[1] === undefined ? match[2] : `**${plain(match[1].slice(1, -1))}**`;
    from = match.index + match[0].length;
  }
  out += escaped(text.slice(from));
  return out.replace(LINE_MARK, String.raw`$1\$2`).replace(NUMBERED, String.raw`$1\$2`);
}

/** Our one markup, `*bold*`, in Discord's; everything else reads as it was written. */
export function markdown(text: string): string {
  return text.split('\n').map(line).join('\n');
}

/** One line of somebody else's words (a title, a name) without any markup, also safe as the label of a link. */
export function verbatim(text: string): string {
  // An address within the label would keep the link from being one.
  const oneLine = text.replace(/\s/gu, ' ').replace(/:\/\//g, ':\u200b//');
  return escaped(oneLine).replace(LINE_MARK, String.raw`$1\$2`).replace(NUMBERED, String.raw`$1\$2`);
}

/** As much of a line as stays within the limit once it is drawn, ended by an ellipsis. */
export const cut = (text: string, limit: number, draw: (text: string) => string = markdown): string =>
  cutDrawn(text, limit, draw);

/** A text drawn within the limit: cut where a line ends, or within the first line if that alone is too long. */
export const fitText = (text: string, limit: number): string => fitDrawn(text, limit, markdown);
