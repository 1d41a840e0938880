import { PermissionFlagsBits, type PermissionsString } from 'discord.js';
import { expect, test } from 'vitest';
import {
  type BotInChannel,
  inviteLink,
  missingPermissions,
  NEEDED_PERMISSIONS,
} from '../../../src/chat/discord/invite.ts';

const bits = (...names: PermissionsString[]) =>
  String(names.reduce((all, name) => all | PermissionFlagsBits[name], 0n));
const ALL = bits(
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'ReadMessageHistory',
  'UseExternalEmojis',
);
const everyone = (rule: { allow?: string; deny?: string }) => ({
  id: 'guild',
  type: 0,
  allow: '0',
  deny: '0',
  ...rule,
});
const role = (id: string, rule: { allow?: string; deny?: string }) => ({ ...everyone(rule), id });
const self = (rule: { allow?: string; deny?: string }) => ({ ...everyone(rule), id: 'bot', type: 1 });

test('the invite link asks for exactly what is needed', () => {
  const url = new URL(inviteLink('123'));
  expect(url.origin + url.pathname).toBe('https://discord.com/oauth2/authorize');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: '123',
    scope: 'bot applications.commands',
    permissions: ALL,
  });
});

test.each<[string, Partial<BotInChannel>, readonly string[]]>([
  ['nothing, with all it was invited with', {}, []],
  ['everything, with nothing', { base: '0' }, NEEDED_PERMISSIONS.map(({ name }) => name)],
  [
    'nothing, as an administrator, whatever a channel says',
    {
      base: bits('Administrator'),
      overwrites: [everyone({ deny: ALL })],
    },
    [],
  ],
  [
    'what its server never gave it',
    { base: bits('ViewChannel', 'SendMessages', 'AttachFiles', 'AddReactions', 'ReadMessageHistory') },
    ['Embed Links', 'Use External Emojis'],
  ],
  [
    'what the channel takes from everybody',
    { overwrites: [everyone({ deny: bits('AddReactions') })] },
    ['Add Reactions'],
  ],
  [
    'nothing, where its role gets back what everybody loses',
    {
      overwrites: [role('r1', { allow: bits('ViewChannel') }), everyone({ deny: bits('ViewChannel') })],
    },
    [],
  ],
  [
    'what one of its roles loses',
    { overwrites: [role('r1', { deny: bits('EmbedLinks') })] },
    ['Embed Links'],
  ],
  [
    'nothing, where another of its roles allows it',
    {
      overwrites: [role('r2', { allow: bits('EmbedLinks') }), role('r1', { deny: bits('EmbedLinks') })],
    },
    [],
  ],
  ['nothing that a role of others loses', { overwrites: [role('other', { deny: ALL })] }, []],
  [
    'what the bot itself loses, whatever its roles say',
    {
      overwrites: [self({ deny: bits('AttachFiles') }), role('r1', { allow: bits('AttachFiles') })],
    },
    ['Attach Files'],
  ],
  [
    'nothing, where the bot itself is allowed',
    {
      overwrites: [self({ allow: bits('SendMessages') }), role('r1', { deny: bits('SendMessages') })],
    },
    [],
  ],
  [
    'only what has to be ticked, not what follows from it',
    { overwrites: [everyone({ deny: bits('ViewChannel') })] },
    ['View Channel'],
  ],
  ['the right to write in threads, in a thread', { thread: true }, ['Send Messages in Threads']],
  [
    'nothing in a thread that it may write in, although it may not write outside',
    {
      thread: true,
      overwrites: [everyone({ deny: bits('SendMessages'), allow: bits('SendMessagesInThreads') })],
    },
    [],
  ],
])('the bot lacks %s', (_, parts, missing) => {
  const where = { base: ALL, guildId: 'guild', botId: 'bot', roles: ['r1', 'r2'], overwrites: [], ...parts };
  expect(missingPermissions(where)).toEqual(missing);
});
