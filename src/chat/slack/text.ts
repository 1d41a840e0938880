/** What Slack shows as a channel, a person or a group. It notifies people only where a message is new. */
const OWN = String.raw`<(?:#[CG][A-Z0-9]+|@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+)(?:\|[^<>|]*)?>`;
const ADDRESS = String.raw`https?:\/\/[^\s<>"|]*[^\s<>"|.,;:!?)*\]]`;
/** An emoji by its name, ours or the workspace's. */
const CODE = `:[a-z0-9_+'-]{2,100}:`;
const BOLD = String.raw`\*[^*\n]+\*`;

const PARTS = new RegExp(`(${BOLD})|(${OWN}|${ADDRESS}|${CODE})`, 'gu');
const KEPT = new RegExp(`(${OWN}|${ADDRESS}|${CODE})`, 'u');

/** Slack knows no escape for its marks: what would be one becomes a sign that looks the same. */
const TWINS: Readonly<Record<string, string>> = { '*': '∗', '`': 'ˋ', '~': '∼' };

const MARKS: Readonly<Record<string, string>> = { '∗': '*', ˋ: '`', '∼': '~', ˍ: '_' };

const entities = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Turns the direction of what follows, which may be somebody else's words: such as in a name. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Shown as it stands, whatever Slack would make of it. */
function escaped(text: string): string {
  return entities(
    text
      .replace(TURNS, '')
      .replace(/[*`~]/g, (mark) => TWINS[mark] ?? mark)
      // Only at the edge of a word does an underscore make italics.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ'),
  );
}

function plain(text: string): string {
  return text
    .split(KEPT)
    .map((part, index) => (index % 2 === 1 ? kept(part) : escaped(part)))
    .join('');
}

const kept = (part: string) => (part.startsWith('http') ? entities(part) : part);

/** At the beginning of a line, even an escaped `>` makes a quotation. */
const unquoted = (line: string) => line.replace(/^(\s*)(&gt;)/, '$1\u200b$2');

/** A line of our one markup, `*bold*`, in Slack's; everything else reads as it was written. */
function line(text: string): string {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(PARTS)) {
    out += escaped(text.slice(from, match.index));
    out += match[1] === undefined ? kept(match[2] ?? '') : bold(match[1].slice(1, -1));
    from = match.index + match[0].length;
  }
  return unquoted(out + escaped(text.slice(from)));
}

/** Spaces stay outside, or Slack would show the stars. */
function bold(text: string): string {
  const [, before = '', inside = '', after = ''] = /^(\s*)(.*?)(\s*)$/su.exec(text) ?? [];
  return inside === '' ? escaped(`*${text}*`) : `${before}*${plain(inside)}*${after}`;
}

export function mrkdwn(text: string): string {
  return text.split('\n').map(line).join('\n');
}

/** One line of somebody else's words (a title, a name) without any markup, also safe as the label of a link. */
export function verbatim(text: string): string {
  const oneLine = text
    .replace(/\s/gu, ' ')
    .replace(/\|/g, '∣')
    .replace(/:\/\//g, ':\u200b//')
    // A title is no emoji.
    .replace(/:(?=[\w+'-]+:)/g, ':\u200b');
  return unquoted(escaped(oneLine));
}

/** What people write in commands, as they wrote it; also where they copied it from what was shown here. */
export function unescaped(text: string): string {
  return text
    .replace(/[∗ˋ∼ˍ]/g, (twin) => MARKS[twin] ?? twin)
    .replaceAll('\u200b', '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
