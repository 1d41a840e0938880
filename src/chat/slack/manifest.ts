import type { webApi } from '@slack/bolt';
import type { CommandDeclaration, CommandOption } from '../declaration.ts';
import { isReserved, UMBRELLA } from './names.ts';
import { EVENTS_PATH, REDIRECT_PATH } from './paths.ts';
import { SCOPE_NAMES } from './scopes.ts';

/** An app as Slack makes it from a form that one can paste. */
export type SlackManifest = webApi.AppsManifestCreateArguments['manifest'];
type Features = NonNullable<SlackManifest['features']>;
type SlashCommand = NonNullable<Features['slash_commands']>[number];

export interface ManifestOptions {
  /** Put before every command's name. */
  readonly prefix: string;
  /** Where Slack sends its requests to, without a slash at its end; undefined for Socket Mode. */
  readonly publicUrl?: string;
}

/** Every event that `src/chat/slack` follows, and none that lets the bot read what people write to each other. */
const EVENTS = [
  'app_home_opened',
  'app_mention',
  'app_uninstalled',
  'member_joined_channel',
  'message.im',
  'reaction_added',
  'reaction_removed',
  'subteam_members_changed',
  'subteam_updated',
  'tokens_revoked',
  'user_change',
] as const;

/** Slack's limits, from the descriptions of its manifest. */
const LIMITS = {
  name: 35,
  description: 140,
  longDescription: 4000,
  botName: /^[a-z0-9._-]{1,80}$/,
  commands: 50,
  command: /^\/[a-z0-9][a-z0-9-]{0,30}$/,
  commandDescription: 2000,
  usageHint: 1000,
  scopes: 255,
  events: 100,
} as const;

function valueHint(option: CommandOption): string {
  switch (option.type) {
    case 'text':
      return option.choices ? option.choices.map(({ value }) => value).join('|') : '…';
    case 'integer':
    case 'number':
      return `${option.min}-${option.max}`;
    case 'boolean':
      return 'on|off';
    case 'channel':
      return '#channel';
    case 'person':
      return '@person';
    case 'role':
      return '@group';
    case 'emotion':
    case 'song':
      return option.type;
  }
}

/** What may follow a command, in one line. Values without a name fill the options in order, so the first may need none. */
function usageHint(options: readonly CommandOption[]): string | undefined {
  if (options.length === 0) return undefined;
  const hints = options.map((option, index) => {
    const value = valueHint(option);
    const clear = option.required || option.type === 'channel' || value === option.name;
    const hint = index === 0 && clear && value !== '…' ? value : `${option.name}:${value}`;
    return option.required ? `<${hint}>` : `[${hint}]`;
  });
  return hints.join(' ');
}

function slashCommand(name: string, description: string, hint: string | undefined, url: string | undefined) {
  return {
    command: `/${name}`,
    description,
    ...(hint !== undefined && { usage_hint: hint }),
    // People and channels then arrive by their ids.
    should_escape: true,
    ...(url !== undefined && { url }),
  } satisfies SlashCommand;
}

/** The commands as Slack has them. Those whose name Slack keeps for itself go through one for all: `/reactune status`. */
function slashCommands(
  declarations: readonly CommandDeclaration[],
  prefix: string,
  url: string | undefined,
): readonly SlashCommand[] {
  const isFree = ({ name }: CommandDeclaration) => prefix !== '' || !isReserved(name);
  const own = declarations.filter(isFree).map(({ name, description, options, moderatorsOnly }) => {
    const text = moderatorsOnly ? `${description} (moderators)` : description;
    return slashCommand(`${prefix}${name}`, text, usageHint(options), url);
  });
  const others = declarations.filter((declaration) => !isFree(declaration)).map(({ name }) => name);
  if (others.length === 0) return own;
  const hint = [...others, ...declarations.filter(isFree).map(({ name }) => name)].join('|');
  return [
    ...own,
    slashCommand(UMBRELLA, 'Any of the commands, those too whose name Slack has itself', hint, url),
  ];
}

/** What Slack would refuse in a manifest, each in a sentence. */
export function manifestProblems({ display_information, features, oauth_config, settings }: SlackManifest) {
  const problems: string[] = [];
  const check = (fine: boolean, problem: string) => {
    if (!fine) problems.push(problem);
  };
  const { name, description = '', long_description = '' } = display_information;
  check(name.length <= LIMITS.name, `the name is longer than ${LIMITS.name} characters`);
  check(description.length <= LIMITS.description, `the description is longer than ${LIMITS.description}`);
  check(
    long_description.length <= LIMITS.longDescription,
    `the long description is longer than ${LIMITS.longDescription}`,
  );
  check(LIMITS.botName.test(features?.bot_user?.display_name ?? ''), "the bot's name has other letters");
  const commands = features?.slash_commands ?? [];
  check(commands.length <= LIMITS.commands, `there are more than ${LIMITS.commands} commands`);
  for (const [index, { command, description: text, usage_hint = '' }] of commands.entries()) {
    check(LIMITS.command.test(command), `${command} must be a slash and 1 to 31 of a-z, 0-9 and -`);
    check(!isReserved(command.slice(1)), `${command} is Slack's own: choose another prefix`);
    check(text.length <= LIMITS.commandDescription, `${command} is described in too many words`);
    check(usage_hint.length <= LIMITS.usageHint, `${command} has too long a hint`);
    check(commands.findIndex((one) => one.command === command) === index, `${command} is there twice`);
  }
  check((oauth_config?.scopes?.bot?.length ?? 0) <= LIMITS.scopes, 'there are too many scopes');
  check(
    (settings?.event_subscriptions?.bot_events?.length ?? 0) <= LIMITS.events,
    'there are too many events',
  );
  const urls = [
    ...(oauth_config?.redirect_urls ?? []),
    ...commands.map(({ url }) => url),
    settings?.event_subscriptions?.request_url,
    settings?.interactivity?.request_url,
  ];
  const bad = urls.find((url) => url !== undefined && !url.startsWith('https://'));
  check(bad === undefined, `${bad} must begin with https://`);
  return problems;
}

/**
 * The app's manifest, made from the commands' declarations.
 * @throws Error that names everything that Slack would refuse
 */
export function slackManifest(
  declarations: readonly CommandDeclaration[],
  { prefix, publicUrl }: ManifestOptions,
): SlackManifest {
  const http = publicUrl !== undefined;
  const events = http ? `${publicUrl}${EVENTS_PATH}` : undefined;
  const manifest = {
    _metadata: { major_version: 1, minor_version: 1 },
    display_information: {
      name: 'Reactune',
      description: 'Learns what songs feel like from emoji reactions, and makes playlists of it.',
      long_description:
        'Reactune posts short pieces of music. Members react with an emoji: happy, energetic, angry, tense, sad, ' +
        'nostalgic, calm or tender. From these reactions it learns what every song conveys, and makes playlists for ' +
        'whoever asks: for an emotion, for two at once, or for a journey from one to another.',
      background_color: '#1d1b2e',
    },
    features: {
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: 'reactune', always_online: true },
      slash_commands: [...slashCommands(declarations, prefix, events)],
    },
    oauth_config: {
      ...(http && { redirect_urls: [`${publicUrl}${REDIRECT_PATH}`] }),
      scopes: { bot: [...SCOPE_NAMES] },
    },
    settings: {
      event_subscriptions: { ...(http && { request_url: events }), bot_events: [...EVENTS] },
      interactivity: { is_enabled: true, ...(http && { request_url: events }) },
      // An organisation installs an app for all its workspaces by OAuth, which needs the public address.
      org_deploy_enabled: http,
      socket_mode_enabled: !http,
      // Tokens that expire need a public address and OAuth; these are revoked when the app is removed.
      token_rotation_enabled: false,
    },
  } satisfies SlackManifest;
  const problems = manifestProblems(manifest);
  if (problems.length === 0) return manifest;
  throw new Error(`Slack would refuse this app:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
}
