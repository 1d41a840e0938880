import { parentPort } from 'node:worker_threads';
import { compose } from './compose.ts';
import { parseDemoSongId, planSongs, type SongPlan } from './plan.ts';
import { render } from './render.ts';
import { encodeWav } from './wav.ts';

/** Asks for the sound of one song of the demo catalogue. */
export interface RenderRequest {
  readonly job: number;
  readonly songId: string;
}

/** `wav` is a complete file. */
export type RenderReply =
  | { readonly job: number; readonly wav: Uint8Array }
  | { readonly job: number; readonly problem: string };

/** Plans are cheap but not free; one catalogue is in use at a time. */
const plans = new Map<number, SongPlan[]>();

function renderSong(songId: string): Uint8Array {
  const place = parseDemoSongId(songId);
  if (!place) throw new RangeError(`${songId} is no song of the demo catalogue`);
  let planned = plans.get(place.seed);
  if (!planned) {
    plans.clear();
    planned = planSongs(place.seed);
    plans.set(place.seed, planned);
  }
  return encodeWav(render(compose(planned[place.index]!)));
}

parentPort?.on('message', ({ job, songId }: RenderRequest) => {
  let reply: RenderReply;
  try {
    reply = { job, wav: renderSong(songId) };
  } catch (error) {
    reply = { job, problem: (error as Error).message };
  }
  parentPort?.postMessage(reply);
});
