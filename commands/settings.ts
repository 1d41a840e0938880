import type { Message } from '../src/chat/message.ts';
import type { Community, CommunitySettings } from '../src/domain/member.ts';
import type { Command, CommandContext } from './command.ts';
import { count, inline, moment, schedule } from './phrases.ts';
import {
  type Change,
  change,
  readChannel,
  readEmoji,
  readModerators,
  readQuietHours,
  readRoles,
  readTimeZone,
  readTraining,
  zones,
} from './settings-values.ts';

const words = {
  title: 'Settings',
  shown: 'This is how I am set up here. Change anything with */settings* and the options.',
  saved: 'Saved. It counts from now on.',
  channel: 'Channel for snippets',
  noChannel: 'none yet: until one is chosen I post only where somebody sends /snippet',
  usualChannel: 'the room',
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
  emoji: 'Emoji of our own',
  form: 'Change settings',
};

/** What the given options ask for; the first that cannot be is refused and nothing is changed. */
async function readChanges(context: CommandContext): Promise<Change[]> {
  const { options } = context;
  const text = (name: string) => (options[name] === undefined ? undefined : String(options[name]).trim());
  const channel = text('channel');
  const quiet = text('quiet-hours');
  const zone = text('time-zone');
  const training = text('training');
  const { 'add-moderator': add, 'remove-moderator': remove } = options;
  const { 'add-role': addRole, 'remove-role': removeRole, emotion } = options;
  const emoji = text('emoji');
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
    ...(addRole === undefined && removeRole === undefined ? [] : [readRoles(context, addRole, removeRole)]),
    ...(emotion === undefined && emoji === undefined ? [] : [readEmoji(context, emotion, emoji)]),
  ];
}

/** Chat services draw their own ids as links; the room's are plain words. */
const shownChannel = (channel: string) => (/^[A-Z\d]{6,}$/.test(channel) ? `<#${channel}>` : channel);
const shownPerson = (identity: string) =>
  identity.startsWith('room:') ? inline(identity) : `<@${identity.replace(/^.*:/, '')}>`;
const shownRole = (id: string, { platform }: Community) =>
  platform === 'slack' ? `<!subteam^${id}>` : `<@&${id}>`;

/** What a form begins with, as it would be typed. */
function formValues({ settings }: Community): Record<string, string | number> {
  const { from, to } = settings.quietHours;
  return {
    ...(settings.channel !== undefined && { channel: settings.channel }),
    'snippets-per-day': settings.snippetsPerDay,
    'quiet-hours': from === to ? 'off' : `${from}-${to}`,
    'time-zone': settings.timeZone,
    training: settings.trainingSchedule === '' ? 'off' : settings.trainingSchedule,
    'open-days': settings.postOpenDays,
  };
}

function overview(text: string, community: Community, { services }: CommandContext): Message {
  const { settings } = community;
  const { from, to } = settings.quietHours;
  const own = Object.entries(settings.emoji ?? {}).flatMap(([key, emoji]) => {
    const emotion = services.taxonomy.get(key);
    return emotion ? [`${emoji} ${emotion.name}`] : [];
  });
  const noChannel = community.platform === 'room' ? words.usualChannel : words.noChannel;
  const next = services.nextTrainingAt(community);
  const when = next === undefined ? undefined : moment(next, services.now(), settings.timeZone);
  return {
    title: words.title,
    text,
    fields: [
      {
        name: words.channel,
        value: settings.channel === undefined ? noChannel : shownChannel(settings.channel),
      },
      {
        name: words.snippets,
        value: settings.snippetsPerDay === 0 ? words.noSnippets : String(settings.snippetsPerDay),
      },
      { name: words.quiet, value: from === to ? words.noQuiet : `${from} to ${to}` },
      { name: words.zone, value: settings.timeZone },
      {
        name: words.training,
        value:
          settings.trainingSchedule === ''
            ? words.noTraining
            : words.trainingAt(schedule(settings.trainingSchedule), when),
      },
      { name: words.open, value: count(settings.postOpenDays, 'day') },
      {
        name: words.moderators,
        value: [
          words.platformModerators,
          ...(settings.moderatorRoles ?? []).map((role) => shownRole(role, community)),
          ...settings.moderators.map(shownPerson),
        ].join(', '),
      },
      ...(own.length > 0 ? [{ name: words.emoji, value: own.join(', ') }] : []),
    ],
    form: { command: 'settings', label: words.form, values: formValues(community) },
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
    { type: 'channel', name: 'channel', description: 'Where snippets go' },
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
    { type: 'person', name: 'add-moderator', description: 'Somebody who may moderate here' },
    { type: 'person', name: 'remove-moderator', description: 'Somebody who no longer may' },
    { type: 'role', name: 'add-role', description: 'A role whose members may moderate here' },
    { type: 'role', name: 'remove-role', description: 'A role whose members no longer may' },
    { type: 'emotion', name: 'emotion', description: 'An emotion to choose another emoji for' },
    {
      type: 'text',
      name: 'emoji',
      description: 'The emoji that stands for that emotion here; off = the usual one',
    },
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
