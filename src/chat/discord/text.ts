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

/** As one line, without needless room. */
export const oneLine = (text: string) => text.replace(/\s+/gu, ' ').trim();

/** As much of a line as stays within the limit once it is drawn, ended by an ellipsis. */
export function cut(text: string, limit: number, draw: (text: string) => string = markdown): string {
  // Drawing takes no letters away, so of a very long text only its beginning needs a look.
  const start = text.slice(0, limit + 1);
  const whole = draw(start);
  if (whole.length <= limit) return whole;
  const characters = [...new Intl.Segmenter().segment(start)].map(({ segment }) => segment);
  const shortened = (length: number) => draw(`${characters.slice(0, length).join('').trimEnd()}…`);
  let fits = 0;
  let tooLong = characters.length;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (shortened(middle).length <= limit) fits = middle;
    else tooLong = middle;
  }
  const drawn = shortened(fits);
  return drawn.length <= limit ? drawn : '…'.slice(0, limit);
}

/** Words that Discord shows without any markup, cut between two letters. */
export function clip(text: string, limit: number): string {
  return cut(oneLine(text), limit, (words) => words);
}

/** Drawn lines up to the limit, cut where a line ends; what is left out is marked. */
export function fitLines(lines: readonly string[], limit: number): string {
  const whole = lines.join('\n');
  if (whole.length <= limit) return whole;
  let kept = '';
  for (const next of lines) {
    const longer = kept === '' ? next : `${kept}\n${next}`;
    if (longer.length + 2 > limit) break;
    kept = longer;
  }
  return kept === '' ? '…'.slice(0, limit) : `${kept}\n…`;
}

/** A text drawn within the limit: cut where a line ends, or within the first line if that alone is too long. */
export function fitText(text: string, limit: number): string {
  const lines = text.split('\n');
  const first = cut(lines[0], limit);
  if (first.endsWith('…') && first !== markdown(lines[0])) return first;
  return fitLines([first, ...lines.slice(1).map(line)], limit);
}
