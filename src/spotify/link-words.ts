import type { Message } from '../chat/message.ts';
import type { IdentityId } from '../domain/member.ts';
import type { LinkFailure, LinkOutcome } from './spotify.ts';

/** A name from outside inside a sentence: one line, and nothing in it reads as markup. */
export function plainName(name: string): string {
  const line = name.replace(/\s+/g, ' ').replaceAll('*', '∗').trim();
  return line.length <= 60 ? line : `${line.slice(0, 59).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** `25 May 2027`. */
export function longDate(at: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(at);
}

const PLACES: Readonly<Record<string, string>> = {
  discord: 'on Discord',
  slack: 'on Slack',
  room: 'in the room',
};

/** Where somebody is besides here: `on Discord and in the room`. */
export function places(identities: readonly IdentityId[]): string {
  const names = identities.map((identity) => PLACES[identity.split(':', 1)[0] ?? ''] ?? 'elsewhere');
  const different = [...new Set(names)];
  if (different.length <= 1) return different[0] ?? 'elsewhere';
  return `${different.slice(0, -1).join(', ')} and ${different.at(-1)}`;
}

/** A length of time that somebody has to wait for Spotify: `about 40 minutes`. */
export function aboutHowLong(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000));
  if (minutes < 90) return minutes === 1 ? 'a minute' : `about ${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `about ${hours} hours` : `about ${Math.round(hours / 24)} days`;
}

/** What went wrong, in one or two sentences that fit the chat and the page alike. */
export function failureText(problem: LinkFailure, retryAfterMs?: number): string {
  switch (problem) {
    case 'not-allowed':
      return 'Spotify does not let your account use this app yet. Whoever runs me has to add you to its users at developer.spotify.com/dashboard (name and e-mail address, five people at most). Once that is done, send */link* again.';
    case 'premium':
      return 'Spotify has put this app on hold, because the Premium subscription of whoever registered it has ended. They can tell when it is back; then send */link* again.';
    case 'limited':
    case 'quota':
      return `Spotify wants a rest from me at the moment. Please send */link* again in ${aboutHowLong(retryAfterMs ?? 60_000)}.`;
    case 'unavailable':
      return 'Spotify did not answer as it should. That passes: please send */link* again in a few minutes.';
    case 'scope':
      return 'You agreed to less than playlists need: making private playlists, finding them again, and giving them a cover. Send */link* again, and agree to all of it.';
    case 'client':
      return 'Spotify does not know my client ID or my secret. Whoever runs me has to look at SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET; *reactune doctor* says more.';
    case 'stranger':
      return 'You asked for this before everything about you was deleted here. Send */link* again if you still want it.';
    default:
      return 'That took too long, or was done once already: Spotify does not take what it gave a moment ago. Send */link* again for a new address.';
  }
}

/** The chat's word on how linking went. */
export function outcomeMessage(outcome: LinkOutcome): Message {
  switch (outcome.kind) {
    case 'linked': {
      const name = plainName(outcome.name);
      const instead =
        outcome.instead === undefined ? '' : ` It takes the place of *${plainName(outcome.instead)}*.`;
      const taste = outcome.taste
        ? ' The songs you saved and play most there count as your taste from now on.'
        : outcome.tasteRefused === true
          ? ' You did not agree to have your songs looked at, so they do not count as your taste.'
          : '';
      return {
        text: `Your Spotify account *${name}* is linked.${instead}${taste} Your playlists can go there now. By Spotify’s rules this holds until ${longDate(outcome.until)}; I remind you in time, and */unlink* ends it whenever you like.`,
        tone: 'success',
        private: true,
      };
    }
    case 'one-person':
      return {
        text: `The Spotify account *${plainName(outcome.name)}* is linked already, by somebody ${places(outcome.other)}. Is that you as well? If so, both of you become one for me: one taste, one list of playlists, and a vote counts once. */unlink* parts you again.`,
        buttons: [
          { action: `link:same:${outcome.question}`, label: 'Yes, that is me too', style: 'primary' },
          { action: `link:apart:${outcome.question}`, label: 'No, somebody else' },
        ],
        private: true,
      };
    case 'joined':
      return {
        text: `Welcome together: you here and ${places(outcome.other)} are one person for me now, with the Spotify account *${plainName(outcome.name)}*. Your votes count once. */unlink* parts you again.`,
        tone: 'success',
        private: true,
      };
    case 'apart':
      return {
        text: `Then everything stays as it was. One Spotify account can be linked by one person only: log in to another one at Spotify, and send */link* again.`,
        private: true,
      };
    case 'declined':
      return {
        text: 'You did not agree at Spotify, so nothing was linked. If you change your mind, send */link* again.',
        private: true,
      };
    case 'failed':
      return { text: failureText(outcome.problem, outcome.retryAfterMs), tone: 'refusal', private: true };
  }
}
