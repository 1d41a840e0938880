/** Text of others for a terminal: no control characters, which could move its cursor or worse. */
export function plainText(text: string): string {
  return text.replace(/\p{C}/gu, '');
}
