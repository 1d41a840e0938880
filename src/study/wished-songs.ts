import { interactionsFromLists } from '../../ml/interactions.ts';
import { buildItems } from '../../ml/items.ts';
import { createRandom, type Random } from '../../ml/random.ts';
import type { Recommender, RecommenderData } from '../../ml/recommender.ts';
import type { Catalogue, CatalogueListener } from '../domain/catalogue.ts';
import type { EmotionKey, Taxonomy } from '../domain/emotion.ts';
import type { SongId } from '../domain/song.ts';
import { rankPlaylist } from '../playlists/rank.ts';
import { createRankWorld, type LikesHere, placeLikes, type RankWorld } from '../playlists/rank-world.ts';
import { aggregate } from '../training/label-stage.ts';
import { inferProfiles, rawSongs } from '../training/profile-stage.ts';
import { songFeatures } from '../training/song-features.ts';
import { songGroups } from '../training/song-groups.ts';
import { importedCounts } from '../training/training-data.ts';

/** What `/playlist` takes when it is given a mood and nothing else. */
const SONGS_A_LIST = 15;
const ADVENTURE = 0.3;

/** A catalogue of which only some labels are shown to the bot. */
export interface WishSetting {
  /** With all its labels: they are the truth that lists are held against. */
  readonly catalogue: Catalogue;
  /** Songs whose label the bot sees. */
  readonly shown: ReadonlySet<SongId>;
  /** Listeners that the recommender learns from. */
  readonly listeners: readonly CatalogueListener[];
  /** The recommender that a training run would put to work here. */
  readonly learn: (data: RecommenderData) => Promise<Recommender>;
}

/** What stood in the lists for one mood. */
export interface WishCount {
  readonly mood: EmotionKey;
  /** Places in all lists. */
  readonly songs: number;
  /** Of these, with a song whose mood is known and was hidden. */
  readonly known: number;
  /** Of these, with a song of the wished mood. */
  readonly right: number;
  /** How many different songs the known ones are: lists without a taste are much alike. */
  readonly different: number;
}

/** One emotion per song of the catalogue; of several the first. */
function moodsOf({ labels }: Catalogue): Map<SongId, EmotionKey> {
  const moods = new Map<SongId, EmotionKey>();
  for (const { songId, emotion } of labels) if (!moods.has(songId)) moods.set(songId, emotion);
  return moods;
}

/**
 * The way of a training run from the labels that are shown to what the ranking thread works on: labels, profiles of
 * all songs, recommender.
 */
export async function trainOnShown(
  { catalogue, shown, listeners, learn }: WishSetting,
  taxonomy: Taxonomy,
  random: Random,
): Promise<RankWorld> {
  const emotions = taxonomy.emotions.map(({ key }) => key);
  const { size } = catalogue;
  const { counts } = importedCounts(
    {
      size,
      indexOf: (id) => catalogue.indexOf(id),
      labels: catalogue.labels.filter(({ songId }) => shown.has(songId)),
    },
    emotions,
  );
  const none = new Int32Array(0);
  const votes = {
    ...{ songs: none, members: none, emotions: none },
    ...{ songCount: size, memberCount: 0, emotionCount: emotions.length },
    prior: counts,
  };
  const { labels } = aggregate(votes);
  const labelled = [...labels.primary.keys()].filter((song) => labels.primary[song]! >= 0);
  const raw = rawSongs(catalogue);
  const features = songFeatures(catalogue, labelled);
  const inferred = inferProfiles(raw, features, votes, labels, random.fork('profiles'), new Set());
  const profiles = { rows: size, columns: emotions.length, values: inferred.profiles };
  const recommender = await learn({
    interactions: interactionsFromLists(
      size,
      listeners.map(({ songs }) => songs),
    ),
    items: buildItems(raw).items,
    profiles,
    groups: songGroups(catalogue),
  });
  const ranking = {
    modelId: 'study',
    recommender,
    profiles,
    confidence: inferred.confidence,
    voted: inferred.voted,
    emotions,
  };
  return createRankWorld(catalogue, ranking, (key) => taxonomy.get(key));
}

/**
 * Asks for a list of each mood that is known of a song, as `/playlist` would make it, once for each taste.
 * @param tastes liked songs of each member; an empty list for a member without a taste
 * @returns a count for each mood, in the order of their names
 */
export function countWished(
  world: RankWorld,
  { catalogue, shown }: Pick<WishSetting, 'catalogue' | 'shown'>,
  tastes: readonly (readonly SongId[])[],
  seed: number,
): WishCount[] {
  const truth = moodsOf(catalogue);
  const likes: LikesHere = placeLikes(world, { songIds: [], counts: new Int32Array(0) });
  const draws = createRandom(seed).fork('lists');
  return [...new Set(truth.values())].sort().map((mood) => {
    let [songs, known, right] = [0, 0, 0];
    const different = new Set<SongId>();
    for (const liked of tastes) {
      const list = rankPlaylist(world, likes, {
        ...{ liked, disliked: [], recent: [] },
        ...{ wish: { from: mood }, count: SONGS_A_LIST, adventure: ADVENTURE, seed: draws.integer(2 ** 31) },
      });
      songs += list.songs.length;
      for (const { songId } of list.songs) {
        const own = truth.get(songId);
        if (own === undefined || shown.has(songId)) continue;
        known++;
        different.add(songId);
        if (own === mood) right++;
      }
    }
    return { mood, songs, known, right, different: different.size };
  });
}
