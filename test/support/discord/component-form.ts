import { ButtonStyle, ComponentType } from 'discord.js';
import { z } from 'zod';
import { customEmojiId, unicodeEmoji } from './emoji.ts';
import { complain, snowflake } from './form.ts';
import { pictureUrl, url } from './url-form.ts';

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

export const componentsSchema = z.array(layoutSchema).superRefine((components, context) => {
  const all = [...flatten(components)];
  if (all.length > 40) complain(context, [], 'BASE_TYPE_BAD_LENGTH', 'at most 40 components in total');
  const ids = all.flatMap((one) => (typeof one.custom_id === 'string' ? [one.custom_id] : []));
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) < index)
      complain(context, [], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
});
