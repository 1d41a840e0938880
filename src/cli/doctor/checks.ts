import type { Check } from './check.ts';
import { discordCheck } from './discord.ts';
import { machineCheck } from './machine.ts';
import { slackCheck } from './slack.ts';
import { spotifyCheck } from './spotify.ts';

/** Everything the doctor looks at, in this order. */
export const checks: readonly Check[] = [machineCheck, discordCheck, slackCheck, spotifyCheck];
