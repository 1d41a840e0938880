import emotionFile from '../../../data/emotions.json' with { type: 'json' };
import { createRandom } from '../../../ml/random.ts';
import type { Emotion, EmotionKey } from '../../domain/emotion.ts';
import type { Song, SongId } from '../../domain/song.ts';
import type { CatalogueParts } from '../catalogue.ts';
import { compose } from './compose.ts';
import { measure } from './features.ts';
import {
  type DemoLike,
  type DemoListener,
  type DemoVote,
  nearestEmotion,
  plantLikes,
  plantListeners,
  plantVotes,
} from './listeners.ts';
import { planSongs, type SongPlan } from './plan.ts';

const DEMO_CATALOGUE_NAME = 'Demo catalogue';

export interface PlantedTruth {
  readonly valence: number;
  readonly arousal: number;
  readonly emotion: EmotionKey;
}

export interface DemoCatalogue {
  readonly songs: Song[];
  readonly listeners: DemoListener[];
  readonly votes: DemoVote[];
  readonly likes: DemoLike[];
  readonly truth: Map<SongId, PlantedTruth>;
}

/**
 * The demo catalogue: 320 short pieces that Reactune composes itself, free of rights and audible offline, by
 * invented artists, with listeners and votes that are invented too. Each song is planted at a point of the
 * valence/arousal plane, and its music follows from there: mode, register and melodic direction from valence; tempo,
 * density, articulation, brightness, drums and loudness from arousal; genre and chance bend all of it. The features
 * are measured on the composition on Spotify's scales, so that tests know the truth and the models do not.
 *
 * Pure and deterministic: equal arguments, equal catalogue. The audio of a song depends on its id alone.
 * @param seed any integer
 * @param emotions what the planted points are called; the taxonomy in use, if it is not the default one
 */
export function demoCatalogue(seed = 1, emotions: readonly Emotion[] = emotionFile.emotions): DemoCatalogue {
  const random = createRandom(seed);
  const plans = planSongs(seed);
  const listeners = plantListeners(plans, random.fork('listeners'));
  const votes = plantVotes(plans, emotions, random.fork('votes'));
  return {
    songs: plans.map(songOf),
    listeners,
    votes,
    likes: plantLikes(votes, listeners, random.fork('likes')),
    truth: new Map(
      plans.map(({ id, valence, arousal }) => {
        return [id, { valence, arousal, emotion: nearestEmotion({ valence, arousal }, emotions) }];
      }),
    ),
  };
}

/** The demo catalogue in the form that `buildCatalogue` takes. */
export function demoCatalogueParts(demo: DemoCatalogue): CatalogueParts {
  const position = new Map(demo.songs.map((song, i) => [song.id, i]));
  return {
    name: DEMO_CATALOGUE_NAME,
    demo: true,
    songs: demo.songs,
    listeners: demo.listeners.map(({ id, name, songIds }) => {
      return { id, name, songs: Int32Array.from(songIds, (songId) => position.get(songId)!).sort() };
    }),
    labels: [],
  };
}

function songOf(plan: SongPlan): Song {
  const random = plan.random.fork('features');
  for (let i = 0; i < 16; i++) random.next();
  return {
    id: plan.id,
    title: plan.title,
    artists: [plan.artist.name],
    album: plan.album,
    genre: plan.artist.genre.name,
    year: plan.year,
    popularity: Math.round(Math.min(100, Math.max(0, 100 * (0.75 * plan.fame + 0.25 * random.next())))),
    explicit: false,
    features: measure(compose(plan), random),
    snippet: { kind: 'own' },
  };
}
