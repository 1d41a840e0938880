import type { Taxonomy } from '../domain/emotion.ts';
import type { Model } from '../domain/model.ts';
import type { SongId } from '../domain/song.ts';
import type { CoursePoint } from './course-picture.ts';

/** Where a song lies by a model, in the colour of its strongest emotion; in the middle if the model does not know it. */
export function pointOf(
  songId: SongId,
  model: Pick<Model, 'emotions' | 'profile'> | undefined,
  taxonomy: Pick<Taxonomy, 'get'>,
): CoursePoint {
  const shares = model?.profile(songId)?.distribution;
  let valence = 0;
  let arousal = 0;
  let strongest = -1;
  for (const [index, key] of (model?.emotions ?? []).entries()) {
    const share = shares?.[index] ?? 0;
    const emotion = taxonomy.get(key);
    valence += share * (emotion?.valence ?? 0);
    arousal += share * (emotion?.arousal ?? 0);
    if (share > (shares?.[strongest] ?? 0)) strongest = index;
  }
  const emotion = taxonomy.get(model?.emotions[strongest] ?? '');
  return { valence, arousal, ...(emotion ? { emotion } : {}) };
}
