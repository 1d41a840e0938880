import { type APIEmbed, MessageFlags } from 'discord.js';
import { flatten } from './component-form.ts';
import { messagePayload } from './payloads.ts';
import type { Component, Message, World } from './world.ts';

export interface SeenButton {
  readonly label: string;
  readonly customId?: string;
  readonly url?: string;
  readonly disabled: boolean;
}

export interface SeenReaction {
  readonly emoji: string;
  readonly count: number;
  /** Names, in the order in which they reacted. */
  readonly people: readonly string[];
}

/** A message as somebody looks at it. */
export interface SeenMessage {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly embeds: readonly APIEmbed[];
  readonly buttons: readonly SeenButton[];
  readonly components: readonly Component[];
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly description?: string;
    readonly url: string;
    readonly data: Buffer;
  }[];
  readonly reactions: readonly SeenReaction[];
  /** «Only you can see this.» */
  readonly ephemeral: boolean;
  /** «Reactune is thinking …» */
  readonly thinking: boolean;
  readonly edited: boolean;
}

export function seen(message: Message, world: World): SeenMessage {
  const drawn = messagePayload(message, world);
  const buttons = [...flatten(message.components)].filter((one) => one.type === 2) as Component[];
  return {
    id: message.id,
    author: message.author.username,
    text: message.content,
    embeds: drawn.embeds,
    buttons: buttons.map((button) => ({
      label: button.label ?? '',
      disabled: button.disabled === true,
      ...(button.custom_id != null && { customId: button.custom_id }),
      ...(button.url != null && { url: button.url }),
    })),
    components: message.components,
    attachments: message.attachments.map((one) => ({
      filename: one.filename,
      contentType: one.contentType,
      data: one.data,
      url: `${world.origin}/attachments/${message.channel.id}/${one.id}/${encodeURIComponent(one.filename)}`,
      ...(one.description !== undefined && { description: one.description }),
    })),
    reactions: [...message.reactions.values()].map(({ emoji, normal, burst }) => ({
      emoji: emoji.id === null ? emoji.name : `<:${emoji.name}:${emoji.id}>`,
      count: normal.size + burst.size,
      people: [...normal, ...burst].map((id) => world.users.get(id)?.username ?? id),
    })),
    ephemeral: message.ephemeralFor !== undefined,
    thinking: (message.flags & MessageFlags.Loading) !== 0,
    edited: message.editedAt !== undefined,
  };
}
