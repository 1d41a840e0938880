import {
  type Client,
  GatewayDispatchEvents,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  Routes,
} from 'discord.js';
import type { Logger } from 'pino';
import { readTurn } from '../pages.ts';
import type { ChatHandlers, Choice } from '../platform.ts';
import { type Answers, type Asked, createAnswers } from './answers.ts';
import { findOnServer, readForServer } from './direct.ts';
import { Code, codeOf } from './errors.ts';
import {
  type ButtonPress,
  type Command,
  type HalfTyped,
  type Interaction,
  type InteractionPlace,
  optionsOf,
  placeOfInteraction,
  readInteraction,
} from './interaction.ts';
import type { Messenger } from './messenger.ts';
import { clip } from './text.ts';
import { turnPage } from './turning.ts';

const MAX_CHOICES = 25;
const MAX_CHOICE = 100;
/** Interactions remembered, so that one delivered twice runs once. */
const MAX_REMEMBERED = 5_000;

const words = {
  onlyInServers: 'I work in servers: send this command in a channel of the server that I am in.',
  notThere: 'I am not on the server that this is about any more, or you are not. Please ask me again there.',
  notNow:
    'Discord did not tell me who you are on the server that this is about. Please try again in a moment.',
  button: 'that button',
};

/** Who pressed a button that cannot be run, and why it cannot. */
interface Refused {
  readonly channel: string;
  readonly userId: string;
  readonly refusal: string;
}

function askedIn(
  interaction: Command | ButtonPress,
  place: Pick<InteractionPlace, 'channel' | 'userId'> & { readonly server?: string },
  at: number,
): Asked {
  const { application_id: applicationId, token, attachment_size_limit: maxBytes, guild_id } = interaction;
  return {
    what: interaction.type === InteractionType.MessageComponent ? words.button : `/${interaction.data.name}`,
    applicationId,
    token,
    at,
    channel: place.channel,
    userId: place.userId,
    direct: guild_id === undefined,
    ...(place.server !== undefined && { server: place.server }),
    ...(maxBytes !== undefined && { maxBytes }),
  };
}

function drawChoices(choices: readonly Choice[]) {
  return choices
    .filter(({ value }) => value !== '' && value.length <= MAX_CHOICE)
    .slice(0, MAX_CHOICES)
    .map(({ name, value }) => ({ name: clip(name, MAX_CHOICE) || value, value }));
}

/** Takes commands, buttons and half-typed options in, and has them answered. */
export function followInteractions({
  client,
  handlers,
  messenger,
  now,
  log,
  background,
}: {
  client: Client;
  handlers: Pick<ChatHandlers, 'command' | 'action' | 'complete'>;
  messenger: Messenger;
  now: () => number;
  log: Logger;
  background: (work: Promise<void>) => void;
}): void {
  const { rest } = client;
  const seen = new Set<string>();

  function isNew(id: string): boolean {
    if (seen.has(id)) return false;
    seen.add(id);
    const oldest = seen.values().next().value;
    if (seen.size > MAX_REMEMBERED && oldest !== undefined) seen.delete(oldest);
    return true;
  }

  const respond = ({ id, token }: Interaction, type: InteractionResponseType, data?: object) =>
    rest.post(Routes.interactionCallback(id, token), { body: { type, ...(data && { data }) }, auth: false });

  /** @returns false if nothing can be answered, because Discord has given the interaction up */
  async function acknowledge(interaction: Interaction, type: InteractionResponseType): Promise<boolean> {
    const deferred = type === InteractionResponseType.DeferredChannelMessageWithSource;
    try {
      await respond(interaction, type, deferred ? { flags: MessageFlags.Ephemeral } : undefined);
      return true;
    } catch (err) {
      // Most likely by ourselves: the first try arrived although its answer was lost.
      if (codeOf(err) === Code.AlreadyAcknowledged) {
        log.info({ interaction: interaction.id }, 'an interaction had been acknowledged already');
        return true;
      }
      log.warn(
        { err, interaction: interaction.id },
        'an interaction could not be acknowledged in time; it is not run',
      );
      return false;
    }
  }

  /** Outside of servers there is nothing to be done, and nobody to do it for. */
  async function sendAway(interaction: Interaction): Promise<void> {
    const flags = MessageFlags.Ephemeral;
    const reply = { content: words.onlyInServers, flags, allowed_mentions: { parse: [] } };
    await respond(interaction, InteractionResponseType.ChannelMessageWithSource, reply);
  }

  /** Whom the button of a direct message speaks for, or why it cannot. */
  async function findPlace(
    channel: string,
    userId: string,
    server: string | undefined,
  ): Promise<InteractionPlace | Refused> {
    try {
      const found = await findOnServer(client, userId, server);
      if (!found) return { channel, userId, refusal: words.notThere };
      return { ...found, communityId: `discord:${found.server}`, channel, userId };
    } catch (err) {
      log.warn({ err }, 'the button of a direct message could not be run');
      return { channel, userId, refusal: words.notNow };
    }
  }

  async function answered(asked: Asked, run: (answers: Answers) => Promise<void>): Promise<void> {
    const answers = createAnswers({ asked, rest, messenger, now, log });
    try {
      await run(answers);
    } finally {
      await answers.finish();
    }
  }

  async function press(button: ButtonPress, at: number): Promise<void> {
    const here = placeOfInteraction(button);
    const { channel_id: channel, user } = button;
    if (!here && (channel === undefined || user === undefined)) return sendAway(button);
    const carried = button.data.custom_id;
    const { action, server } = here ? { action: carried, server: here.server } : readForServer(carried);
    const turn = readTurn(action);
    const type = turn
      ? InteractionResponseType.DeferredMessageUpdate
      : InteractionResponseType.DeferredChannelMessageWithSource;
    if (!(await acknowledge(button, type))) return;
    const place = here ?? (await findPlace(channel ?? '', user?.id ?? '', server));
    const asked = askedIn(button, place, at);
    const run = async (answer: Answers['answer']): Promise<void> => {
      if ('refusal' in place) await answer({ text: place.refusal, tone: 'refusal', private: true });
      else await handlers.action({ ...place, at, action: turn?.reopen ?? action, answer });
    };
    if (turn) await run(turnPage({ ...asked, page: turn.page, rest, messenger }));
    else await answered(asked, ({ answer }) => run(answer));
  }

  async function command(interaction: Command, at: number): Promise<void> {
    const place = placeOfInteraction(interaction);
    if (!place) return sendAway(interaction);
    if (!(await acknowledge(interaction, InteractionResponseType.DeferredChannelMessageWithSource))) return;
    const { name, options } = interaction.data;
    await answered(askedIn(interaction, place, at), ({ answer }) =>
      handlers.command({ ...place, at, command: name, options: optionsOf(options), answer }),
    );
  }

  async function complete(interaction: HalfTyped): Promise<void> {
    const place = placeOfInteraction(interaction);
    const { name: command, options } = interaction.data;
    const focused = options.find((option) => option.focused);
    const choices =
      place && focused
        ? await handlers.complete({
            communityId: place.communityId,
            asker: place.asker,
            command,
            option: focused.name,
            typed: String(focused.value ?? ''),
          })
        : [];
    await respond(interaction, InteractionResponseType.ApplicationCommandAutocompleteResult, {
      choices: drawChoices(choices),
    });
  }

  client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: unknown) => {
    const at = now();
    const interaction = readInteraction(payload);
    if (!interaction || !isNew(interaction.id)) return;
    if (interaction.type === InteractionType.ApplicationCommand) return background(command(interaction, at));
    if (interaction.type === InteractionType.MessageComponent) return background(press(interaction, at));
    // Whoever types on has no use for an old answer.
    background(
      complete(interaction).catch((err: unknown) =>
        log.debug({ err }, 'an option could not be completed in time'),
      ),
    );
  });
}
