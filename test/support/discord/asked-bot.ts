import {
  ChannelType,
  type ChatInputCommandInteraction,
  type Client,
  Events,
  type Interaction,
} from 'discord.js';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { createBot, login } from './bot.ts';
import { type Discord, openDiscord } from './discord.ts';
import type { GuildHandle } from './guild-handle.ts';

/** A Discord with one guild, and a bot of discord.js there that has some commands. */
export interface AskedBot {
  discord: Discord;
  readonly guild: GuildHandle;
  readonly client: Client<true>;
  /** Id of the channel. */
  readonly general: string;
  /** All that has arrived. */
  readonly interactions: readonly Interaction[];
  /** What the bot does with what arrives. */
  on: (interaction: Interaction) => unknown;
  /** It answers commands in this way. */
  answering(how: (interaction: ChatInputCommandInteraction) => Promise<unknown>): void;
}

const COMMANDS: Parameters<Client<true>['application']['commands']['set']>[0] = [
  {
    name: 'playlist',
    description: 'A playlist',
    options: [
      { type: 3, name: 'emotion', description: 'How it feels', choices: [{ name: 'Calm', value: 'calm' }] },
      { type: 4, name: 'songs', description: 'How many', minValue: 1, maxValue: 50 },
      { type: 10, name: 'adventure', description: 'How daring' },
      { type: 5, name: 'private', description: 'For me alone' },
      { type: 6, name: 'for', description: 'Whose taste' },
      { type: 7, name: 'in', description: 'Where', channelTypes: [ChannelType.GuildText] },
      { type: 8, name: 'role', description: 'Which role' },
    ],
  },
  {
    name: 'song',
    description: 'A song',
    options: [{ type: 3, name: 'name', description: 'Which', required: true, autocomplete: true }],
  },
  { name: 'retrain', description: 'Trains', defaultMemberPermissions: 'ManageGuild' },
  {
    name: 'settings',
    description: 'Settings',
    options: [
      {
        type: 1,
        name: 'channel',
        description: 'Where',
        options: [{ type: 7, name: 'to', description: 'Where', required: true }],
      },
    ],
  },
];

export function command(interaction: Interaction): ChatInputCommandInteraction {
  if (!interaction.isChatInputCommand()) throw new Error('not a command');
  return interaction;
}

/** Opens and closes one for each test of the file that it is called in. */
export function askedBot(): AskedBot {
  let discord: Discord;
  let guild: GuildHandle;
  let client: Client<true>;
  let interactions: Interaction[];
  let on: AskedBot['on'];

  const open = async (): Promise<void> => {
    discord = await openDiscord();
    guild = discord.guild({ channels: ['general', 'music'] });
    client = await login(createBot(discord), discord);
    interactions = [];
    on = () => {};
    client.on(Events.InteractionCreate, (interaction) => {
      interactions.push(interaction);
      void Promise.resolve(on(interaction)).finally(() => discord.world.wake());
    });
    await client.application.commands.set(COMMANDS);
  };
  const close = async (): Promise<void> => {
    await client.destroy();
    await discord.close();
  };

  // The first answer of a process makes the checks of Discord's document, which on a busy machine takes longer than
  // the three seconds in which a command has to be answered.
  beforeAll(async () => {
    await open();
    on = (interaction) => command(interaction).reply('ready');
    await guild
      .moderator('mo')
      .types('general', 'retrain')
      .response()
      .catch(() => undefined);
    await close();
  });
  beforeEach(open);
  afterEach(close);

  return {
    get discord() {
      return discord;
    },
    set discord(other) {
      discord = other;
    },
    get guild() {
      return guild;
    },
    get client() {
      return client;
    },
    get general() {
      return guild.channel('general').id;
    },
    get interactions() {
      return interactions;
    },
    get on() {
      return on;
    },
    set on(how) {
      on = how;
    },
    answering(how) {
      on = (interaction) => how(command(interaction));
    },
  };
}
