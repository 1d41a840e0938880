import { createRequire } from 'node:module';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Resvg } from '@resvg/resvg-js';
import jpeg from 'jpeg-js';

const require = createRequire(import.meta.url);
const FONTS = path.join(path.dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
/** Of what is drawn nothing looks better with more, and it stays far below what Spotify takes. */
const QUALITY = 88;

// Encoding takes a good tenth of a second, which nobody's reaction should wait for.
const { svg } = workerData as { svg: string };
const image = new Resvg(svg, {
  font: {
    fontFiles: ['DejaVuSans-Bold.ttf'].map((file) => path.join(FONTS, file)),
    loadSystemFonts: false,
    defaultFontFamily: 'DejaVu Sans',
    sansSerifFamily: 'DejaVu Sans',
  },
}).render();
const { data } = jpeg.encode({ data: image.pixels, width: image.width, height: image.height }, QUALITY);
parentPort?.postMessage(new Uint8Array(data));
