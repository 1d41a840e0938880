import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { FeelingLabels } from '../../ml/label-votes.ts';
import { isClear, labelSong, type WeighedVote } from '../../ml/song-label.ts';
import { votesNeeded } from '../../ml/votes-needed.ts';
import type { EmotionKey } from '../domain/emotion.ts';
import type { MemberId, Vote } from '../domain/member.ts';
import type { LabelNow } from '../domain/model.ts';

const weight = z.number().min(0).max(1);
const rate = z.number().min(0).max(1);

const votersFile = z.object({
  format: z.literal(1),
  /** The Dirichlet from which the songs' distributions are drawn. */
  songs: z.object({ concentration: z.number().positive(), mean: z.array(rate) }),
  /** Hex. Makes the names below mean nothing outside this model. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  /** Salted name of a member → weight, and the number of the group it is in step with. */
  members: z.record(z.string(), z.union([z.tuple([weight]), z.tuple([weight, z.number().int()])])),
});

/**
 * How the last run weighed votes, as kept with its model: what is needed to show a song's label as soon as it gets
 * one more vote. Members of full weight are not in it; of the others there is no id but an HMAC of it under a salt of
 * the model's own. Ids are random, so once a member has deleted their data, nothing leads from the name to anybody.
 */
export type Voters = z.infer<typeof votersFile>;

/** @returns undefined when it is no such table, or one for another number of emotions */
export function parseVoters(json: unknown, emotions: number): Voters | undefined {
  const { data } = votersFile.safeParse(json);
  return data?.songs.mean.length === emotions ? data : undefined;
}

function nameOf(memberId: MemberId, salt: string): string {
  return createHmac('sha256', Buffer.from(salt, 'hex')).update(memberId).digest('hex').slice(0, 24);
}

/**
 * What to keep of a run's labels.
 * @param memberIds by number, as the votes were numbered
 */
export function votersOf(labels: FeelingLabels, memberIds: readonly MemberId[]): Voters {
  const { weights, leaders, songPrior } = labels;
  const salt = randomBytes(16).toString('hex');
  const inGroup = new Set<number>();
  for (const [member, leader] of leaders.entries()) if (leader !== member) inGroup.add(member).add(leader);
  const members: Voters['members'] = {};
  for (const [member, id] of memberIds.entries()) {
    if (inGroup.has(member)) members[nameOf(id, salt)] = [weights[member], leaders[member]];
    else if (weights[member] < 1) members[nameOf(id, salt)] = [weights[member]];
  }
  const songs = { concentration: songPrior.concentration, mean: [...songPrior.mean] };
  return { format: 1, songs, salt, members };
}

/**
 * A song's label from its votes as they are now, weighed as in the last run: a member whom that run did not know
 * counts in full until the next one. Votes for emotions that the model does not know are passed over.
 * @param imported soft counts of a label that came with the catalogue, by emotion
 */
export function labelNow(
  { songs, salt, members }: Voters,
  emotions: readonly EmotionKey[],
  votes: readonly Pick<Vote, 'memberId' | 'emotion'>[],
  imported: Readonly<Record<EmotionKey, number>> = {},
): LabelNow {
  const prior = { concentration: songs.concentration, mean: Float64Array.from(songs.mean) };
  const numbers = new Map<MemberId, number>();
  const weighed: WeighedVote[] = [];
  for (const { memberId, emotion } of votes) {
    const position = emotions.indexOf(emotion);
    if (position < 0) continue;
    const member = numbers.get(memberId) ?? numbers.size;
    numbers.set(memberId, member);
    const [known, group] = members[nameOf(memberId, salt)] ?? [1];
    weighed.push({ emotion: position, member, weight: known, ...(group === undefined ? {} : { group }) });
  }
  const label = labelSong(
    weighed,
    prior,
    emotions.map((key) => imported[key] ?? 0),
  );
  const needed = votesNeeded(label, prior);
  return {
    distribution: Float32Array.from(label.shares),
    primary: [label.primary, label.secondary].filter((e) => e >= 0).map((e) => emotions[e]),
    confidence: label.confidence,
    clear: isClear(label, prior),
    ...(needed === undefined ? {} : { votesNeeded: needed }),
  };
}
