import {
  Client,
  type ClientOptions,
  Events,
  GatewayIntentBits,
  type Message,
  type MessageCreateOptions,
  Partials,
} from 'discord.js';
import type { Discord } from './discord.ts';

/** The real discord.js, set up as a bot that reads reactions; only its address differs. */
export function createBot(discord: Discord, options: Partial<ClientOptions> = {}): Client {
  return new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessageReactions],
    partials: [Partials.Message, Partials.Channel, Partials.Reaction, Partials.User, Partials.GuildMember],
    ...options,
    rest: { api: discord.api, ...options.rest },
  });
}

/** Five seconds pass between two IDENTIFYs of discord.js; a test that needs a second one does without. */
export const AT_ONCE: Partial<ClientOptions> = {
  ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => {} }) },
};

/** Logs in and waits until all guilds are there. */
export async function login(client: Client, discord: Discord): Promise<Client<true>> {
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(discord.token);
  return ready;
}

export async function post(
  client: Client<true>,
  channelId: string,
  message: string | MessageCreateOptions,
): Promise<Message> {
  const channel = await client.channels.fetch(channelId);
  if (channel === null || !channel.isSendable()) throw new Error('not a channel to write in');
  return channel.send(message);
}
