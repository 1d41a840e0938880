import type { CommunityId, IdentityId } from '../../domain/member.ts';
import type { Message, MessageFile } from '../message.ts';
import { ChatError } from '../platform.ts';
import type { Desk } from './desk.ts';
import { asChatError, codeOf } from './errors.ts';
import type { Spot } from './messenger.ts';
import type { Workspace } from './workspaces.ts';

const PERSON = /^slack:(\w+):([UW]\w+)$/;

/** Slack's words for somebody who cannot be written to. */
const OUT_OF_REACH = [
  'app_access_restricted',
  'cannot_dm_bot',
  'channel_not_found',
  'messages_tab_disabled',
  'restricted_action',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
];

/** Where somebody can be written to: where it is about, or at home. @throws ChatError */
async function workspaceFor(
  { workspaces, people }: Desk,
  [team, userId]: readonly [string, string],
  communityId: CommunityId | undefined,
): Promise<Workspace | undefined> {
  const about = communityId?.replace(/^slack:/, '');
  for (const id of new Set([about ?? team, team])) {
    const workspace = workspaces.get(id);
    if (!workspace) continue;
    try {
      const { kind, foreign } = await people.certain(workspace, userId);
      if (kind === 'person' && !foreign) return workspace;
    } catch (error) {
      throw asChatError(error, { what: 'look somebody up', where: `“${workspace.name}”` });
    }
  }
  return undefined;
}

/** Below what was said; what was said stands without them too. */
async function attach(
  { uploads, log }: Desk,
  workspace: Workspace,
  files: readonly MessageFile[],
  { channel }: Spot,
): Promise<void> {
  if (files.length === 0) return;
  try {
    const stored = await Promise.all(
      files.map(({ name, content }) =>
        uploads.store(workspace, { name, data: Buffer.from(content, 'utf8') }),
      ),
    );
    await uploads.show(workspace, stored, { channel });
  } catch (err) {
    log.warn({ err, team: workspace.id }, 'files could not be sent');
  }
}

/**
 * Writes in the conversation of the bot and one person. Slack itself says which workspace a button there is about.
 * @returns where it stands; undefined if there is nobody, or they cannot be written to
 * @throws ChatError
 */
export async function tell(
  desk: Desk,
  identity: IdentityId,
  message: Message,
  communityId: CommunityId | undefined,
): Promise<{ readonly workspace: Workspace; readonly spot: Spot } | undefined> {
  const { messenger, log } = desk;
  const [, team, userId] = PERSON.exec(identity) ?? [];
  if (team === undefined || userId === undefined) return undefined;
  const workspace = await workspaceFor(desk, [team, userId], communityId);
  if (!workspace) return undefined;
  // There is nobody else to be addressed.
  const { addressee: _addressee, ...alone } = message;
  try {
    const spot = await messenger.post(workspace, userId, alone);
    await attach(desk, workspace, message.files ?? [], spot);
    return { workspace, spot };
  } catch (error) {
    const code = codeOf(error instanceof ChatError ? error.cause : error);
    if (code === undefined || !OUT_OF_REACH.includes(code)) throw error;
    log.info({ err: error, team: workspace.id }, 'somebody could not be told something');
    return undefined;
  }
}
