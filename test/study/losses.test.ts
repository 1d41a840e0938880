import { expect, test } from 'vitest';
import { loadBackend } from '../../ml/backend.ts';
import { fitGan } from '../../ml/gan/gan.ts';
import { createRandom } from '../../ml/random.ts';
import { fitMethod } from '../../src/cli/methods.ts';
import { once, type StudyContext } from '../../src/study/context.ts';
import { LOSSES } from '../../src/study/losses-part.ts';
import { openResults } from '../../src/study/results.ts';
import { openSongWorld } from '../../src/study/song-world.ts';
import { temporaryFolder } from '../training/planted.ts';
import { plantTables } from './tables.ts';

test('a GAN shows how it learned, and what does not learn so is left out', async () => {
  const folder = await temporaryFolder();
  try {
    // Lists that are long enough to hold generated songs against a half of them.
    await plantTables(folder.dir, 20);
    const backend = await loadBackend('wasm');
    // A few steps of a small GAN: what it reports is of the same form as that of a long training.
    const quick = fitGan(
      { steps: 12, listeners: 4, mismatched: 8, context: 8, hidden: 8, channels: 4 },
      backend,
    );
    const context: StudyContext = {
      data: folder.dir,
      seeds: [1, 2],
      methods: ['random', 'gan'],
      backend: 'wasm',
      fit: (name, data, seed) =>
        name === 'gan' ? quick(data, createRandom(seed)) : fitMethod(name, data, seed, 'wasm'),
      songs: once(() => openSongWorld(folder.dir)),
      results: openResults(`${folder.dir}/results`),
      made: (part) => `reactune reproduce --parts ${part}`,
      tell: () => {},
    };
    const { blocks } = await LOSSES.run(context);
    const figures = blocks.flatMap((block) => (block.kind === 'figure' ? [block.figure] : []));
    expect(figures.map(({ id }) => id)).toEqual(['losses-gan', 'd-gan']);
    const [losses, d] = figures.map(({ svg }) => svg);
    for (const name of ['generator', 'discriminator', 'the paper’s objective E(G, D)']) {
      expect(losses).toContain(`>${name}</text>`);
    }
    expect(losses!.split('class="line"')).toHaveLength(4);
    expect(d).toContain('>one half</text>');
    for (const name of ['real against generated', 'generated against real']) {
      expect(d).toContain(`>${name}</text>`);
    }
    const [means, varieties] = blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : []));
    expect(means!.head).toEqual(
      expect.arrayContaining(['seed', 'generator', 'discriminator', 'generated songs']),
    );
    expect(means!.rows.map(([seed]) => seed)).toEqual(['1', '2']);
    for (const cell of means!.rows.flat()) expect(Number.isFinite(Number(cell))).toBe(true);
    // E(G, D) = ½(1 − D(x)) + D(G(z)) of the very figures beside it.
    const of = (name: string) => Number(means!.rows[0]![means!.head.indexOf(name)]);
    const expected = (1 - of('real songs of the listener')) / 2 + of('generated songs');
    expect(of('E(G, D)')).toBeCloseTo(expected, 2);

    expect(varieties!.head).toEqual(['seed', 'songs', 'recall', 'density', 'coverage', 'spread']);
    const rowsOf = (name: string) => varieties!.rows.filter(([, songs]) => songs === name);
    expect(rowsOf('generated').map(([seed]) => seed)).toEqual(['1', '2']);
    // Halves of one cluster are as varied as each other, whatever a generator of twelve steps makes.
    for (const row of rowsOf('the listener’s own, shown half')) expect(Number(row[5])).toBeCloseTo(1, 0);
    const said = blocks.flatMap((block) => (block.kind === 'finding' ? [block.text] : [])).join(' ');
    expect(said).toMatch(/gan, seed 1: Half of the songs of \d+ listeners were shown to the generator/);
    expect(said).toMatch(/Asked only whether a song is real or generated it says 0\.\d+ and 0\.\d+\./);

    const { blocks: without } = await LOSSES.run({ ...context, methods: ['random'] });
    expect(without).toEqual([
      { kind: 'text', text: 'Skipped: none of the chosen methods reports how it learns.' },
    ]);
  } finally {
    await folder.remove();
  }
});
