/**
 * Slack keeps these names for itself and refuses a manifest that has one of them, with no more than "the slash command
 * has an invalid name" (NousResearch/hermes-agent#17054 for `/status`).
 * @see https://slack.com/help/articles/360057554553
 */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'active archive away call canvas collapse dm dnd expand feed huddle invite join kick leave list me msg mute open ' +
    'people prefs pro remind remove rename search shortcuts shrug star status topic who'
  ).split(' '),
);

/** Takes whatever has no name of its own: `/reactune status`. */
export const UMBRELLA = 'reactune';

/** A name that no app may have. */
export const isReserved = (name: string): boolean => RESERVED.has(name);

/** A command as people on Slack have to type it: `/playlist`, `/reactune-playlist`, `/reactune status`. */
export function asTyped(name: string, prefix: string): string {
  return prefix === '' && isReserved(name) ? `/${UMBRELLA} ${name}` : `/${prefix}${name}`;
}
