import type { SetVariety, Variety } from '../../ml/gan/variety.ts';

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** Whether generated songs are as varied as the listeners' own, in a sentence or two. */
export function aboutVariety({ listeners, generated, own }: Variety): string {
  return (
    `Half of the songs of ${listeners === 1 ? '1 listener' : `${listeners} listeners`} were shown to the generator, ` +
    `which made as many: the made ones lie ${generated.spread.toFixed(2)} times as far from each other as the hidden ` +
    `half (the shown half: ${own.spread.toFixed(2)} times), and ${percent(generated.recall)} of the hidden songs lie ` +
    `among them (among the shown half: ${percent(own.recall)}).`
  );
}

export const VARIETY_HEAD = ['songs', 'recall', 'density', 'coverage', 'spread'] as const;

/** One row for the generated songs and one for the shown half, under {@link VARIETY_HEAD}. */
export function varietyRows({ generated, own }: Variety): string[][] {
  const row = (name: string, { recall, density, coverage, spread }: SetVariety) => [
    name,
    ...[recall, density, coverage, spread].map((value) => value.toFixed(3)),
  ];
  return [row('generated', generated), row('the listener’s own, shown half', own)];
}
