import { ChannelType, DiscordAPIError, type REST, RESTJSONErrorCodes, Routes } from 'discord.js';
import { z } from 'zod';
import { missingPermissions } from '../../chat/discord/invite.ts';
import { plainText } from '../plain-text.ts';
import { type Finding, fine, note, wrong } from './check.ts';

/** Up to this many servers get a line each; of more, the broken ones do. */
export const FEW = 10;
const PAGE = 200;
/** Servers that are looked at side by side; Discord's limits are waited for. */
const AT_ONCE = 4;

const guilds = z.array(z.object({ id: z.string(), name: z.string(), permissions: z.string() }));
export type GuildOfBot = z.infer<typeof guilds>[number];

const overwrite = z.object({ id: z.string(), type: z.number(), allow: z.string(), deny: z.string() });
const channelForm = z.object({
  id: z.string(),
  type: z.number(),
  name: z.string().nullish(),
  guild_id: z.string().nullish(),
  parent_id: z.string().nullish(),
  permission_overwrites: z.array(overwrite).nullish(),
});
type Channel = z.infer<typeof channelForm>;
const memberForm = z.object({
  roles: z.array(z.string()),
  communication_disabled_until: z.string().nullish(),
});

const TAKES_MESSAGES: ReadonlySet<number> = new Set([
  ChannelType.GuildText,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildVoice,
  ChannelType.GuildStageVoice,
]);
const THREADS: ReadonlySet<number> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
]);

/** Every server the bot is on. */
export async function guildsOfBot(rest: REST): Promise<readonly GuildOfBot[]> {
  const all: GuildOfBot[] = [];
  for (;;) {
    const after: Record<string, string> = all.length > 0 ? { after: all[all.length - 1].id } : {};
    const query = new URLSearchParams({ limit: String(PAGE), ...after });
    const page = guilds.parse(await rest.get(Routes.userGuilds(), { query }));
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** The chosen channel, and whose rules hold there: a thread has its channel's. */
async function findChannel(
  rest: REST,
  guildId: string,
  id: string,
): Promise<{ readonly channel: Channel; readonly rules: Channel } | undefined> {
  // All of them at once, because a channel that the bot may not see is only in this list.
  const channels = z.array(channelForm).parse(await rest.get(Routes.guildChannels(guildId)));
  const channel = channels.find((one) => one.id === id);
  if (channel) return { channel, rules: channel };
  try {
    const thread = channelForm.parse(await rest.get(Routes.channel(id)));
    const parent = channels.find((one) => one.id === thread.parent_id);
    return parent && THREADS.has(thread.type) ? { channel: thread, rules: parent } : undefined;
  } catch (error) {
    if (error instanceof DiscordAPIError && error.status < 500 && error.status !== 401) return undefined;
    throw error;
  }
}

/** Looks at the channel that a server has chosen for its snippets. */
async function lookAt(
  rest: REST,
  botId: string,
  guild: GuildOfBot,
  chosen: string | undefined,
): Promise<Finding> {
  const server = `Server ${plainText(guild.name)}`;
  if (chosen === undefined) {
    return note(
      `${server}: no channel chosen yet`,
      'a moderator sends /settings there and chooses a channel',
    );
  }
  const found = await findChannel(rest, guild.id, chosen);
  if (!found) {
    return wrong(
      `${server}: the chosen channel (${chosen}) is gone, or is a thread the bot does not see`,
      'choose another with /settings there',
    );
  }
  const { channel, rules } = found;
  const thread = THREADS.has(channel.type);
  const where = `${server}, #${plainText(channel.name ?? channel.id)}`;
  if (!thread && !TAKES_MESSAGES.has(channel.type)) {
    return wrong(
      `${where}: nobody can write there, it is no text channel`,
      'choose another with /settings there',
    );
  }
  const member = memberForm.parse(await rest.get(Routes.guildMember(guild.id, botId)));
  const silentUntil = Date.parse(member.communication_disabled_until ?? '');
  if (silentUntil > Date.now()) {
    return wrong(
      `${where}: the bot is timed out there until ${new Date(silentUntil).toISOString()}`,
      'right-click the bot in that server → Remove Timeout',
    );
  }
  const missing = missingPermissions({
    base: guild.permissions,
    guildId: guild.id,
    botId,
    roles: member.roles,
    overwrites: rules.permission_overwrites ?? [],
    thread,
  });
  if (missing.length > 0) {
    return wrong(
      `${where}: the bot lacks ${missing.join(', ')}`,
      "in Edit Channel → Permissions, allow them to the bot's own role",
    );
  }
  return fine(`${where}: the bot may do all it needs`);
}

async function look(
  rest: REST,
  botId: string,
  guild: GuildOfBot,
  chosen: string | undefined,
): Promise<Finding> {
  try {
    return await lookAt(rest, botId, guild, chosen);
  } catch (error) {
    const gone: readonly unknown[] = [
      RESTJSONErrorCodes.UnknownGuild,
      RESTJSONErrorCodes.UnknownMember,
      RESTJSONErrorCodes.MissingAccess,
    ];
    if (!(error instanceof DiscordAPIError) || !gone.includes(error.code)) throw error;
    return wrong(
      `Server ${plainText(guild.name)}: cannot be looked at (${error.message})`,
      'the bot may just have left it; else try again, or invite it there again',
    );
  }
}

const count = (number: number) => `${number.toLocaleString('en')} ${number === 1 ? 'server' : 'servers'}`;

/** Of many servers: how many are fine or wait for a channel, and each one that is broken. */
function summed(findings: readonly Finding[]): readonly Finding[] {
  const of = (mark: Finding['mark']) => findings.filter((finding) => finding.mark === mark);
  const waiting = of('note').length;
  const well = of('fine').length;
  return [
    ...(well > 0 ? [fine(`${count(well)}: the bot may do all it needs in the chosen channel`)] : []),
    ...(waiting > 0
      ? [note(`${count(waiting)}: no channel chosen yet`, 'a moderator sends /settings there')]
      : []),
    ...of('wrong'),
  ];
}

/**
 * Whether the bot can do its work on its servers.
 * @param channels the channel chosen on a server, by the server's id
 */
export async function lookAtServers(
  rest: REST,
  botId: string,
  servers: readonly GuildOfBot[],
  channels: ReadonlyMap<string, string>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = new Array(servers.length);
  const left = servers.entries();
  // All take from the same iterator.
  const worker = async () => {
    for (const [index, guild] of left)
      findings[index] = await look(rest, botId, guild, channels.get(guild.id));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return servers.length > FEW ? summed(findings) : findings;
}
