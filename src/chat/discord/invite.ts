import { PermissionFlagsBits, PermissionsBitField } from 'discord.js';

/** What the bot needs on a server, in the words of Discord's own settings. docs/discord.md says what for. */
export const NEEDED_PERMISSIONS = [
  { bit: PermissionFlagsBits.ViewChannel, name: 'View Channel' },
  { bit: PermissionFlagsBits.SendMessages, name: 'Send Messages' },
  { bit: PermissionFlagsBits.EmbedLinks, name: 'Embed Links' },
  { bit: PermissionFlagsBits.AttachFiles, name: 'Attach Files' },
  { bit: PermissionFlagsBits.AddReactions, name: 'Add Reactions' },
  { bit: PermissionFlagsBits.ReadMessageHistory, name: 'Read Message History' },
  { bit: PermissionFlagsBits.UseExternalEmojis, name: 'Use External Emojis' },
] as const;

const NEEDED_BITS = NEEDED_PERMISSIONS.reduce((bits, { bit }) => bits | bit, 0n);

/** Where somebody who manages a server adds the bot, with exactly what it needs. */
export function inviteLink(applicationId: string): string {
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: 'bot applications.commands',
    permissions: String(NEEDED_BITS),
  });
  return `https://discord.com/oauth2/authorize?${query}`;
}

/** A channel's own rule for a role or a member. `type`: 0 role, 1 member. */
export interface Overwrite {
  readonly id: string;
  readonly type: number;
  readonly allow: string;
  readonly deny: string;
}

export interface BotInChannel {
  /** What the bot may do on the server as a whole: its roles' permissions together. */
  readonly base: string;
  readonly guildId: string;
  readonly botId: string;
  /** The bot's, without @everyone. */
  readonly roles: readonly string[];
  readonly overwrites: readonly Overwrite[];
  /** In a thread, `Send Messages in Threads` takes the place of `Send Messages`. */
  readonly thread?: boolean;
}

/**
 * What the bot may do in a channel, by Discord's order: @everyone, roles together, the member itself. What follows
 * from a missing one (who cannot see a channel can do nothing there) is left out: this is what has to be ticked.
 * @see https://docs.discord.com/developers/topics/permissions#permission-overwrites
 */
function permissionsIn({ base, guildId, botId, roles, overwrites }: BotInChannel): bigint {
  let bits = BigInt(base);
  if (bits & PermissionFlagsBits.Administrator) return PermissionsBitField.All;
  const apply = (some: readonly Overwrite[]) => {
    const deny = some.reduce((all, one) => all | BigInt(one.deny), 0n);
    const allow = some.reduce((all, one) => all | BigInt(one.allow), 0n);
    bits = (bits & ~deny) | allow;
  };
  apply(overwrites.filter(({ id }) => id === guildId));
  apply(overwrites.filter(({ id, type }) => type === 0 && id !== guildId && roles.includes(id)));
  apply(overwrites.filter(({ id, type }) => type === 1 && id === botId));
  return bits;
}

/** Names of the permissions that the bot lacks in a channel. */
export function missingPermissions(where: BotInChannel): readonly string[] {
  const held = permissionsIn(where);
  return NEEDED_PERMISSIONS.map(({ bit, name }) =>
    where.thread && bit === PermissionFlagsBits.SendMessages
      ? { bit: PermissionFlagsBits.SendMessagesInThreads, name: 'Send Messages in Threads' }
      : { bit, name },
  )
    .filter(({ bit }) => (held & bit) === 0n)
    .map(({ name }) => name);
}
