import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/chat/message.ts';
import { openBot, type TestBot, wordsOf } from './bot.ts';

let bot: TestBot;

beforeEach(async () => {
  bot = await openBot();
});

afterEach(() => bot.close());

const list = (songs: number, reopen?: string): Message => ({
  text: 'A list.',
  songs: Array.from({ length: songs }, (_, index) => ({
    songId: `s${index + 1}`,
    title: `Song ${index + 1}`,
    artists: ['Ann'],
    sound: { kind: 'none' as const },
  })),
  buttons: [{ action: 'playlist:keep:7', label: 'Keep' }],
  ...(reopen !== undefined && { reopen }),
});

const shown = (id: string) =>
  bot.choir
    .member('ana')
    .sees('songs')
    .find((message) => message.id === id)!;
const numbers = (id: string) =>
  [...wordsOf(shown(id)).matchAll(/\*\*(\d+)\.\*\*/g)].map(([, number]) => Number(number));

describe('a long list of songs on Discord', () => {
  it('is shown ten at a time, with buttons to turn it over', async () => {
    const { message } = await bot.post(list(25, 'playlist:show:7'));
    expect(numbers(message)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(wordsOf(shown(message))).toContain('Page 1 of 3');
    expect(shown(message).buttons.map(({ label, disabled }) => [label, disabled])).toEqual([
      ['◀', true],
      ['▶', false],
      ['Keep', false],
    ]);
  });

  it('is turned over in place, also after a restart', async () => {
    const { message } = await bot.post(list(25, 'playlist:show:7'));
    await bot.restart();
    bot.heard.onAction = async ({ answer }) => void (await answer(list(25, 'playlist:show:7')));
    await bot.choir.member('ben').clicks(message, '▶').acknowledged();
    await bot.discord.until(() => numbers(message)[0] === 11);
    await bot.choir.member('ben').clicks(message, '▶').acknowledged();
    await bot.discord.until(() => numbers(message)[0] === 21);
    expect(wordsOf(shown(message))).toContain('Page 3 of 3');
    expect(shown(message).buttons.map(({ disabled }) => disabled)).toEqual([false, true, false]);
    await bot.choir.member('ben').clicks(message, '◀').acknowledged();
    await bot.discord.until(() => numbers(message)[0] === 11);
    expect(bot.heard.actions.map(({ action }) => action)).toEqual(Array(3).fill('playlist:show:7'));
    expect(bot.choir.member('ana').sees('songs').length).toBe(1);
  });

  it('is turned over in an answer that only the asker sees', async () => {
    bot.heard.onCommand = async ({ answer }) =>
      void (await answer({ ...list(25, 'playlist:show:7'), private: true }));
    bot.heard.onAction = async ({ answer }) =>
      void (await answer({ ...list(25, 'playlist:show:7'), private: true }));
    const ana = bot.choir.member('ana');
    const typed = ana.types('songs', 'playlist');
    const { id } = await typed.response();
    await ana.clicks(id, '▶').acknowledged();
    await bot.discord.until(() => numbers(id)[0] === 11);
    expect(shown(id).ephemeral).toBe(true);
  });

  it('stays as it is when it cannot be had again, and whoever turned is told', async () => {
    const { message } = await bot.post(list(25, 'playlist:show:7'));
    bot.heard.onAction = async ({ answer }) =>
      void (await answer({ text: 'That list is gone.', tone: 'refusal', private: true }));
    const told = await bot.choir.member('ben').clicks(message, '▶').followUp();
    expect(told.ephemeral).toBe(true);
    expect(wordsOf(told)).toBe('That list is gone.');
    expect(numbers(message)[0]).toBe(1);
  });

  it('is turned to its last page when it has become shorter', async () => {
    const { message } = await bot.post(list(45, 'playlist:show:7'));
    bot.heard.onAction = async ({ answer }) => void (await answer(list(12, 'playlist:show:7')));
    await bot.choir.member('ben').clicks(message, '▶').acknowledged();
    await bot.discord.until(() => wordsOf(shown(message)).includes('Page 2 of 2'));
    expect(numbers(message)).toEqual([11, 12]);
  });

  it('that cannot be opened again shows as many as fit, and says how many do not', async () => {
    const { message } = await bot.post(list(25));
    expect(numbers(message).length).toBe(25);
    const long = list(60);
    const songs = long.songs!.map((song) => ({ ...song, why: 'because '.repeat(20) }));
    const { message: longer } = await bot.post({ ...long, songs });
    const fitting = numbers(longer).length;
    expect(fitting).toBeGreaterThan(10);
    expect(wordsOf(shown(longer))).toContain(`… and ${60 - fitting} more`);
  });
});
