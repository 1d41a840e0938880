import { z } from 'zod';
import { type Finding, fine, note } from './check.ts';

const REACH_MS = 5_000;

/**
 * Whether the bot's own address leads to a Reactune, as seen from this machine.
 * @param service who sends people or requests there
 */
export async function publicAddress(publicUrl: string, service: string): Promise<Finding> {
  const fix = `start the bot and let your reverse proxy lead this address to it; a proxy that this machine cannot go through may still work for ${service}`;
  try {
    const response = await fetch(`${publicUrl}/health`, { signal: AbortSignal.timeout(REACH_MS) });
    if (response.ok && z.object({ status: z.literal('ok') }).safeParse(await response.json()).success) {
      return fine(`PUBLIC_URL: ${publicUrl} leads to the bot`);
    }
    return note(`PUBLIC_URL: something else answers at ${publicUrl} (status ${response.status})`, fix);
  } catch {
    return note(`PUBLIC_URL: ${publicUrl} does not answer from here as the bot does`, fix);
  }
}
