import { z } from 'zod';
import { complain } from './form.ts';
import { pageUrl, pictureUrl } from './url-form.ts';

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

export const embedsSchema = z
  .array(embedSchema)
  .max(10)
  .superRefine((embeds, context) => {
    const size = embeds.reduce((sum, embed) => sum + embedSize(embed), 0);
    if (size > 6000)
      complain(context, [], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000');
  });
