import { type APIGuildMember, type Client, type Guild, PermissionFlagsBits, Routes } from 'discord.js';
import type { Asker } from '../platform.ts';
import { asChatError, Code, codeOf } from './errors.ts';

/** Servers that are asked whether somebody is there, when a button does not say for which one it speaks. */
const MOST_ASKED = 25;
const MAX_CUSTOM_ID = 100;
const MODERATES = PermissionFlagsBits.ManageGuild | PermissionFlagsBits.Administrator;

/**
 * What a button of a direct message carries. Discord does not tell which server such a press is about, so the button
 * does, if there is room for it.
 */
export function forServer(action: string, server: string | undefined): string {
  const whole = `@${server}:${action}`;
  return server === undefined || whole.length > MAX_CUSTOM_ID ? action : whole;
}

export function readForServer(customId: string): { readonly action: string; readonly server?: string } {
  const match = /^@(\d{15,20}):(.+)$/s.exec(customId);
  return match ? { server: match[1], action: match[2] } : { action: customId };
}

function moderates(guild: Guild, { roles }: APIGuildMember, userId: string): boolean {
  if (guild.ownerId === userId) return true;
  return [guild.id, ...roles].some((id) => {
    const permissions = guild.roles.cache.get(id)?.permissions.bitfield ?? 0n;
    return (permissions & MODERATES) !== 0n;
  });
}

/** @returns undefined if they are not there @throws ChatError */
async function memberOf(client: Client, guild: Guild, userId: string): Promise<APIGuildMember | undefined> {
  try {
    return (await client.rest.get(Routes.guildMember(guild.id, userId))) as APIGuildMember;
  } catch (error) {
    const nowhere: unknown[] = [Code.UnknownMember, Code.UnknownUser, Code.UnknownGuild, Code.MissingAccess];
    if (nowhere.includes(codeOf(error))) return undefined;
    throw asChatError(error, { what: 'look up who wrote to me' });
  }
}

/**
 * Who presses a button of a direct message: a member of the server that the button speaks for, or else of one that the
 * bot is on too.
 * @returns undefined if there is no such server
 * @throws ChatError
 */
export async function findOnServer(
  client: Client,
  userId: string,
  server: string | undefined,
): Promise<{ readonly server: string; readonly asker: Asker } | undefined> {
  const all = [...client.guilds.cache.values()];
  const candidates = server === undefined ? all.slice(0, MOST_ASKED) : all.filter(({ id }) => id === server);
  for (const guild of candidates) {
    const member = await memberOf(client, guild, userId);
    if (!member) continue;
    const { nick, roles, user } = member;
    const asker: Asker = {
      identity: `discord:${userId}`,
      name: nick ?? user.global_name ?? user.username,
      platformModerator: moderates(guild, member, userId),
      groups: roles,
    };
    return { server: guild.id, asker };
  }
  return undefined;
}
