import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Services } from '../../commands/command.ts';
import { isLink } from '../../src/chat/buttons.ts';
import type { Message } from '../../src/chat/message.ts';
import { type House, type HouseOptions, openHouse } from '../spotify/linking-house.ts';
import type { Person } from '../support/spotify/person.ts';
import { type Chat, NOW, openChat, type Seen } from './chat.ts';

let chat: Chat;
let house: House;
let ana: Person;

async function open(options: HouseOptions = {}): Promise<void> {
  chat = await openChat({ trained: false });
  house = await openHouse({ store: chat.store, spotify: { now: () => NOW }, ...options });
  (chat.services as { -readonly [Name in keyof Services]: Services[Name] }).spotify = house.opened.services;
  ana = house.spotify.account('Ana');
}

beforeEach(() => open());

afterEach(async () => {
  await house.close();
  await chat.close();
});

function addressOf({ buttons = [] }: Message): string {
  const button = buttons.find(isLink);
  if (button === undefined) throw new Error('no address');
  return button.url;
}

const slack = () => chat.member('ana', { communityId: 'slack:T1' });

/** Ana links in the room. */
async function links(name = 'ana'): Promise<Seen> {
  const seen = await chat.member(name).types('/link');
  await house.linksWith(ana, addressOf(seen.answer));
  return seen;
}

describe('/link', () => {
  it('answers the asker alone, with an address in a button and nowhere else', async () => {
    const { answer } = await chat.member('ana').types('/link');
    expect(answer.private).toBe(true);
    expect(answer.text).not.toContain('http');
    expect(answer.text).toContain('works once, for 10 minutes');
    expect(addressOf(answer)).toContain('/spotify/link/');
  });

  it('is answered in place when the browser is done', async () => {
    const seen = await links();
    expect(seen.messages).toHaveLength(1);
    expect(seen.edits).toHaveLength(1);
    expect(seen.last).toMatchObject({ tone: 'success', private: true });
    expect(seen.last.text).toBe(
      'Your Spotify account *Ana* is linked. Your playlists can go there now. By Spotify’s rules this holds until 22 May 2027; I remind you in time, and */unlink* ends it whenever you like.',
    );
    expect(seen.last.buttons).toBeUndefined();
  });

  it('says who is linked already, and offers it again', async () => {
    await links();
    const { answer } = await chat.member('ana').types('/link');
    expect(answer.text).toContain('*Ana* is linked, until 22 May 2027');
    expect(answer.buttons?.[0]?.label).toBe('Link again');
  });

  it('tells by itself when the answer can no longer be changed', async () => {
    const seen = await chat.member('ana').types('/link');
    Object.defineProperty(seen, 'edits', {
      value: {
        push() {
          throw new Error('too old');
        },
      },
    });
    await house.linksWith(ana, addressOf(seen.answer));
    expect(house.told).toMatchObject([
      { identity: 'room:ana', message: { text: expect.stringContaining('*Ana*') } },
    ]);
  });

  it('says kindly that nobody has set it up', async () => {
    (chat.services as { spotify?: unknown }).spotify = undefined;
    for (const command of ['/link', '/unlink']) {
      const { answer } = await chat.member('ana').types(command);
      expect(answer).toMatchObject({ tone: 'refusal', private: true });
      expect(answer.text).toContain('not set me up with Spotify');
    }
  });

  it('says where the address works only on the bot’s machine, to those who may sit elsewhere', async () => {
    const note = 'only on the machine that I run on';
    expect((await slack().types('/link')).answer.text).toContain(note);
    expect((await chat.member('ana').types('/link')).answer.text).not.toContain(note);
  });

  it('asks for the library where that is wished and allowed, and keeps the wish', async () => {
    const refused = await chat.member('ana').types('/link taste:yes');
    expect(refused.answer.text).toContain('whoever runs me has not allowed that');
    await house.close();
    await chat.close();
    await open({ taste: true });
    const seen = await chat.member('ana').types('/link taste:yes');
    expect(seen.answer.text).toContain('I also ask to see the songs');
    await house.linksWith(ana, addressOf(seen.answer));
    expect(seen.last.text).toContain('count as your taste from now on');
    house.spotify.clock.advance(1);
    const again = await chat.member('ana').types('/link');
    expect(again.answer.text).toContain('The songs in it count as your taste');
    await house.linksWith(ana, addressOf(again.answer));
    expect(again.last.text).toContain('count as your taste');
    house.spotify.clock.advance(1);
    const without = await chat.member('ana').types('/link taste:no');
    await house.linksWith(ana, addressOf(without.answer));
    expect(without.last.text).not.toContain('taste');
    expect(await house.links.status(await chat.member('ana').id())).toMatchObject({ taste: false });
  });

  it('says what went wrong, each in words of its own', async () => {
    const zoe = house.spotify.account('Zoe', { allowed: false });
    const seen = await chat.member('zoe').types('/link');
    await house.linksWith(zoe, addressOf(seen.answer));
    expect(seen.last).toMatchObject({ tone: 'refusal', private: true });
    expect(seen.last.text).toContain('Whoever runs me has to add you');
    const cancelled = await chat.member('ana').types('/link');
    await house.linksWith(ana, addressOf(cancelled.answer), 'cancel');
    expect(cancelled.last.text).toContain('nothing was linked');
  });
});

describe('one person in two places', () => {
  async function asked(): Promise<Seen> {
    await links();
    return links('ana-at-work');
  }

  it('is asked about in the chat, and becomes one when they say yes', async () => {
    await chat.member('ana').votes('song-1', 'calm');
    await chat.member('ana-at-work').votes('song-1', 'calm');
    const seen = await asked();
    expect(seen.last.text).toContain('Is that you as well?');
    const clicked = await chat.member('ana-at-work').clicks(seen.button('Yes, that is me too'));
    // The question itself becomes the answer.
    expect(clicked.messages).toEqual([]);
    expect(seen.last.text).toContain('Welcome together');
    expect(seen.last.buttons).toBeUndefined();
    expect(await chat.member('ana').id()).toBe(await chat.member('ana-at-work').id());
    expect(await chat.store.voteCounts('song-1')).toEqual({ calm: 1 });
    const late = await chat.member('ana-at-work').clicks('link:apart:whatever');
    expect(late.answer.text).toContain('asked too long ago');
  });

  it('stays two when they say no', async () => {
    const seen = await asked();
    await chat.member('ana-at-work').clicks(seen.button('No, somebody else'));
    expect(seen.last.text).toContain('everything stays as it was');
    expect(await chat.member('ana').id()).not.toBe(await chat.member('ana-at-work').id());
  });

  it('is not for others to decide', async () => {
    const seen = await asked();
    const action = seen.button('Yes, that is me too');
    expect((await chat.member('mallory').clicks(action)).answer.tone).toBe('refusal');
    expect((await chat.member('ana').clicks(action)).answer.tone).toBe('refusal');
    expect(await chat.member('ana').id()).not.toBe(await chat.member('ana-at-work').id());
  });

  it('is parted by /unlink, which asks first', async () => {
    const seen = await asked();
    await chat.member('ana-at-work').clicks(seen.button('Yes, that is me too'));
    const sure = await chat.member('ana').types('/unlink');
    expect(sure.answer.text).toContain('you and somebody in the room one person');
    await chat.member('ana').clicks(sure.button('No, keep it'));
    expect(await chat.store.spotifyLinks()).toHaveLength(1);
    const done = await chat.member('ana').clicks(sure.button('Yes, forget it'));
    expect(done.answer.text).toContain('You here and in the room are apart again');
    expect(await chat.store.spotifyLinks()).toEqual([]);
    expect(await chat.member('ana').id()).not.toBe(await chat.member('ana-at-work').id());
  });

  it('is forgotten as one by /my-data delete, which says so first', async () => {
    const seen = await asked();
    await chat.member('ana-at-work').clicks(seen.button('Yes, that is me too'));
    const sure = await chat.member('ana').types('/my-data delete');
    expect(sure.answer.text).toContain('This is about you in the room as well');
    expect(sure.answer.text).toContain('The link to your Spotify account goes, too');
    const done = await chat.member('ana').clicks(sure.button('Yes, forget me'));
    expect(done.answer.text).toContain('your Spotify account');
    expect(await chat.store.spotifyLinks()).toEqual([]);
    expect(await chat.store.findMember('room:ana-at-work')).toBeUndefined();
    expect(chat.forgotten.sort()).toEqual(['room:ana', 'room:ana-at-work']);
  });
});

describe('/unlink', () => {
  it('forgets the account at once when nobody is parted by it', async () => {
    await links();
    const { answer } = await chat.member('ana').types('/unlink');
    expect(answer).toMatchObject({ tone: 'success', private: true });
    expect(answer.text).toContain('forgotten your Spotify account *Ana*');
    expect(await chat.store.spotifyLinks()).toEqual([]);
    expect((await chat.member('ana').types('/unlink')).answer.text).toContain('No Spotify account of yours');
  });
});

it('/my-data export holds the account and nothing that opens it', async () => {
  await links();
  const { answer } = await chat.member('ana').types('/my-data export');
  const content = answer.files?.[0]?.content ?? '';
  const data = JSON.parse(content);
  expect(data.spotify).toMatchObject({ name: 'Ana', accountId: ana.account.accountId });
  expect(content).not.toContain('sealed');
  for (const secret of house.spotify.secrets) expect(content).not.toContain(secret);
});
