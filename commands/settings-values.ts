import { validate as validCron } from 'node-cron';
import type { OptionValue } from '../src/chat/platform.ts';
import { LIKE_EMOJI } from '../src/domain/emotion.ts';
import type { CommunitySettings } from '../src/domain/member.ts';
import { plainEmoji } from '../src/domain/taxonomy.ts';
import { emojiIn } from '../src/labelling/emoji.ts';
import type { CommandContext } from './command.ts';
import { nearestWord } from './nearest.ts';
import { inline } from './phrases.ts';

const words = {
  badChannel: 'I cannot tell which channel you mean. Go to that channel and send */settings channel:here*.',
  badQuiet: 'Quiet hours look like *22:00-08:00*; *off* means none.',
  badZone: (typed: string, nearest: string | undefined) =>
    nearest === undefined
      ? `I don't know the time zone "${typed}". They look like *Europe/Berlin* or *America/New_York*.`
      : `I don't know the time zone "${typed}". Did you mean *${nearest}*?`,
  badCron:
    'The training schedule is a cron expression of five parts: minute, hour, day, month, weekday. "0 4 ∗ ∗ ∗" is every night at four; *off* means never.',
  badModerator:
    'I cannot tell whom you mean. Name the account as a mention, or by its id, such as *discord:1234*. In the room, *People* at the top makes moderators.',
  notModerator: (identity: string) => `${inline(identity)} is not on my list of moderators.`,
  badRole: 'I cannot tell which role you mean. Mention it, or choose it from the list.',
  noRoles: 'There are no roles here. Name people with *add-moderator* instead.',
  notRole: 'That role is not on my list of moderators.',
  emojiAlone:
    'Tell me both: the *emotion*, and the *emoji* that should stand for it here; *off* brings the usual one back.',
  badEmoji:
    'I need exactly one emoji, one of this place’s own or any other. *off* brings the usual one back.',
  likeEmoji: `${LIKE_EMOJI} means "I like this song", so it cannot stand for an emotion.`,
  takenEmoji: (emoji: string, name: string) =>
    `${emoji} stands for ${name.toLowerCase()} already. Choose another one.`,
};

/** What an option asks to be changed, or why it cannot be. */
export type Change = { readonly settings: Partial<CommunitySettings> } | { readonly refusal: string };

export const change = (settings: Partial<CommunitySettings>): Change => ({ settings });

export function readChannel(typed: string, here: string): Change {
  if (/^(here|this)$/i.test(typed)) return change({ channel: here });
  // Chat services turn a mentioned channel into `<#id>` or `<#id|name>`.
  const id = /^<#([\w.-]{1,64})(?:\|[^>]*)?>$/.exec(typed)?.[1] ?? typed;
  // A bare word is an id only if it looks like one; nothing can be posted to a name.
  const fits = id !== typed || id === here || /^(?=.*\d)[A-Z\d]{6,64}$/.test(id);
  return fits ? change({ channel: id }) : { refusal: words.badChannel };
}

const CLOCK = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/;

export function readQuietHours(typed: string): Change {
  if (/^(off|none|no)$/i.test(typed)) return change({ quietHours: { from: '00:00', to: '00:00' } });
  const parts = typed.split(/\s*(?:-|–|—|\bto\b)\s*/);
  const times = parts.map((part) => CLOCK.exec(part.trim()));
  const [from, to] = times;
  if (times.length !== 2 || !from || !to) return { refusal: words.badQuiet };
  const clock = (match: RegExpExecArray) => `${match[1].padStart(2, '0')}:${match[2]}`;
  return change({ quietHours: { from: clock(from), to: clock(to) } });
}

export const zones = () => ['UTC', ...Intl.supportedValuesOf('timeZone')];

export function readTimeZone(typed: string): Change {
  const known = zones();
  const same = known.find((zone) => zone.toLowerCase() === typed.toLowerCase());
  if (same !== undefined) return change({ timeZone: same });
  // Older names (Asia/Calcutta) are valid and in no list; bare offsets are valid to Intl but no IANA names.
  if (/^[A-Za-z][\w+/-]*$/.test(typed)) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: typed });
      return change({ timeZone: typed });
    } catch {
      // Not a zone: told below.
    }
  }
  const place = typed.toLowerCase().replace(/\s+/g, '_');
  const city = known.find((zone) => zone.toLowerCase().endsWith(`/${place}`));
  return { refusal: words.badZone(inline(typed).slice(0, 40), city ?? nearestWord(typed, known)) };
}

export function readTraining(typed: string): Change {
  if (/^(off|never|none)$/i.test(typed)) return change({ trainingSchedule: '' });
  // Six parts would be valid too, with seconds: nobody wants to train every second.
  const parts = typed.replaceAll('∗', '*').split(/\s+/);
  const schedule = parts.join(' ');
  const fits = parts.length === 5 && validCron(schedule);
  return fits ? change({ trainingSchedule: schedule }) : { refusal: words.badCron };
}

/** An identity, a mention (`<@id>`) or an id alone, of the platform and team that the asker belongs to. */
function readIdentity(typed: string, askerIdentity: string): string | undefined {
  const id = /^<@!?([\w.-]+)(?:\|[^>]*)?>$/.exec(typed)?.[1] ?? typed;
  if (!/^[\w.:-]{1,80}$/.test(id)) return undefined;
  return id.includes(':') ? id : askerIdentity.replace(/[^:]*$/, id);
}

export async function readModerators(
  { community, asker, services }: Pick<CommandContext, 'community' | 'asker' | 'services'>,
  add: OptionValue | undefined,
  remove: OptionValue | undefined,
): Promise<Change> {
  const moderators = new Set(community.settings.moderators);
  if (add !== undefined) {
    const typed = String(add).trim();
    const identity = readIdentity(typed, asker.identity);
    // A bare word may be a name, which is nobody's id.
    const known = /[<:]/.test(typed) || (identity && (await services.store.findMember(identity)));
    if (identity === undefined || !known) return { refusal: words.badModerator };
    moderators.add(identity);
  }
  if (remove !== undefined) {
    const identity = readIdentity(String(remove), asker.identity);
    if (identity === undefined) return { refusal: words.badModerator };
    if (!moderators.delete(identity)) return { refusal: words.notModerator(identity) };
  }
  return change({ moderators: [...moderators] });
}

/** A mention of a role or user group, or its id alone. */
const readGroup = (typed: string) =>
  /^<(?:@&|!subteam\^)(\w+)(?:\|[^>]*)?>$/.exec(typed)?.[1] ??
  (/^(?=.*\d)[A-Z\d]{6,64}$/.test(typed) ? typed : undefined);

export function readRoles(
  { community }: Pick<CommandContext, 'community'>,
  add: OptionValue | undefined,
  remove: OptionValue | undefined,
): Change {
  if (community.platform === 'room') return { refusal: words.noRoles };
  const roles = new Set(community.settings.moderatorRoles);
  if (add !== undefined) {
    const role = readGroup(String(add).trim());
    if (role === undefined) return { refusal: words.badRole };
    roles.add(role);
  }
  if (remove !== undefined && !roles.delete(readGroup(String(remove).trim()) ?? '')) {
    return { refusal: words.notRole };
  }
  return change({ moderatorRoles: [...roles] });
}

/** One emoji: Discord's `<:name:id>`, Slack's `:name:`, or a character of its own. */
const isEmoji = (typed: string) =>
  /^<a?:\w{2,32}:\d{1,20}>$|^:[\w+'-]{1,100}:$/.test(typed) ||
  (/^[\p{Extended_Pictographic}\p{Regional_Indicator}#*\d]/u.test(typed) &&
    !/^[#*\d]$/.test(typed) &&
    [...new Intl.Segmenter().segment(typed)].length === 1);

/** The emoji that stands for an emotion here; the usual one, or `off`, takes a stand-in away. */
export function readEmoji(
  { community, services }: Pick<CommandContext, 'community' | 'services'>,
  emotion: OptionValue | undefined,
  typed: string | undefined,
): Change {
  const { taxonomy } = services;
  const chosen = taxonomy.get(String(emotion ?? ''));
  if (!chosen || typed === undefined) return { refusal: words.emojiAlone };
  const { [chosen.key]: _before, ...others } = community.settings.emoji ?? {};
  const plain = plainEmoji(typed);
  if (/^(off|none|usual)$/i.test(typed) || plain === plainEmoji(chosen.emoji))
    return change({ emoji: others });
  if (!isEmoji(typed)) return { refusal: words.badEmoji };
  if (plain === plainEmoji(LIKE_EMOJI)) return { refusal: words.likeEmoji };
  const taken = taxonomy.emotions.find(
    (other) =>
      other !== chosen &&
      [other.emoji, emojiIn({ emoji: others }, other)].some((emoji) => plainEmoji(emoji) === plain),
  );
  if (taken) return { refusal: words.takenEmoji(typed, taken.name) };
  return change({ emoji: { ...others, [chosen.key]: typed } });
}
