import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionType,
  PermissionFlagsBits,
} from 'discord.js';
import { z } from 'zod';
import type { CommunityId } from '../../domain/member.ts';
import type { Asker, OptionValue } from '../platform.ts';

const user = z.object({ id: z.string(), username: z.string(), global_name: z.string().nullish() });
const member = z.object({
  user,
  nick: z.string().nullish(),
  roles: z.array(z.string()),
  permissions: z.string().regex(/^\d+$/),
});
const option = z.object({
  name: z.string(),
  type: z.number(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  focused: z.boolean().optional(),
});
const base = z.object({
  id: z.string(),
  application_id: z.string(),
  token: z.string(),
  guild_id: z.string().optional(),
  channel_id: z.string().optional(),
  member: member.optional(),
  /** Instead of the member, outside of a server. */
  user: user.optional(),
  attachment_size_limit: z.number().optional(),
});
const command = z.object({ name: z.string(), options: z.array(option).default([]) });

const chatCommand = base.extend({
  type: z.literal(InteractionType.ApplicationCommand),
  data: command.extend({ type: z.literal(ApplicationCommandType.ChatInput) }),
});
const halfTyped = base.extend({
  type: z.literal(InteractionType.ApplicationCommandAutocomplete),
  data: command,
});
const buttonPress = base.extend({
  type: z.literal(InteractionType.MessageComponent),
  data: z.object({ custom_id: z.string() }),
});
const interaction = z.discriminatedUnion('type', [chatCommand, halfTyped, buttonPress]);

export type Command = z.infer<typeof chatCommand>;
export type HalfTyped = z.infer<typeof halfTyped>;
export type ButtonPress = z.infer<typeof buttonPress>;
export type Interaction = Command | HalfTyped | ButtonPress;
type Option = z.infer<typeof option>;

/** An interaction of a kind that this bot offers; undefined for any other. */
export function readInteraction(payload: unknown): Interaction | undefined {
  const parsed = interaction.safeParse(payload);
  return parsed.success ? parsed.data : undefined;
}

export interface InteractionPlace {
  readonly communityId: CommunityId;
  readonly channel: string;
  readonly asker: Asker;
  readonly userId: string;
  readonly server: string;
}

/** Where and by whom; undefined outside of a server. */
export function placeOfInteraction({
  guild_id,
  channel_id,
  member,
}: Interaction): InteractionPlace | undefined {
  if (guild_id === undefined || channel_id === undefined || member === undefined) return undefined;
  const permissions = BigInt(member.permissions);
  const moderates = PermissionFlagsBits.ManageGuild | PermissionFlagsBits.Administrator;
  const asker: Asker = {
    identity: `discord:${member.user.id}`,
    name: member.nick ?? member.user.global_name ?? member.user.username,
    platformModerator: (permissions & moderates) !== 0n,
    groups: member.roles,
  };
  return {
    communityId: `discord:${guild_id}`,
    channel: channel_id,
    asker,
    userId: member.user.id,
    server: guild_id,
  };
}

/** Options by name. People are identities, channels and roles their ids. */
export function optionsOf(options: readonly Option[]): Readonly<Record<string, OptionValue>> {
  return Object.fromEntries(
    options.flatMap(({ name, type, value }) => {
      if (value === undefined) return [];
      return [[name, type === ApplicationCommandOptionType.User ? `discord:${value}` : value]];
    }),
  );
}
