import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { shareOfVotes } from '../../ml/aggregate.ts';
import { knnGraph } from '../../ml/graph.ts';
import { propagationFeatures } from '../../ml/items.ts';
import { accuracy, argmax, macroF1, mean, shareError } from '../../ml/metrics.ts';
import { labelSpreading } from '../../ml/propagate.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';

const DATA = path.resolve(PACKAGE_ROOT, '../shared/data');

function table(name: string): Record<string, string>[] {
  return parse(readFileSync(path.join(DATA, name)), { columns: true, bom: true });
}

describe.skipIf(!existsSync(DATA))('on real annotations', () => {
  it('shares of votes are as good as the reference says', () => {
    const emotions = ['calm', 'energetic', 'happy', 'sad'];
    const truth = table('splits/emotify4-truth.csv');
    const songs = new Map(truth.map((row, index) => [row.song_id, index]));
    const wanted = Float32Array.from(truth.flatMap((row) => emotions.map((emotion) => Number(row[emotion]))));
    const clear = truth.map((row) => row.clear === '1');
    const results = [1, 2, 3].map((split) => {
      const votes = table(`splits/emotify4-votes-none-${split}.csv`);
      const members = [...new Set(votes.map((row) => row.member_id))];
      const labels = shareOfVotes({
        songs: Int32Array.from(votes, (row) => songs.get(row.song_id) ?? -1),
        members: Int32Array.from(votes, (row) => members.indexOf(row.member_id)),
        emotions: Int32Array.from(votes, (row) => emotions.indexOf(row.emotion)),
        songCount: truth.length,
        memberCount: members.length,
        emotionCount: emotions.length,
      });
      const favourites = truth.map((_, s) => argmax(wanted, s * 4, 4));
      return {
        top: accuracy(
          labels.primary.filter((_, s) => clear[s]),
          favourites.filter((_, s) => clear[s]),
        ),
        error: shareError(labels.shares, wanted),
      };
    });
    expect(mean(results.map(({ top }) => top))).toBeGreaterThan(0.84);
    expect(mean(results.map(({ error }) => error))).toBeLessThan(0.08);
  });

  it('moods of a tenth of the songs tell those of the others better than the best tuned reference', () => {
    const rows = table('data_moods.csv');
    const moods = [...new Set(rows.map((row) => row.mood))];
    const names = [
      'danceability',
      'energy',
      'loudness',
      'speechiness',
      'acousticness',
      'instrumentalness',
      'liveness',
      'valence',
      'tempo',
      'durationMs',
    ];
    const { values, columns } = propagationFeatures({
      size: rows.length,
      names,
      features: Float32Array.from(
        rows.flatMap((row) => names.map((name) => Number(row[name === 'durationMs' ? 'length' : name]))),
      ),
    });
    const graph = knnGraph(values, rows.length, columns, 15);
    const truth = rows.map((row) => moods.indexOf(row.mood));
    const results = Array.from({ length: 20 }, (_, split) => {
      const known = new Set(table(`splits/moods-10pct-${split + 1}.csv`).map((row) => row.song_id));
      const labels = new Float32Array(rows.length * moods.length);
      const weights = Float32Array.from(rows, (row) => (known.has(row.id) ? 1 : 0));
      truth.forEach((mood, s) => {
        if (weights[s] === 1) labels[s * moods.length + mood] = 1;
      });
      const { profiles } = labelSpreading(graph, { labels, weights }, moods.length);
      const rest = truth.map((_, s) => s).filter((s) => weights[s] === 0);
      const said = rest.map((s) => argmax(profiles, s * moods.length, moods.length));
      const wanted = rest.map((s) => truth[s]);
      return { accuracy: accuracy(said, wanted), macroF1: macroF1(said, wanted, moods.length) };
    });
    expect(mean(results.map((result) => result.accuracy))).toBeGreaterThan(0.76);
    expect(mean(results.map((result) => result.macroF1))).toBeGreaterThan(0.735);
  });
});
