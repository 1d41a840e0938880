import { MessageFlags } from 'discord.js';
import { z } from 'zod';
import { componentsSchema } from './component-form.ts';
import { type EmbedForm, embedsSchema } from './embed-form.ts';
import { complain, snowflake } from './form.ts';

const mentionsSchema = z
  .strictObject({
    parse: z.array(z.enum(['roles', 'users', 'everyone'])).nullish(),
    roles: z.array(snowflake).max(100).nullish(),
    users: z.array(snowflake).max(100).nullish(),
    replied_user: z.boolean().nullish(),
  })
  .superRefine(({ parse, roles, users }, context) => {
    if ((parse?.includes('roles') && roles?.length) || (parse?.includes('users') && users?.length))
      complain(
        context,
        ['parse'],
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        'parse:["users"] and users: [ids...] are mutually exclusive.',
      );
  });

const attachmentSchema = z.strictObject({
  id: z.union([snowflake, z.number().int().min(0)]).transform(String),
  filename: z.string().min(1).max(1024).nullish(),
  title: z.string().max(1024).nullish(),
  description: z.string().max(1024).nullish(),
  duration_secs: z.number().min(0).nullish(),
  waveform: z.string().max(400).nullish(),
  is_spoiler: z.boolean().nullish(),
  is_remix: z.boolean().nullish(),
});

const common = {
  content: z.string().max(2000).nullish(),
  embeds: embedsSchema.nullish(),
  components: componentsSchema.nullish(),
  allowed_mentions: mentionsSchema.nullish(),
  attachments: z.array(attachmentSchema).max(10).nullish(),
};

/** What may be set depends on where a message is written. Polls and stickers are not offered here. */
function flags(...allowed: readonly MessageFlags[]) {
  const mask = allowed.reduce((all, flag) => all | flag, 0);
  return z
    .number()
    .int()
    .min(0)
    .superRefine((value, context) => {
      if ((value & ~mask) !== 0)
        complain(context, [], 'BITFIELD_NOT_ALLOWED', `the flags ${value & ~mask} cannot be set here`);
    })
    .nullish();
}

export const createMessageSchema = z.strictObject({
  ...common,
  tts: z.boolean().nullish(),
  nonce: z.union([z.string().max(25), z.number().int()]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  message_reference: z
    .strictObject({
      type: z.literal(0).nullish(),
      message_id: snowflake,
      channel_id: snowflake.nullish(),
      guild_id: snowflake.nullish(),
      fail_if_not_exists: z.boolean().nullish(),
    })
    .nullish(),
  flags: flags(
    MessageFlags.SuppressEmbeds,
    MessageFlags.SuppressNotifications,
    MessageFlags.IsVoiceMessage,
    MessageFlags.IsComponentsV2,
  ),
});

/** What an edit has no use for, but discord.js sends along all the same. */
const superfluous = {
  tts: z.literal(false).nullish(),
  enforce_nonce: z.literal(false).nullish(),
};

export const editMessageSchema = z.strictObject({
  ...common,
  ...superfluous,
  flags: flags(MessageFlags.SuppressEmbeds, MessageFlags.IsComponentsV2),
});

const RESPONSE_FLAGS = [
  MessageFlags.SuppressEmbeds,
  MessageFlags.SuppressNotifications,
  MessageFlags.Ephemeral,
  MessageFlags.IsVoiceMessage,
  MessageFlags.IsComponentsV2,
] as const;

/** An interaction's first answer (callback type 4), and each follow-up through its webhook. */
export const responseSchema = z.strictObject({
  ...common,
  ...superfluous,
  tts: z.boolean().nullish(),
  flags: flags(...RESPONSE_FLAGS),
});

/** The body of a deferred answer (callback type 5). */
export const deferSchema = z.strictObject({ flags: flags(MessageFlags.Ephemeral) }).nullish();

/** Everything that any of the schemas above lets through. */
export interface MessageForm {
  readonly content?: string | null;
  readonly embeds?: EmbedForm[] | null;
  readonly components?: Record<string, unknown>[] | null;
  readonly attachments?: z.infer<typeof attachmentSchema>[] | null;
  readonly flags?: number | null;
}
