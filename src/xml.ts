/** Control characters and halves of surrogate pairs: XML forbids them even when they are escaped. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]+/gu;

/** Text for an element or a quoted attribute of XML, SVG and HTML. What XML forbids becomes a space. */
export function escapeXml(text: string): string {
  return text
    .replace(FORBIDDEN, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
