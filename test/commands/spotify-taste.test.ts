import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../support/spotify/clock.ts';
import { goesTheWay, linkIn, openSpotifyChat, type SpotifyChat } from './spotify-chat.ts';

let chat: SpotifyChat;
afterEach(() => chat.close());

/** Ana saved three calm songs that the catalogue has, and one that it has not. */
async function open(taste: boolean, wished = true) {
  chat = await openSpotifyChat({ taste });
  const person = chat.spotify.account('ana');
  const calm = [0, 1, 2].map((n) => chat.tracks.get(`calm-${n}`)!);
  person.saves(...calm, chat.spotify.track('Elsewhere', 'Somebody'));
  person.listensTo(chat.tracks.get('calm-3')!, calm[0]!);
  const member = chat.member('ana');
  const { answer } = await member.sends('link', { taste: wished });
  await goesTheWay(person, linkIn(answer).url);
  return { member, person };
}

const library = (calls: readonly string[]) => calls.filter((call) => /\/me\/(tracks|top)/.test(call));

describe('taste from Spotify', () => {
  it('makes the next list one’s own, is said by /taste, and is read once a day', async () => {
    const { member } = await open(true);
    const calls = await chat.spotify.during(async () => {
      const list = await member.sends('playlist', { songs: 6, spotify: false });
      expect(list.answer.text).toContain('6 songs from 4 songs that you like.');
      const { answer } = await member.types('/taste');
      expect(answer.text).toContain('4 songs that you saved or play most in Spotify count');
    });
    expect(library(calls)).toEqual(['GET /me/top/tracks', 'GET /me/tracks']);
    chat.spotify.clock.advance(25 * HOUR);
    const later = await chat.spotify.during(() => member.types('/taste'));
    expect(library(later)).toHaveLength(2);
  });

  it('is nothing where the operator has not allowed it, or the member did not ask for it', async () => {
    for (const [allowed, wished] of [
      [false, true],
      [true, false],
    ] as const) {
      const { member } = await open(allowed, wished);
      const calls = await chat.spotify.during(async () => {
        const list = await member.sends('playlist', { songs: 6, spotify: false });
        expect(list.answer.text).toContain('I do not know your taste yet');
      });
      expect(library(calls)).toEqual([]);
      if (!allowed) await chat.close();
    }
  });

  it('does not make a playlist wait longer than about a second', async () => {
    const { member } = await open(true);
    chat.spotify.faults.delayNext('GET /me/top/tracks', 2500);
    const from = performance.now();
    const list = await member.sends('playlist', { songs: 6, spotify: false });
    expect(performance.now() - from).toBeLessThan(2400);
    expect(list.answer.text).toContain('I do not know your taste yet');
    await expect
      .poll(async () => (await member.sends('playlist', { songs: 6, spotify: false })).answer.text, {
        timeout: 6000,
      })
      .toContain('from 4 songs that you like');
  });

  it('does without Spotify where it fails', async () => {
    const { member } = await open(true);
    chat.spotify.blocks(3600);
    const list = await member.sends('playlist', { songs: 6, spotify: false });
    expect(list.answer.songs).toHaveLength(6);
  });

  it('is stored nowhere, and gone with the link', async () => {
    const { member } = await open(true);
    await member.sends('playlist', { songs: 2, emotion: 'sad', spotify: false });
    const folder = path.join(chat.stateDir, 'store');
    for (const file of await readdir(folder))
      expect(await readFile(path.join(folder, file), 'utf8')).not.toContain('calm-');
    const id = await member.id();
    expect(await chat.services.spotify!.likedBy(id)).toHaveLength(4);
    await chat.services.spotify!.links.unlink(id, 'room:ana');
    expect(await chat.services.spotify!.likedBy(id)).toEqual([]);
    chat.spotify.clock.advance(DAY);
  });

  it('gives way to what somebody says here', async () => {
    const { member } = await open(true);
    await member.sends('taste', { remove: 'calm-0' });
    const list = await member.sends('playlist', { songs: 20, emotion: 'calm', spotify: false });
    expect(list.answer.songs?.map(({ songId }) => songId)).not.toContain('calm-0');
  });
});
