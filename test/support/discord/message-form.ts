import { ButtonStyle, ComponentType, MessageFlags } from 'discord.js';
import { z } from 'zod';
import { customEmojiId, unicodeEmoji } from './emoji.ts';
import { complain, snowflake } from './form.ts';

function url(...schemes: readonly string[]) {
  return z
    .string()
    .max(2048)
    .superRefine((value, context) => {
      const scheme = /^([a-z][a-z0-9+.-]*):\/\/./i.exec(value)?.[1];
      if (scheme === undefined || (scheme !== 'attachment' && !URL.canParse(value)))
        complain(context, [], 'URL_TYPE_INVALID_URL', 'Not a well formed URL.');
      else if (!schemes.includes(scheme))
        complain(
          context,
          [],
          'URL_TYPE_INVALID_SCHEME',
          `Scheme "${scheme}" must be one of (${schemes.map((one) => `'${one}'`).join(', ')}).`,
        );
    });
}

const pageUrl = url('http', 'https');
const pictureUrl = url('http', 'https', 'attachment');

// Lengths are counted in UTF-16 units: never less than the code points that Discord counts.
const embedSchema = z.strictObject({
  type: z.literal('rich').nullish(),
  title: z.string().max(256).nullish(),
  description: z.string().max(4096).nullish(),
  url: pageUrl.nullish(),
  color: z.number().int().min(0).max(0xffffff).nullish(),
  timestamp: z.iso.datetime({ offset: true }).nullish(),
  footer: z.strictObject({ text: z.string().max(2048), icon_url: pictureUrl.nullish() }).nullish(),
  image: z.strictObject({ url: pictureUrl }).nullish(),
  thumbnail: z.strictObject({ url: pictureUrl }).nullish(),
  author: z
    .strictObject({
      name: z.string().min(1).max(256),
      url: pageUrl.nullish(),
      icon_url: pictureUrl.nullish(),
    })
    .nullish(),
  fields: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256),
        value: z.string().min(1).max(1024),
        inline: z.boolean().nullish(),
      }),
    )
    .max(25)
    .nullish(),
});

export type EmbedForm = z.infer<typeof embedSchema>;

function embedSize(embed: EmbedForm): number {
  const texts = [embed.title, embed.description, embed.footer?.text, embed.author?.name];
  for (const field of embed.fields ?? []) texts.push(field.name, field.value);
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

const embedsSchema = z
  .array(embedSchema)
  .max(10)
  .superRefine((embeds, context) => {
    const size = embeds.reduce((sum, embed) => sum + embedSize(embed), 0);
    if (size > 6000)
      complain(context, [], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000');
  });

const componentEmojiSchema = z
  .strictObject({ id: snowflake.nullish(), name: z.string().nullish(), animated: z.boolean().nullish() })
  .superRefine((emoji, context) => {
    const custom = emoji.id ?? (emoji.name == null ? undefined : customEmojiId(emoji.name));
    if (custom == null && unicodeEmoji(emoji.name ?? '') === undefined)
      complain(context, ['name'], 'BUTTON_COMPONENT_INVALID_EMOJI', 'Invalid emoji');
  });

const componentId = z.number().int().min(0).nullish();
const customId = z.string().min(1).max(100);

const buttonSchema = z
  .strictObject({
    type: z.literal(ComponentType.Button),
    id: componentId,
    style: z.number().int().min(ButtonStyle.Primary).max(ButtonStyle.Premium),
    label: z.string().max(80).nullish(),
    emoji: componentEmojiSchema.nullish(),
    custom_id: customId.nullish(),
    sku_id: snowflake.nullish(),
    url: url('http', 'https', 'discord').max(512).nullish(),
    disabled: z.boolean().nullish(),
  })
  .superRefine((button, context) => {
    const link = button.style === ButtonStyle.Link;
    const premium = button.style === ButtonStyle.Premium;
    if (link && button.url == null) complain(context, ['url'], 'BASE_TYPE_REQUIRED', 'A url is required');
    if (!link && button.url != null)
      complain(context, ['url'], 'COMPONENT_URL_NOT_ALLOWED', 'only link buttons have a url');
    if ((link || premium) && button.custom_id != null)
      complain(
        context,
        ['custom_id'],
        'COMPONENT_CUSTOM_ID_NOT_ALLOWED',
        'A custom id and url cannot both be specified',
      );
    if (!link && !premium && button.custom_id == null)
      complain(context, ['custom_id'], 'COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id is required');
    if (premium !== (button.sku_id != null))
      complain(context, ['sku_id'], 'COMPONENT_SKU_ID', 'premium buttons, and only they, have a sku_id');
    if (!premium && !button.label && button.emoji == null)
      complain(context, [], 'BUTTON_COMPONENT_LABEL_REQUIRED', 'A label or an emoji is required');
  });

const stringSelectSchema = z
  .strictObject({
    type: z.literal(ComponentType.StringSelect),
    id: componentId,
    custom_id: customId,
    placeholder: z.string().max(150).nullish(),
    min_values: z.number().int().min(0).max(25).nullish(),
    max_values: z.number().int().min(1).max(25).nullish(),
    disabled: z.boolean().nullish(),
    options: z
      .array(
        z.strictObject({
          label: z.string().min(1).max(100),
          value: z.string().min(1).max(100),
          description: z.string().max(100).nullish(),
          emoji: componentEmojiSchema.nullish(),
          default: z.boolean().nullish(),
        }),
      )
      .min(1)
      .max(25),
  })
  .superRefine(({ options }, context) => {
    if (new Set(options.map(({ value }) => value)).size < options.length)
      complain(
        context,
        ['options'],
        'COMPONENT_OPTION_VALUE_DUPLICATED',
        'The specified option value is already used',
      );
  });

const entitySelectSchema = z.strictObject({
  type: z.number().int().min(ComponentType.UserSelect).max(ComponentType.ChannelSelect),
  id: componentId,
  custom_id: customId,
  placeholder: z.string().max(150).nullish(),
  min_values: z.number().int().min(0).max(25).nullish(),
  max_values: z.number().int().min(1).max(25).nullish(),
  disabled: z.boolean().nullish(),
  channel_types: z.array(z.number().int()).nullish(),
  default_values: z
    .array(z.strictObject({ id: snowflake, type: z.enum(['user', 'role', 'channel']) }))
    .nullish(),
});

const actionRowSchema = z
  .strictObject({
    type: z.literal(ComponentType.ActionRow),
    id: componentId,
    components: z
      .array(z.union([buttonSchema, stringSelectSchema, entitySelectSchema]))
      .min(1)
      .max(5),
  })
  .superRefine(({ components }, context) => {
    const selects = components.filter(({ type }) => type !== ComponentType.Button).length;
    if (selects > 0 && components.length > 1)
      complain(context, ['components'], 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'a select menu takes a whole row');
  });

/** The newer layout components (flag IS_COMPONENTS_V2), as deep as a bot like ours may ever go. */
const layoutSchema: z.ZodType<Record<string, unknown>> = z.lazy(() =>
  z.union([
    actionRowSchema,
    z.strictObject({
      type: z.literal(ComponentType.TextDisplay),
      id: componentId,
      content: z.string().min(1).max(4000),
    }),
    z.strictObject({
      type: z.literal(ComponentType.Separator),
      id: componentId,
      divider: z.boolean().nullish(),
      spacing: z.number().int().min(1).max(2).nullish(),
    }),
    z.strictObject({
      type: z.literal(ComponentType.Section),
      id: componentId,
      components: z.array(layoutSchema).min(1).max(3),
      accessory: z.union([buttonSchema, layoutSchema]),
    }),
    z.strictObject({
      type: z.literal(ComponentType.Thumbnail),
      id: componentId,
      media: z.strictObject({ url: pictureUrl }),
      description: z.string().max(1024).nullish(),
      spoiler: z.boolean().nullish(),
    }),
    z.strictObject({
      type: z.literal(ComponentType.MediaGallery),
      id: componentId,
      items: z
        .array(
          z.strictObject({
            media: z.strictObject({ url: pictureUrl }),
            description: z.string().max(1024).nullish(),
            spoiler: z.boolean().nullish(),
          }),
        )
        .min(1)
        .max(10),
    }),
    z.strictObject({
      type: z.literal(ComponentType.File),
      id: componentId,
      file: z.strictObject({ url: url('attachment') }),
      spoiler: z.boolean().nullish(),
    }),
    z.strictObject({
      type: z.literal(ComponentType.Container),
      id: componentId,
      accent_color: z.number().int().min(0).max(0xffffff).nullish(),
      spoiler: z.boolean().nullish(),
      components: z.array(layoutSchema).min(1),
    }),
  ]),
);

/** Every component of a tree. */
export function* flatten(components: readonly unknown[]): Generator<Record<string, unknown>> {
  for (const component of components as readonly Record<string, unknown>[]) {
    yield component;
    if (Array.isArray(component.components)) yield* flatten(component.components);
    if (typeof component.accessory === 'object') yield* flatten([component.accessory]);
  }
}

const componentsSchema = z.array(layoutSchema).superRefine((components, context) => {
  const all = [...flatten(components)];
  if (all.length > 40) complain(context, [], 'BASE_TYPE_BAD_LENGTH', 'at most 40 components in total');
  const ids = all.flatMap((one) => (typeof one.custom_id === 'string' ? [one.custom_id] : []));
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) < index)
      complain(context, [], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
});

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

/** An interaction's first answer (callback type 4). */
export const responseSchema = z.strictObject({
  ...common,
  ...superfluous,
  tts: z.boolean().nullish(),
  flags: flags(...RESPONSE_FLAGS),
});

/** A follow-up through the interaction's webhook. */
export const followUpSchema = responseSchema;

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
