import { randomBytes } from 'node:crypto';
import { type APIApplicationCommandOptionChoice, InteractionType, RESTJSONErrorCodes } from 'discord.js';
import { refuse } from './errors.ts';
import type { Channel, Message, User, World } from './world.ts';

/** How long an application may take to answer, and how long the token lives after that. */
export const ANSWER_WITHIN_MS = 3000;
export const TOKEN_LIVES_MS = 15 * 60_000;

export interface Modal {
  readonly custom_id: string;
  readonly title: string;
  readonly components: readonly unknown[];
}

/** One interaction and everything that was answered to it. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly user: User;
  readonly channel: Channel;
  readonly createdAt: number;
  /** The message that a clicked component is on. */
  readonly source?: Message;
  acknowledgedAt: number | undefined;
  /** The type of the callback. */
  callback: number | undefined;
  /** The original response, while it is there. */
  original: Message | undefined;
  /** True until a deferred answer is filled in. */
  loading: boolean;
  readonly followUps: Message[];
  choices: readonly APIApplicationCommandOptionChoice[] | undefined;
  modal: Modal | undefined;
}

/** The interactions that took place, by token, with the rules of their time. */
export class Interactions {
  private readonly world: World;
  private readonly byToken = new Map<string, Interaction>();

  constructor(world: World) {
    this.world = world;
  }

  open(
    about: Pick<Interaction, 'type' | 'user' | 'channel' | 'source'> & { readonly id: string },
  ): Interaction {
    const interaction: Interaction = {
      ...about,
      token: `aW50ZXJhY3Rpb246${randomBytes(48).toString('base64url')}`,
      createdAt: this.world.clock.now(),
      acknowledgedAt: undefined,
      callback: undefined,
      original: undefined,
      loading: false,
      followUps: [],
      choices: undefined,
      modal: undefined,
    };
    this.byToken.set(interaction.token, interaction);
    return interaction;
  }

  /** For the first answer: known, in time, not yet answered. */
  toAcknowledge(id: string, token: string): Interaction {
    const interaction = this.byToken.get(token);
    if (interaction === undefined || interaction.id !== id)
      return refuse(RESTJSONErrorCodes.UnknownInteraction);
    if (interaction.acknowledgedAt !== undefined)
      return refuse(RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged);
    if (this.world.clock.now() - interaction.createdAt > ANSWER_WITHIN_MS)
      return refuse(RESTJSONErrorCodes.UnknownInteraction);
    return interaction;
  }

  /** For everything after the first answer: the token lives for 15 minutes. */
  behindWebhook(applicationId: string, token: string): Interaction {
    const interaction = this.byToken.get(token);
    if (interaction === undefined || applicationId !== this.world.applicationId)
      return refuse(RESTJSONErrorCodes.UnknownWebhook);
    if (this.world.clock.now() - interaction.createdAt > TOKEN_LIVES_MS)
      return refuse(RESTJSONErrorCodes.InvalidWebhookToken);
    // Until it is acknowledged there is no webhook behind the token.
    if (
      interaction.acknowledgedAt === undefined ||
      interaction.type === InteractionType.ApplicationCommandAutocomplete
    )
      return refuse(RESTJSONErrorCodes.UnknownWebhook);
    return interaction;
  }
}
