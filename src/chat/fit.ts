/** Draws a line of our own text as a platform shows it; never shortens it. */
type Draw = (text: string) => string;

/** As one line, without needless room. */
export const oneLine = (text: string) => text.replace(/\s+/gu, ' ').trim();

/** As much of a line as stays within the limit once it is drawn, ended by an ellipsis. */
export function cut(text: string, limit: number, draw: Draw): string {
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

/** Words that are shown without any markup, cut between two letters. */
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
export function fitText(text: string, limit: number, draw: Draw): string {
  const lines = text.split('\n');
  const first = cut(lines[0], limit, draw);
  if (first.endsWith('…') && first !== draw(lines[0])) return first;
  return fitLines([first, ...lines.slice(1).map(draw)], limit);
}
