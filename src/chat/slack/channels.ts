import { z } from 'zod';
import type { Api } from './api.ts';
import { codeOf } from './errors.ts';
import type { Workspace } from './workspaces.ts';

const words = {
  unseen: (channel: string) =>
    `I cannot see the channel <#${channel}>: it is private and I am not in it, or it is gone. Send */invite @Reactune* there, then choose it again.`,
  archived: (channel: string) =>
    `The channel <#${channel}> is archived. Open it again, or choose another channel.`,
};

const listed = z.object({
  channels: z.array(z.object({ id: z.string(), name: z.string().optional() })),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
const info = z.object({ channel: z.object({ is_archived: z.boolean().optional() }) });

/** Pages looked through for a channel's name. */
const MOST_PAGES = 5;

/** Id of a public channel by its name. @throws SlackFailure */
export async function findChannel(api: Api, workspace: Workspace, name: string): Promise<string | undefined> {
  let cursor = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const args = { limit: 1000, exclude_archived: true, ...(cursor !== '' && { cursor }) };
    const found = listed.parse(await api.call(workspace, 'conversations.list', args, { urgent: true }));
    const channel = found.channels.find((one) => one.name === name);
    cursor = found.response_metadata?.next_cursor ?? '';
    if (channel || cursor === '') return channel?.id;
  }
  return undefined;
}

/**
 * Why the bot could not write there, in a sentence for whoever chose it: better now than when the first snippet is due.
 * A public channel it enters by itself.
 */
export async function channelProblem(
  api: Api,
  workspace: Workspace,
  channel: string,
): Promise<string | undefined> {
  if (!/^[CG][A-Z0-9]+$/.test(channel)) return undefined;
  try {
    const answer = await api.call(workspace, 'conversations.info', { channel }, { urgent: true });
    return info.parse(answer).channel.is_archived ? words.archived(channel) : undefined;
  } catch (error) {
    // Whatever else it is, such as a missing scope, shows when something is posted.
    return codeOf(error) === 'channel_not_found' ? words.unseen(channel) : undefined;
  }
}
