import { Command, Option } from 'commander';
import type { BackendWish } from '../../ml/backend.ts';
import { topK } from '../../ml/evaluate.ts';
import { songsOf } from '../../ml/interactions.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import {
  backendOption,
  type FeatureSet,
  featuresOption,
  fitMethod,
  METHODS,
  recommenderData,
} from './methods.ts';
import { openAnyCatalogue } from './open-catalogue.ts';
import { action, seedNumber, wholeNumber } from './run.ts';
import { type NamedInteractions, readInteractions, writeTable } from './tables.ts';

interface Options {
  readonly catalogue?: string;
  readonly stateDir?: string;
  readonly interactions: string;
  readonly emotions?: string;
  readonly method: string;
  readonly top: number;
  readonly out?: string;
  readonly discover?: boolean;
  readonly features: FeatureSet;
  readonly backend: BackendWish;
  readonly seed: number;
}

const LISTENERS_NAMED = 5;

/** Songs by an artist of whom the listener has a song already. */
function createKnownArtists(catalogue: Catalogue): (liked: Int32Array) => Int32Array {
  const byArtist = new Map<string, number[]>();
  const artistsOf: (readonly string[])[] = [];
  for (let song = 0; song < catalogue.size; song++) {
    const { artists } = catalogue.song(song);
    artistsOf.push(artists);
    for (const artist of artists) {
      const songs = byArtist.get(artist) ?? [];
      byArtist.set(artist, songs);
      songs.push(song);
    }
  }
  return (liked) => {
    const artists = new Set<string>();
    for (const song of liked) for (const artist of artistsOf[song]) artists.add(artist);
    return Int32Array.from([...artists].flatMap((artist) => byArtist.get(artist) ?? []));
  };
}

/** `The listener ana has`, `3 listeners (ana, bo, cy) have`. */
function about(ids: readonly string[]): string {
  if (ids.length === 1) return `The listener ${ids[0]} has`;
  const shown = ids.slice(0, LISTENERS_NAMED).join(', ');
  return `${ids.length} listeners (${shown}${ids.length > LISTENERS_NAMED ? ', …' : ''}) have`;
}

async function run(options: Options): Promise<void> {
  const catalogue = await openAnyCatalogue(options.catalogue, options.stateDir);
  const known: NamedInteractions = await readInteractions(options.interactions, catalogue);
  if (known.unknownSongs > 0) {
    process.stderr.write(`${known.unknownSongs} rows are about songs that the catalogue lacks.\n`);
  }
  const data = await recommenderData(catalogue, known.interactions, options.features, options.emotions);
  const recommender = await fitMethod(options.method, data, options.seed, options.backend);
  const { listeners, interactions } = known;
  const strangers = listeners.filter((_, listener) => songsOf(interactions, listener).length === 0);
  if (strangers.length > 0) {
    process.stderr.write(
      `${about(strangers)} no song that the catalogue knows: ranked as for somebody whose taste is not known.\n`,
    );
  }
  const knownArtists = options.discover === true ? createKnownArtists(catalogue) : undefined;

  const unserved: string[] = [];
  function* rows(): Generator<(string | number)[]> {
    for (const [listener, id] of known.listeners.entries()) {
      const liked = songsOf(known.interactions, listener);
      const scores = recommender.score(liked, { seed: options.seed });
      const ranked = knownArtists === undefined ? scores : Float32Array.from(scores);
      if (knownArtists !== undefined) {
        for (const song of knownArtists(liked)) ranked[song] = Number.NEGATIVE_INFINITY;
      }
      const ranking = topK(ranked, options.top, liked);
      if (ranking.length === 0) unserved.push(id);
      for (const [place, song] of ranking.entries()) {
        yield [id, place + 1, catalogue.idAt(song), ranked[song]];
      }
    }
  }
  await writeTable(options.out, ['listener_id', 'rank', 'song_id', 'score'], rows());
  recommender.dispose?.();
  if (unserved.length > 0) {
    const already = options.discover === true ? 'something by every artist' : 'every song';
    process.stderr.write(`${about(unserved)} ${already} of the catalogue: nothing is left to rank.\n`);
  }
}

/** `reactune rank`: who likes what → the songs each listener should hear next. */
export function rankCommand(): Command {
  return new Command('rank')
    .description('rank songs for every listener of an interactions table (listener_id,song_id)')
    .requiredOption('--interactions <file>', 'CSV with listener_id and song_id: what listeners already like')
    .option('--catalogue <file>', 'a table of songs; the imported catalogue without it')
    .option('--state-dir <folder>', "the bot's folder, for its catalogue")
    .option('--emotions <file>', 'CSV with song_id, emotion and a probability per emotion')
    .addOption(new Option('--method <name>', 'how to rank').choices(METHODS).default('gan'))
    .option('--top <number>', 'songs per listener', wholeNumber(1, 1_000_000), 50)
    .option('--discover', 'only songs by artists that the listener does not have yet')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--seed <number>', 'same seed, same result', seedNumber, 1)
    .option('--out <file>', 'where to write the ranking; standard output without it')
    .action(action(run));
}
