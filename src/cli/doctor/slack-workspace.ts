import { z } from 'zod';
import { NEEDED_SCOPES } from '../../chat/slack/scopes.ts';
import type { Community } from '../../domain/member.ts';
import { plainText } from '../plain-text.ts';
import { openSlackApi, refusalCode, type SlackAnswer, type SlackApi, slackProblem } from '../slack-api.ts';
import { type Finding, fine, note, wrong } from './check.ts';

const whoForm = z.object({
  team: z.string(),
  team_id: z.string(),
  user: z.string(),
  bot_id: z.string().optional(),
  is_enterprise_install: z.boolean().optional(),
});
const channelForm = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_archived: z.boolean().optional(),
    is_member: z.boolean().optional(),
    is_private: z.boolean().optional(),
    is_read_only: z.boolean().optional(),
    is_im: z.boolean().optional(),
  }),
});

const MANIFEST =
  'paste the manifest again (npm run reactune -- slack-manifest) at api.slack.com/apps → your app → App Manifest, then install the app again';

/** Whether the token may do all that the bot needs. */
function scopeFindings(where: string, { scopes }: SlackAnswer): readonly Finding[] {
  // Some emulators do not say.
  if (scopes.length === 0) return [note(`${where}: Slack does not say which scopes the token has`)];
  const missing = NEEDED_SCOPES.filter(({ name }) => !scopes.includes(name));
  if (missing.length === 0) return [fine(`${where}: all ${NEEDED_SCOPES.length} scopes are granted`)];
  return missing.map(({ name, what }) => wrong(`${where}: the scope ${name} is missing (${what})`, MANIFEST));
}

/** Looks at the channel that a workspace has chosen for its snippets. */
async function channelFinding(api: SlackApi, where: string, chosen: string | undefined): Promise<Finding> {
  if (chosen === undefined) {
    return note(`${where}: no channel chosen yet`, 'a moderator sends /settings there and chooses a channel');
  }
  let answer: SlackAnswer;
  try {
    answer = await api('conversations.info', { channel: chosen });
  } catch (error) {
    const code = refusalCode(error);
    if (code === 'missing_scope') {
      return note(`${where}: the chosen channel cannot be looked at without channels:read and groups:read`);
    }
    if (code !== 'channel_not_found') throw error;
    return wrong(
      `${where}: the chosen channel (${plainText(chosen)}) is gone, or is a private one that the bot is not in`,
      'invite it there with /invite @Reactune, or choose another channel with /settings',
    );
  }
  const { channel } = channelForm.parse(answer.body);
  const name = `${where}, #${plainText(channel.name ?? chosen)}`;
  if (channel.is_im) return wrong(`${name}: that is a direct message`, 'choose a channel with /settings');
  if (channel.is_archived) {
    return wrong(`${name}: the channel is archived`, 'unarchive it, or choose another with /settings');
  }
  if (channel.is_read_only) {
    return note(`${name}: only some people may post there`, 'allow the bot in the settings of the channel');
  }
  if (channel.is_member === false) {
    return channel.is_private
      ? wrong(`${name}: the bot is not in it`, 'send /invite @Reactune there')
      : note(`${name}: the bot is not in it yet; it joins by itself when it posts the next snippet`);
  }
  return fine(`${name}: the bot is in it`);
}

export interface WorkspaceToken {
  readonly token: string;
  readonly apiUrl: string;
  /** The token in words, for a sentence about it. */
  readonly whose: string;
  /** What to do when it is no good. */
  readonly revoked?: string;
  /** As a running or stopped bot has written them down. */
  readonly communities: readonly Community[];
}

/** What one token opens: which workspace, with which scopes, and whether the bot can post there. */
export async function lookAtWorkspace(options: WorkspaceToken): Promise<readonly Finding[]> {
  const api = openSlackApi(options.token, options.apiUrl);
  const found: Finding[] = [];
  try {
    const answer = await api('auth.test');
    const { team, team_id, user, bot_id, is_enterprise_install } = whoForm.parse(answer.body);
    const where = `Workspace ${plainText(team)}`;
    if (bot_id === undefined) {
      return [wrong(`${where}: ${options.whose} belongs to a person`, "use the bot's token (xoxb-…)")];
    }
    found.push(fine(`${where} (${team_id}): ${options.whose} is valid, of the bot ${plainText(user)}`));
    found.push(...scopeFindings(where, answer));
    if (is_enterprise_install) {
      found.push(note(`${where}: installed for the whole organisation; its channels are not looked at here`));
      return found;
    }
    const community = options.communities.find(({ id }) => id === `slack:${team_id}`);
    found.push(await channelFinding(api, where, community?.settings.channel));
  } catch (error) {
    const problem = slackProblem(error, options);
    if (problem === undefined) throw error;
    found.push(wrong(problem.what, problem.fix));
  }
  return found;
}
