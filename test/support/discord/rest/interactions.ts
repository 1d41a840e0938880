import {
  InteractionResponseType as Callback,
  InteractionType,
  MessageFlags,
  MessageType,
  RESTJSONErrorCodes,
} from 'discord.js';
import { z } from 'zod';
import { compose } from '../compose.ts';
import { FormErrors, refuse } from '../errors.ts';
import { parseForm } from '../form.ts';
import type { Interaction } from '../interactions.ts';
import { addMessage, deleteMessage, updateMessage } from '../message-changes.ts';
import { deferSchema, editMessageSchema, type MessageForm, responseSchema } from '../message-form.ts';
import { messagePayload } from '../payloads.ts';
import type { Message, World } from '../world.ts';
import { NO_CONTENT, ok, param, type RestAnswer, type RestRequest, type Route } from './route.ts';

const choicesSchema = z.strictObject({
  choices: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        name_localizations: z.record(z.string(), z.string()).nullish(),
        value: z.union([z.string().min(1).max(100), z.number()]),
      }),
    )
    .max(25),
});

const modalSchema = z.strictObject({
  custom_id: z.string().min(1).max(100),
  title: z.string().min(1).max(45),
  components: z
    .array(z.looseObject({ type: z.number().int() }))
    .min(1)
    .max(5),
});

const callbackSchema = z.strictObject({ type: z.number().int(), data: z.unknown().optional() });

const MAX_FOLLOW_UPS_WITHOUT_INSTALL = 5;

function answer(
  request: RestRequest,
  interaction: Interaction,
  form: MessageForm,
  options: { readonly ephemeral: boolean; readonly loading?: boolean; readonly followUp?: boolean },
): Message {
  const { world, files } = request;
  const draft = options.loading
    ? { content: '', embeds: [], components: [], attachments: [], flags: MessageFlags.Loading }
    : compose(world, form, files);
  const flags = (draft.flags & ~MessageFlags.Ephemeral) | (options.ephemeral ? MessageFlags.Ephemeral : 0);
  const message: Message = {
    ...draft,
    flags,
    id: world.newId(),
    channel: interaction.channel,
    author: world.bot,
    type:
      interaction.type === InteractionType.ApplicationCommand && !options.followUp
        ? MessageType.ChatInputCommand
        : MessageType.Reply,
    editedAt: undefined,
    reactions: new Map(),
    interactionId: interaction.id,
    ...(options.ephemeral && { ephemeralFor: interaction.user.id }),
  };
  return message;
}

function edit(request: RestRequest, message: Message, form: MessageForm): void {
  const { world, files } = request;
  const sticky = message.flags & MessageFlags.Ephemeral;
  const before = { ...message, flags: message.flags & ~(MessageFlags.Loading | MessageFlags.Ephemeral) };
  const draft = compose(world, form, files, before);
  const wasLoading = (message.flags & MessageFlags.Loading) !== 0;
  Object.assign(message, draft, { flags: draft.flags | sticky });
  // Filling in a deferred answer is no edit in Discord's eyes.
  if (!wasLoading) message.editedAt = world.clock.now();
  updateMessage(world, message);
}

function isComponent(interaction: Interaction): boolean {
  return interaction.type === InteractionType.MessageComponent || interaction.source !== undefined;
}

function wrongType(type: number): never {
  const errors = new FormErrors();
  errors.add(['type'], 'INTERACTION_CALLBACK_TYPE', `callback type ${type} does not fit this interaction`);
  errors.throwIfAny();
  throw new Error('unreachable');
}

/** What each type of callback does. The interaction counts as acknowledged only if it was not refused. */
function acknowledge(request: RestRequest, interaction: Interaction, type: number, data: unknown): void {
  const completing = interaction.type === InteractionType.ApplicationCommandAutocomplete;
  if (completing !== (type === Callback.ApplicationCommandAutocompleteResult)) wrongType(type);
  const { world } = request;
  switch (type) {
    case Callback.ChannelMessageWithSource: {
      const form = parseForm(responseSchema, data ?? {});
      const ephemeral = ((form.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
      interaction.original = answer(request, interaction, form, { ephemeral });
      addMessage(world, interaction.original);
      return;
    }
    case Callback.DeferredChannelMessageWithSource: {
      const form = parseForm(deferSchema, data);
      const ephemeral = ((form?.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
      interaction.original = answer(request, interaction, {}, { ephemeral, loading: true });
      interaction.loading = true;
      addMessage(world, interaction.original);
      return;
    }
    case Callback.DeferredMessageUpdate:
      if (!isComponent(interaction)) wrongType(type);
      interaction.original = interaction.source;
      return;
    case Callback.UpdateMessage:
      if (!isComponent(interaction) || interaction.source === undefined) wrongType(type);
      else edit(request, interaction.source, parseForm(editMessageSchema, data ?? {}));
      interaction.original = interaction.source;
      return;
    case Callback.ApplicationCommandAutocompleteResult:
      interaction.choices = parseForm(choicesSchema, data).choices;
      return;
    case Callback.Modal:
      if (interaction.type === InteractionType.ModalSubmit) wrongType(type);
      interaction.modal = parseForm(modalSchema, data);
      return;
    default:
      // Pong (1) answers a ping, which only an HTTP endpoint ever gets; the rest needs what this bot has not.
      wrongType(type);
  }
}

function callbackBody(world: World, interaction: Interaction, type: number): object {
  const { original } = interaction;
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      ...(original && {
        response_message_id: original.id,
        response_message_loading: interaction.loading,
        response_message_ephemeral: original.ephemeralFor !== undefined,
      }),
    },
    ...(type !== Callback.Modal && {
      resource: { type, ...(original && { message: messagePayload(original, world) }) },
    }),
  };
}

function callback(request: RestRequest): RestAnswer {
  const { world, interactions } = request;
  const interaction = interactions.toAcknowledge(
    param(request, 'interaction_id'),
    param(request, 'interaction_token'),
  );
  const { type, data } = parseForm(callbackSchema, request.body);
  acknowledge(request, interaction, type, data);
  interaction.acknowledgedAt = world.clock.now();
  interaction.callback = type;
  world.wake();
  if (request.query.get('with_response') === 'true') return ok(callbackBody(world, interaction, type));
  return NO_CONTENT;
}

function behindWebhook(request: RestRequest): Interaction {
  return request.interactions.behindWebhook(param(request, 'webhook_id'), param(request, 'webhook_token'));
}

function followUp(request: RestRequest): RestAnswer {
  const { world } = request;
  const interaction = behindWebhook(request);
  const form = parseForm(responseSchema, request.body ?? {});
  if (interaction.loading && interaction.original !== undefined) {
    // Somebody deleted «thinking …»: there is nothing left to fill in (discord/discord-api-docs#3087).
    if (!interaction.channel.messages.has(interaction.original.id)) refuse(RESTJSONErrorCodes.UnknownMessage);
    // For old bots' sake the first follow-up to a deferred answer fills it in, and cannot change who sees it.
    const { flags, ...rest } = form;
    edit(request, interaction.original, {
      ...rest,
      ...(flags != null && { flags: flags & ~MessageFlags.Ephemeral }),
    });
    interaction.loading = false;
    world.wake();
    return ok(messagePayload(interaction.original, world));
  }
  const ephemeral = ((form.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
  const guild = interaction.channel.guild;
  const installed = guild === undefined || world.botMember(guild) !== undefined;
  if (!installed && interaction.followUps.length >= MAX_FOLLOW_UPS_WITHOUT_INSTALL)
    refuse(RESTJSONErrorCodes.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages);
  const message = answer(request, interaction, form, { ephemeral, followUp: true });
  interaction.followUps.push(message);
  addMessage(world, message);
  return ok(messagePayload(message, world));
}

/** `@original`, a follow-up by its id, or the clicked message; as long as it is there. */
function webhookMessage(request: RestRequest, interaction: Interaction): Message {
  const id = request.params.message_id;
  const { original, followUps } = interaction;
  const message = id === undefined ? original : [original, ...followUps].find((one) => one?.id === id);
  if (message === undefined || !message.channel.messages.has(message.id))
    return refuse(RESTJSONErrorCodes.UnknownMessage);
  return message;
}

const WEBHOOK = '/webhooks/{webhook_id}/{webhook_token}';

function messageRoutes(path: string): Route[] {
  const shared = { path, auth: false, bucket: 'webhook', limit: { requests: 5, perMs: 2000 } } as const;
  return [
    {
      ...shared,
      method: 'GET',
      handle: (request) => ok(messagePayload(webhookMessage(request, behindWebhook(request)), request.world)),
    },
    {
      ...shared,
      method: 'PATCH',
      handle(request) {
        const interaction = behindWebhook(request);
        const message = webhookMessage(request, interaction);
        edit(request, message, parseForm(editMessageSchema, request.body ?? {}));
        if (message === interaction.original) interaction.loading = false;
        request.world.wake();
        return ok(messagePayload(message, request.world));
      },
    },
    {
      ...shared,
      method: 'DELETE',
      handle(request) {
        const interaction = behindWebhook(request);
        const message = webhookMessage(request, interaction);
        deleteMessage(request.world, message);
        // What follows a deleted promise is a message of its own (discord/discord-api-docs#2739).
        if (message === interaction.original) interaction.loading = false;
        return NO_CONTENT;
      },
    },
  ];
}

export const interactionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/interactions/{interaction_id}/{interaction_token}/callback',
    auth: false,
    exempt: true,
    handle: callback,
  },
  {
    method: 'POST',
    path: WEBHOOK,
    auth: false,
    exempt: true,
    bucket: 'webhook',
    limit: { requests: 5, perMs: 2000 },
    handle: followUp,
  },
  ...messageRoutes(`${WEBHOOK}/messages/@original`),
  ...messageRoutes(`${WEBHOOK}/messages/{message_id}`),
];
