import { AUDIO_FEATURES, type AudioFeature } from '../../domain/song.ts';
import { ImportError } from './report.ts';

/** What a column can mean. */
export type Field =
  | AudioFeature
  | 'durationSeconds'
  | 'id'
  | 'spotifyUri'
  | 'title'
  | 'artists'
  | 'album'
  | 'year'
  | 'releaseDate'
  | 'popularity'
  | 'explicit'
  | 'genre'
  | 'subgenre'
  | 'playlistId'
  | 'playlistName'
  | 'lyrics'
  | 'language'
  | 'mood'
  | 'member'
  | 'emotion';

/** Names of columns per field, in the order of preference, without case and punctuation (see `plain`). */
const NAMES: Readonly<Record<Field, readonly string[]>> = {
  id: ['trackid', 'id', 'songid', 'spotifyid'],
  spotifyUri: ['spotifyuri', 'trackuri', 'uri', 'spotifyurl', 'trackurl'],
  title: ['trackname', 'name', 'title', 'songname', 'songtitle', 'tracktitle', 'song', 'track'],
  artists: [
    'trackartist',
    'artists',
    'artist',
    'artistname',
    'artistnames',
    'artistsnames',
    'singer',
    'performer',
  ],
  album: ['trackalbumname', 'albumname', 'album'],
  year: ['year', 'releaseyear', 'releasedyear'],
  releaseDate: ['trackalbumreleasedate', 'releasedate', 'albumreleasedate', 'date'],
  popularity: ['trackpopularity', 'popularity'],
  explicit: ['explicit', 'trackexplicit'],
  genre: ['playlistgenre', 'trackgenre', 'genre'],
  subgenre: ['playlistsubgenre', 'subgenre'],
  playlistId: ['playlistid'],
  playlistName: ['playlistname', 'playlist'],
  lyrics: ['lyrics'],
  language: ['language', 'lang'],
  mood: ['mood', 'moodlabel'],
  member: ['memberid', 'member', 'workerid', 'userid', 'annotatorid', 'listenerid'],
  emotion: ['emotion', 'vote'],
  danceability: ['danceability'],
  energy: ['energy'],
  key: ['key'],
  loudness: ['loudness'],
  mode: ['mode'],
  speechiness: ['speechiness'],
  acousticness: ['acousticness'],
  instrumentalness: ['instrumentalness'],
  liveness: ['liveness'],
  valence: ['valence'],
  tempo: ['tempo', 'bpm'],
  durationMs: ['durationms', 'lengthms', 'length'],
  durationSeconds: ['durationseconds', 'durations', 'durationsec', 'lengthseconds'],
  timeSignature: ['timesignature'],
};
export const FIELDS = Object.keys(NAMES) as readonly Field[];

/** Which field is which column of the header, as its position. */
export type ColumnPlan = Readonly<Partial<Record<Field, number>>>;

/** Column names by field, as the operator gave them. */
export type ColumnMap = Readonly<Record<string, string>>;

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Finds out what the columns of a table mean, by their names and by the operator's map.
 * @param file name for messages
 * @throws ImportError `bad-map`, `no-title`, `no-features`
 */
export function planColumns(header: readonly string[], map: ColumnMap, file: string): ColumnPlan {
  const plan: Partial<Record<Field, number>> = {};
  const names = header.map(plain);
  const taken = new Set<number>();
  for (const [wanted, column] of Object.entries(map)) {
    const field = fieldNamed(wanted);
    const exact = header.findIndex((name) => name.trim() === column.trim());
    const position = exact === -1 ? names.indexOf(plain(column)) : exact;
    if (position === -1)
      throw new ImportError(
        'bad-map',
        `The column map says that ${wanted} is in "${column}", but ${file} has no such column. Its columns: ${header.join(', ')}.`,
      );
    plan[field] = position;
    taken.add(position);
  }
  for (const field of FIELDS) {
    if (plan[field] !== undefined) continue;
    const position = NAMES[field]
      .map((name) => names.findIndex((other, i) => other === name && !taken.has(i)))
      .find((i) => i !== -1);
    if (position !== undefined) plan[field] = position;
  }
  if (!isVotes(plan)) checkSongs(plan, header, file);
  return plan;
}

/** A table of votes names songs, members and emotions, and describes no song. */
export function isVotes(plan: ColumnPlan): boolean {
  return (
    plan.id !== undefined &&
    plan.member !== undefined &&
    plan.emotion !== undefined &&
    featuresOf(plan).length === 0
  );
}

/** The features that describe sound; a length alone does not. */
function featuresOf(plan: ColumnPlan): AudioFeature[] {
  return AUDIO_FEATURES.filter((feature) => feature !== 'durationMs' && plan[feature] !== undefined);
}

function checkSongs(plan: ColumnPlan, header: readonly string[], file: string): void {
  const columns = `Its columns: ${header.slice(0, 40).join(', ')}.`;
  if (featuresOf(plan).length === 0)
    throw new ImportError(
      'no-features',
      `${file} has no audio features (danceability, energy, loudness, valence, tempo …), from which Reactune learns what songs feel like. If they have other names, say so: --map energy=Power,tempo=BPM. ${columns}`,
    );
  if (plan.title === undefined)
    throw new ImportError(
      'no-title',
      `${file} has no column with the songs' titles. Say which it is: --map title=<column>. ${columns}`,
    );
}

function fieldNamed(wanted: string): Field {
  const name = plain(wanted);
  const field =
    FIELDS.find((candidate) => plain(candidate) === name) ??
    FIELDS.find((candidate) => NAMES[candidate].includes(name));
  if (field === undefined)
    throw new ImportError(
      'bad-map',
      `The column map names "${wanted}", which Reactune does not know. It can use: ${FIELDS.join(', ')}.`,
    );
  return field;
}
