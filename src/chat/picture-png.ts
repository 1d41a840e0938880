import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { renderAsync } from '@resvg/resvg-js';
import type { Picture } from './message.ts';

const require = createRequire(import.meta.url);
const FONTS = path.join(path.dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => path.join(FONTS, file));
/** Letters and signs that our own font does not have: beyond Latin, Greek, Cyrillic, arrows and shapes. */
const FOREIGN = /[\u{530}-\u{1dff}\u{2800}-\u{10ffff}]/u;
/** Sharp on displays of double density. */
const ZOOM = 2;
const MAX_CACHED = 64;

/**
 * Turns drawings into PNG, on a thread of libuv's: some milliseconds each, which nobody else has to wait for. The same
 * drawing, asked for again when a page is turned, comes from memory.
 */
export function createPictures(): (picture: Picture) => Promise<Buffer> {
  const cache = new Map<string, Promise<Buffer>>();

  async function render(svg: string): Promise<Buffer> {
    const image = await renderAsync(svg, {
      fitTo: { mode: 'zoom', value: ZOOM },
      font: {
        fontFiles: FONT_FILES,
        loadSystemFonts: FOREIGN.test(svg),
        defaultFontFamily: 'DejaVu Sans',
        sansSerifFamily: 'DejaVu Sans',
      },
    });
    return image.asPng();
  }

  return ({ svg }) => {
    const key = createHash('sha256').update(svg).digest('base64');
    const drawn = cache.get(key) ?? render(svg);
    // Last used, last forgotten.
    cache.delete(key);
    cache.set(key, drawn);
    drawn.catch(() => cache.delete(key));
    const oldest = cache.keys().next().value;
    if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest);
    return drawn;
  };
}
