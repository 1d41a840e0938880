import { ChatError } from '../platform.ts';

/** A call that did not work: `refused` by Slack with a code of its own, `limited`, or without an answer. */
export class SlackFailure extends Error {
  readonly kind: 'refused' | 'limited' | 'unreachable';
  /** Slack's own code: `channel_not_found`. */
  readonly code: string;
  /** The scope that is missing. */
  readonly needed: string | undefined;
  constructor(
    kind: SlackFailure['kind'],
    method: string,
    { code = '', needed, cause }: { code?: string; needed?: string; cause?: unknown } = {},
  ) {
    super(`${method}: ${code === '' ? kind : code}`, { cause });
    this.name = 'SlackFailure';
    this.kind = kind;
    this.code = code;
    this.needed = needed;
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof SlackFailure && error.kind === 'refused' ? error.code : undefined;
}

/** The message is not there any more. */
export const isGone = (error: unknown) =>
  ['message_not_found', 'no_item_specified', 'bad_timestamp'].includes(codeOf(error) ?? '');

/** Slack counts the length of messages in ways that it tells nobody. */
export const isTooLong = (error: unknown) =>
  ['msg_too_long', 'msg_blocks_too_long'].includes(codeOf(error) ?? '');

/** The bot is not in the channel, or does not see it at all. */
export const isOutside = (error: unknown) =>
  ['not_in_channel', 'channel_not_found', 'user_not_in_channel'].includes(codeOf(error) ?? '');

const DEAD = [
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
  'org_login_required',
];

/** The token opens nothing any more. */
export const isTokenDead = (error: unknown) => DEAD.includes(codeOf(error) ?? '');

/** What was being done, for the sentence to the operator. */
export interface Doing {
  /** Continues “I could not …”. */
  readonly what: string;
  /** Where, for people: `<#C1> of “Choir”`. */
  readonly where?: string;
}

const CHOOSE = 'choose another channel with /settings.';
const INVALID_BOT_TOKEN =
  'SLACK_BOT_TOKEN is not valid, or the app was removed: copy the “Bot User OAuth Token” (xoxb-…) from “OAuth & Permissions” of your app at https://api.slack.com/apps.';
const INVALID_APP_TOKEN =
  'SLACK_APP_TOKEN is not valid: make one with the scope connections:write under “Basic Information” → “App-Level Tokens” (xapp-…) of your app at https://api.slack.com/apps.';

const UNREACHABLE = 'Check this machine’s connection to the internet, and https://slack-status.com.';

/** Slack's codes by what can be done about them. */
const SENTENCES: Readonly<Record<string, readonly ['gone' | 'forbidden' | 'limited', string]>> = {
  message_not_found: ['gone', 'the message was deleted.'],
  cant_update_message: ['gone', 'the message is not mine, or it is gone.'],
  channel_not_found: [
    'forbidden',
    `the channel is gone, or it is private and I am not in it. A member can add me there with /invite, or ${CHOOSE}`,
  ],
  not_in_channel: [
    'forbidden',
    `I am not in that channel. A member can add me there with /invite, or ${CHOOSE}`,
  ],
  is_archived: ['gone', `the channel is archived. Open it again, or ${CHOOSE}`],
  restricted_action_read_only_channel: ['forbidden', `only some people may post in that channel; ${CHOOSE}`],
  restricted_action: ['forbidden', 'a workspace setting does not let me. A workspace admin can change it.'],
  restricted_action_thread_locked: ['forbidden', 'the thread is locked.'],
  thread_locked: ['forbidden', 'the thread is locked.'],
  edit_window_closed: ['forbidden', 'this workspace lets nobody change messages that old.'],
  cant_delete_message: ['forbidden', 'the message is not mine to delete.'],
  too_many_emoji: ['limited', 'Slack takes no more different emoji on that message.'],
  too_many_reactions: ['limited', 'Slack takes no more of my emoji on that message.'],
  messages_tab_disabled: [
    'forbidden',
    'direct messages are switched off for this app: switch on “Messages Tab” in its “App Home”.',
  ],
  team_access_not_granted: ['forbidden', 'the organisation did not give the app access to this workspace.'],
};

/** Whatever went wrong with Slack, as the one kind of error that the port knows. */
export function asChatError(error: unknown, { what, where }: Doing): ChatError {
  if (error instanceof ChatError) return error;
  const cause = { cause: error };
  const could = `I could not ${what}${where === undefined ? '' : ` in ${where}`}`;
  if (!(error instanceof SlackFailure)) {
    return new ChatError(
      'unreachable',
      `${could}: ${error instanceof Error ? error.message : 'no reason given'}`,
      cause,
    );
  }
  if (error.kind === 'unreachable') {
    return new ChatError('unreachable', `Slack cannot be reached: ${could}. ${UNREACHABLE}`, cause);
  }
  if (error.kind === 'limited') {
    return new ChatError('limited', `Slack asks for fewer requests: ${could} just now.`, cause);
  }
  const known = Object.hasOwn(SENTENCES, error.code) ? SENTENCES[error.code] : undefined;
  if (known) return new ChatError(known[0], `${could}: ${known[1]}`, cause);
  if (error.code === 'missing_scope') {
    return new ChatError(
      'forbidden',
      `${could}: the app lacks the scope ${error.needed ?? 'for it'}. Update its manifest (reactune slack-manifest) at https://api.slack.com/apps and install it again.`,
      cause,
    );
  }
  if (isTokenDead(error)) {
    return new ChatError(
      'forbidden',
      `${could}: the app was removed from the workspace, or its token was revoked. Install it again.`,
      cause,
    );
  }
  return new ChatError(
    'forbidden',
    `Slack did not let me ${what}${where === undefined ? '' : ` in ${where}`}: ${error.code}.`,
    cause,
  );
}

/** Why the bot could not connect. */
export function asStartError(error: unknown, of: 'bot' | 'app'): ChatError {
  if (error instanceof ChatError) return error;
  const cause = { cause: error };
  if (isTokenDead(error) || codeOf(error) === 'not_allowed_token_type') {
    return new ChatError('forbidden', of === 'bot' ? INVALID_BOT_TOKEN : INVALID_APP_TOKEN, cause);
  }
  if (codeOf(error) === 'forbidden_team') {
    return new ChatError(
      'forbidden',
      'Socket Mode is switched off: switch it on under “Socket Mode” of your app at https://api.slack.com/apps.',
      cause,
    );
  }
  if (codeOf(error) === 'missing_scope') {
    return new ChatError('forbidden', of === 'bot' ? INVALID_BOT_TOKEN : INVALID_APP_TOKEN, cause);
  }
  if (error instanceof SlackFailure && error.kind === 'refused') {
    return new ChatError('forbidden', `Slack refuses the bot: ${error.code}.`, cause);
  }
  return new ChatError('unreachable', `Slack cannot be reached. ${UNREACHABLE}`, cause);
}
