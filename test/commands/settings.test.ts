import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommunitySettings } from '../../src/domain/member.ts';
import { type Chat, openChat } from './chat.ts';

let chat: Chat;
beforeAll(async () => {
  chat = await openChat();
});
afterAll(() => chat.close());

const moderator = () => chat.member('mo', { moderator: true });
const stored = async () => (await chat.store.community('room:main'))?.settings as CommunitySettings;

describe('/settings', () => {
  it('shows everything when sent alone', async () => {
    const { answer } = await moderator().types('/settings');
    expect(answer.private).toBe(true);
    const names = answer.fields?.map(({ name }) => name);
    expect(names).toEqual([
      'Channel for snippets',
      'Snippets per day',
      'Quiet hours',
      'Time zone',
      'Training',
      'A snippet takes votes for',
      'Moderators',
    ]);
  });

  it.each<[Record<string, string | number>, Partial<CommunitySettings>]>([
    [{ channel: 'here' }, { channel: 'main' }],
    [{ channel: '<#C024BE7LR|music>' }, { channel: 'C024BE7LR' }],
    [{ channel: '1029384756102938475' }, { channel: '1029384756102938475' }],
    [{ 'snippets-per-day': 0 }, { snippetsPerDay: 0 }],
    [{ 'quiet-hours': '23:30-7:00' }, { quietHours: { from: '23:30', to: '07:00' } }],
    [{ 'quiet-hours': '22.00 to 08.00' }, { quietHours: { from: '22:00', to: '08:00' } }],
    [{ 'quiet-hours': 'off' }, { quietHours: { from: '00:00', to: '00:00' } }],
    [{ 'time-zone': 'europe/berlin' }, { timeZone: 'Europe/Berlin' }],
    [{ 'time-zone': 'Asia/Calcutta' }, { timeZone: 'Asia/Calcutta' }],
    [{ training: '30  3 * * 1-5' }, { trainingSchedule: '30 3 * * 1-5' }],
    [{ training: '0 4 ∗ ∗ ∗' }, { trainingSchedule: '0 4 * * *' }],
    [{ training: 'off' }, { trainingSchedule: '' }],
    [{ 'open-days': 3 }, { postOpenDays: 3 }],
    [
      { emotion: 'calm', emoji: '<:zen:1029384756102938475>' },
      { emoji: { calm: '<:zen:1029384756102938475>' } },
    ],
    [{ emotion: 'calm', emoji: '🧘🏽‍♀️' }, { emoji: { calm: '🧘🏽‍♀️' } }],
    [{ emotion: 'calm', emoji: ':meditate:' }, { emoji: { calm: ':meditate:' } }],
    [{ emotion: 'calm', emoji: 'off' }, { emoji: {} }],
    [{ emotion: 'calm', emoji: '😌' }, { emoji: {} }],
  ])('saves %j', async (options, expected) => {
    const { answer } = await moderator().sends('settings', options);
    expect(answer.tone).toBe('success');
    expect(await stored()).toMatchObject(expected);
  });

  it.each<[Record<string, string | number>, string]>([
    [{ channel: '../secret' }, 'which channel'],
    [{ channel: 'general' }, 'which channel'],
    [{ channel: '#music-2024' }, 'which channel'],
    [{ 'snippets-per-day': 49 }, '0 to 48'],
    [{ 'quiet-hours': '25:00-08:00' }, '22:00-08:00'],
    [{ 'quiet-hours': 'at night' }, '22:00-08:00'],
    [{ 'quiet-hours': '22:00' }, '22:00-08:00'],
    [{ 'time-zone': 'Berlin' }, '*Europe/Berlin*'],
    [{ 'time-zone': 'Europe/Berlinn' }, '*Europe/Berlin*'],
    [{ 'time-zone': 'New York' }, '*America/New_York*'],
    [{ 'time-zone': '+02:00' }, 'time zone'],
    [{ training: 'at four' }, 'cron'],
    [{ training: '99 4 * * *' }, 'cron'],
    [{ training: '* * * * * *' }, 'cron'],
    [{ 'open-days': 0 }, '1 to 90'],
    [{ 'add-moderator': 'two words' }, 'whom you mean'],
    [{ 'add-moderator': 'Ana' }, 'whom you mean'],
    [{ 'remove-moderator': 'nobody' }, 'room:nobody'],
    [{ 'add-role': '1029384756102938475' }, 'no roles here'],
    [{ emoji: '😌' }, '*emotion*'],
    [{ emotion: 'calm' }, '*emoji*'],
    [{ emotion: 'calm', emoji: 'zen' }, 'exactly one emoji'],
    [{ emotion: 'calm', emoji: '😌🧘' }, 'exactly one emoji'],
    [{ emotion: 'calm', emoji: '7' }, 'exactly one emoji'],
    [{ emotion: 'calm', emoji: '❤' }, 'I like this song'],
    [{ emotion: 'calm', emoji: '😢' }, 'sad already'],
  ])('refuses %j and changes nothing', async (options, told) => {
    await chat.member('x').types('/status');
    const before = await stored();
    const { answer } = await moderator().sends('settings', { ...options });
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toContain(told);
    expect(await stored()).toEqual(before);
  });

  it('changes nothing when one of several options cannot be', async () => {
    const before = await stored();
    await moderator().sends('settings', { 'snippets-per-day': 9, 'time-zone': 'Mars/Olympus' });
    expect(await stored()).toEqual(before);
  });

  it.each([
    ['0 4 * * *', 'every day at 04:00'],
    ['30 3 * * 0', 'every Sunday at 03:30'],
    ['0 */6 * * *', '0 ∗/6 ∗ ∗ ∗'],
  ])('says the schedule %j in words', async (training, told) => {
    const { answer } = await moderator().sends('settings', { training });
    expect(answer.fields?.find(({ name }) => name === 'Training')?.value).toContain(told);
  });

  it('lets one emoji stand for one emotion only, and shows it where emotions are explained', async () => {
    await moderator().sends('settings', { emotion: 'calm', emoji: '<:zen:123>' });
    const taken = await moderator().sends('settings', { emotion: 'sad', emoji: '<a:renamed:123>' });
    expect(taken.answer.text).toContain('calm already');
    const names = (await chat.member('ana').types('/emotions')).answer.fields?.map(({ name }) => name);
    expect(names).toContain('<:zen:123> Calm');
    expect((await moderator().types('/settings')).answer.fields?.at(-1)).toEqual({
      name: 'Emoji of our own',
      value: '<:zen:123> Calm',
    });
    await moderator().sends('settings', { emotion: 'calm', emoji: 'off' });
  });

  it('gives the rights to a role where there are roles', async () => {
    const guild = {
      ...(await chat.store.community('room:main'))!,
      id: 'discord:7',
      platform: 'discord' as const,
    };
    await chat.store.saveCommunity(guild);
    const at = (name: string, groups: string[] = []) =>
      chat.member(name, { moderator: name === 'mo', communityId: 'discord:7', groups });
    expect((await at('ben', ['42']).types('/settings')).answer.tone).toBe('refusal');
    await at('mo').sends('settings', { 'add-role': '1029384756102938475' });
    const shown = (await at('ben', ['1029384756102938475']).types('/settings')).answer;
    expect(shown.tone).toBeUndefined();
    expect(shown.fields?.find(({ name }) => name === 'Moderators')?.value).toContain(
      '<@&1029384756102938475>',
    );
    await at('mo').sends('settings', { 'remove-role': '<@&1029384756102938475>' });
    expect((await at('ben', ['1029384756102938475']).types('/settings')).answer.tone).toBe('refusal');
  });

  it('names and dismisses moderators, by mention or id', async () => {
    await moderator().sends('settings', { 'add-moderator': '<@U1>' });
    expect((await stored()).moderators).toEqual(['room:U1']);
    expect((await chat.member('U1').types('/settings')).answer.tone).toBeUndefined();
    await moderator().sends('settings', { 'remove-moderator': 'room:U1' });
    expect((await chat.member('U1').types('/settings')).answer.tone).toBe('refusal');
  });
});
