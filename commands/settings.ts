import { validate as validCron } from 'node-cron';
import type { Message } from '../src/chat/message.ts';
import type { OptionValue } from '../src/chat/platform.ts';
import type { Community, CommunitySettings } from '../src/domain/member.ts';
import type { Command, CommandContext } from './command.ts';
import { nearestWord } from './nearest.ts';
import { count, inline, moment } from './phrases.ts';

const words = {
  title: 'Settings',
  shown: 'This is how I am set up here. Change anything with */settings* and the options.',
  saved: 'Saved. It counts from now on.',
  channel: 'Channel for snippets',
  noChannel: 'not chosen; the usual place, if there is one',
  snippets: 'Snippets per day',
  noSnippets: 'none on schedule, only by /snippet',
  quiet: 'Quiet hours',
  noQuiet: 'none',
  zone: 'Time zone',
  training: 'Training',
  noTraining: 'only by /retrain',
  trainingAt: (schedule: string, next: string | undefined) =>
    next === undefined ? schedule : `${schedule} (next: ${next})`,
  open: 'A snippet takes votes for',
  moderators: 'Moderators',
  platformModerators: 'whoever moderates this place',
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
};

type Change = { readonly settings: Partial<CommunitySettings> } | { readonly refusal: string };

const change = (settings: Partial<CommunitySettings>): Change => ({ settings });

function readChannel(typed: string, here: string): Change {
  if (/^(here|this)$/i.test(typed)) return change({ channel: here });
  // Chat services turn a mentioned channel into `<#id>` or `<#id|name>`.
  const id = /^<#([\w.-]{1,64})(?:\|[^>]*)?>$/.exec(typed)?.[1] ?? typed;
  // A bare word is an id only if it looks like one; nothing can be posted to a name.
  const fits = id !== typed || id === here || /^(?=.*\d)[A-Z\d]{6,64}$/.test(id);
  return fits ? change({ channel: id }) : { refusal: words.badChannel };
}

const CLOCK = /^([01]?\d|2[0-3])[:.]([0-5]\d)$/;

function readQuietHours(typed: string): Change {
  if (/^(off|none|no)$/i.test(typed)) return change({ quietHours: { from: '00:00', to: '00:00' } });
  const parts = typed.split(/\s*(?:-|–|—|\bto\b)\s*/);
  const times = parts.map((part) => CLOCK.exec(part.trim()));
  const [from, to] = times;
  if (times.length !== 2 || !from || !to) return { refusal: words.badQuiet };
  const clock = (match: RegExpExecArray) => `${match[1].padStart(2, '0')}:${match[2]}`;
  return change({ quietHours: { from: clock(from), to: clock(to) } });
}

const zones = () => ['UTC', ...Intl.supportedValuesOf('timeZone')];

function readTimeZone(typed: string): Change {
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

function readTraining(typed: string): Change {
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

async function readModerators(
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

/** What the given options ask for; the first that cannot be is refused and nothing is changed. */
async function readChanges(context: CommandContext): Promise<Change[]> {
  const { options } = context;
  const text = (name: string) => (options[name] === undefined ? undefined : String(options[name]).trim());
  const channel = text('channel');
  const quiet = text('quiet-hours');
  const zone = text('time-zone');
  const training = text('training');
  const { 'add-moderator': add, 'remove-moderator': remove } = options;
  const perDay = options['snippets-per-day'];
  const openDays = options['open-days'];
  return [
    ...(channel === undefined ? [] : [readChannel(channel, context.channel)]),
    ...(perDay === undefined ? [] : [change({ snippetsPerDay: Number(perDay) })]),
    ...(quiet === undefined ? [] : [readQuietHours(quiet)]),
    ...(zone === undefined ? [] : [readTimeZone(zone)]),
    ...(training === undefined ? [] : [readTraining(training)]),
    ...(openDays === undefined ? [] : [change({ postOpenDays: Number(openDays) })]),
    ...(add === undefined && remove === undefined ? [] : [await readModerators(context, add, remove)]),
  ];
}

function overview(text: string, community: Community, { services }: CommandContext): Message {
  const { settings } = community;
  const { from, to } = settings.quietHours;
  const next = services.nextTrainingAt(community);
  const when = next === undefined ? undefined : moment(next, services.now(), settings.timeZone);
  const schedule = settings.trainingSchedule.replaceAll('*', '∗');
  return {
    title: words.title,
    text,
    fields: [
      { name: words.channel, value: settings.channel ?? words.noChannel },
      {
        name: words.snippets,
        value: settings.snippetsPerDay === 0 ? words.noSnippets : String(settings.snippetsPerDay),
      },
      { name: words.quiet, value: from === to ? words.noQuiet : `${from} to ${to}` },
      { name: words.zone, value: settings.timeZone },
      { name: words.training, value: schedule === '' ? words.noTraining : words.trainingAt(schedule, when) },
      { name: words.open, value: count(settings.postOpenDays, 'day') },
      {
        name: words.moderators,
        value: [words.platformModerators, ...settings.moderators.map(inline)].join(', '),
      },
    ],
    private: true,
  };
}

async function run(context: CommandContext): Promise<Message> {
  const changes = await readChanges(context);
  if (changes.length === 0) return overview(words.shown, context.community, context);
  const settings: CommunitySettings = { ...context.community.settings };
  for (const one of changes) {
    if ('refusal' in one) return { text: one.refusal, tone: 'refusal', private: true };
    Object.assign(settings, one.settings);
  }
  const community: Community = { ...context.community, settings };
  await context.services.store.saveCommunity(community);
  return { ...overview(words.saved, community, context), tone: 'success' };
}

export const settings: Command = {
  name: 'settings',
  description: 'How I am set up here; shows everything when sent alone',
  options: [
    { type: 'text', name: 'channel', description: 'Where snippets go: here, or a channel', completes: true },
    {
      type: 'integer',
      name: 'snippets-per-day',
      description: 'How many snippets I post by myself; 0 = none',
      min: 0,
      max: 48,
    },
    {
      type: 'text',
      name: 'quiet-hours',
      description: 'When I post nothing, such as 22:00-08:00; off = never quiet',
    },
    { type: 'text', name: 'time-zone', description: 'Such as Europe/Berlin', completes: true },
    {
      type: 'text',
      name: 'training',
      description: 'When I train by myself: a cron expression, such as 0 4 * * *; off = never',
      completes: true,
    },
    { type: 'integer', name: 'open-days', description: 'Days a snippet takes votes', min: 1, max: 90 },
    { type: 'text', name: 'add-moderator', description: 'Somebody who may moderate here, by mention or id' },
    { type: 'text', name: 'remove-moderator', description: 'Somebody who no longer may' },
  ],
  moderatorsOnly: true,
  run,
  async complete(_context, option, typed) {
    const word = typed.trim().toLowerCase();
    const fitting = (choices: readonly { name: string; value: string }[]) =>
      choices.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(word)).slice(0, 25);
    switch (option) {
      case 'channel':
        return fitting([{ name: 'here', value: 'here' }]);
      case 'time-zone':
        return fitting(zones().map((zone) => ({ name: zone, value: zone })));
      case 'training':
        return fitting([
          { name: 'Every night at four', value: '0 4 * * *' },
          { name: 'Sunday night at four', value: '0 4 * * 0' },
          { name: 'Every six hours', value: '0 */6 * * *' },
          { name: 'Never', value: 'off' },
        ]);
      default:
        return undefined;
    }
  },
};
