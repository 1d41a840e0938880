import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { Seen } from './chat.ts';
import {
  goesTheWay,
  labels,
  linkIn,
  openSpotifyChat,
  type SpotifyChat,
  type SpotifyChatOptions,
  says,
} from './spotify-chat.ts';

let chat: SpotifyChat;
let ana: Person;

async function open(options: SpotifyChatOptions = {}): Promise<void> {
  chat = await openSpotifyChat(options);
  ana = chat.spotify.account('ana');
}

beforeEach(() => open());
afterEach(() => chat.close());

async function reopen(options: SpotifyChatOptions): Promise<void> {
  await chat.close();
  await open(options);
}

const titles = (person: Person) => person.playlists()[0]?.songs ?? [];

describe('/playlist of somebody who has linked Spotify', () => {
  it('goes there by itself, and the answer says so in place', async () => {
    const member = await chat.linked('ana');
    const seen = await member.types('/playlist calm songs:5');
    expect(seen.answer.text).toMatch(/on its way to your Spotify|It is in your Spotify/);
    const message = await says(seen, 'It is in your Spotify.');
    expect(message.songs).toHaveLength(5);
    const [made] = ana.playlists();
    expect(linkIn(message)).toMatchObject({ label: 'Open in Spotify', url: made?.url });
    expect(made).toMatchObject({ name: expect.stringMatching(/^Calm · \d+ \w+ \d{4}$/), public: false });
    expect(made?.songs).toEqual(message.songs?.map(({ title, artists }) => `${title} – ${artists.join()}`));
    expect(labels(message)).not.toContain('To my Spotify');
    // The cover is drawn in a thread of its own, which starts slowly on a busy machine.
    await expect.poll(() => ana.playlists()[0]?.cover?.length, { timeout: 15_000 }).toBeGreaterThan(5000);
    expect(ana.playlists()[0]!.cover!.length).toBeLessThanOrEqual(192 * 1024);
  });

  it('stays here on request, with a button for later', async () => {
    const member = await chat.linked('ana');
    const seen = await member.sends('playlist', { emotion: 'calm', songs: 4, spotify: false });
    expect(ana.playlists()).toEqual([]);
    expect(labels(seen.answer)).toContain('To my Spotify');
    const pushed = await member.clicks(seen.button('To my Spotify'));
    await says(pushed, 'It is in your Spotify.');
    expect(titles(ana)).toHaveLength(4);
  });

  it('again within the hour asks whether to update', async () => {
    const member = await chat.linked('ana');
    await says(await member.types('/playlist calm songs:4'), 'It is in your Spotify.');
    const second = await member.types('/playlist calm songs:6');
    expect(second.answer.text).toContain('within the hour');
    expect(ana.playlists()).toHaveLength(1);
    const update = labels(second.answer).find((label) => label.startsWith('Update'))!;
    await says(await member.clicks(second.button(update)), 'It is in your Spotify.');
    expect(ana.playlists()).toHaveLength(1);
    expect(titles(ana)).toHaveLength(6);
    const third = await member.types('/playlist calm songs:3');
    await says(await member.clicks(third.button('A new playlist')), 'It is in your Spotify.');
    expect(ana.playlists().map(({ songs }) => songs.length)).toEqual([3, 6]);
    // Another wish is another list.
    await says(await member.types('/playlist happy songs:3'), 'It is in your Spotify.');
    chat.spotify.clock.advance(61 * MINUTE);
    await says(await member.types('/playlist calm songs:2'), 'It is in your Spotify.');
    expect(ana.playlists()).toHaveLength(4);
  });

  it('names the songs that Spotify does not have', async () => {
    const member = await chat.linked('ana');
    for (const [id, track] of chat.tracks) if (id.startsWith('calm')) chat.spotify.takesDown(track);
    const message = await says(await member.types('/playlist calm songs:10'), 'stay here');
    expect(message.text).toMatch(/Not in Spotify, so they stay here: \*Calm song \d\*, .+ and \d+ more\./);
  });

  it('finds songs by title and artist where the catalogue has no addresses', async () => {
    await reopen({ addresses: false });
    const member = await chat.linked('ana');
    const message = await says(await member.types('/playlist happy songs:5'), 'It is in your Spotify.');
    expect(titles(ana)).toEqual(message.songs?.map(({ title, artists }) => `${title} – ${artists.join()}`));
  });

  it('says in how long it goes on where Spotify wants a rest', async () => {
    const member = await chat.linked('ana');
    chat.spotify.blocks(40 * 60);
    const message = await says(await member.types('/playlist calm songs:3'), 'go on by myself');
    expect(message.text).toMatch(/in about (39|40|41) minutes/);
  });

  it('clicked twice is one playlist, and asked for again says where it is', async () => {
    const member = await chat.linked('ana');
    const seen = await member.sends('playlist', { songs: 4, spotify: false });
    const button = seen.button('To my Spotify');
    const clicks = await Promise.all([1, 2, 3].map(() => member.clicks(button)));
    for (const click of clicks) await says(click, /in your Spotify/);
    expect(ana.playlists()).toHaveLength(1);
    const again = await member.clicks(button);
    expect(again.answer.text).toContain('in your Spotify already');
    ana.deletes(ana.playlists()[0]!);
    const gone = await member.clicks(button);
    expect(gone.answer.text).toContain('not there any more');
    await says(await member.clicks(gone.button('Make it again')), 'It is in your Spotify.');
    expect(ana.playlists()).toHaveLength(1);
  });
});

describe('who has not linked', () => {
  it('is led to linking by the button, and the list follows by itself', async () => {
    const member = chat.member('ana');
    const list = await member.types('/playlist calm songs:3');
    const seen = await member.clicks(list.button('To my Spotify'));
    expect(linkIn(seen.answer).label).toBe('Link Spotify');
    await goesTheWay(ana, linkIn(seen.answer).url);
    await says(seen, 'It is in your Spotify.');
    expect(titles(ana)).toHaveLength(3);
  });

  it('sees no button where Spotify is not set up, and hears why in the demo', async () => {
    await reopen({ demo: true });
    const { answer } = await chat.member('ana').types('/playlist calm songs:3');
    expect(answer.text).toContain('The songs of this demo are invented');
    expect(labels(answer)).not.toContain('To my Spotify');
  });
});

describe('the bot’s own account', () => {
  beforeEach(async () => {
    await reopen({ shared: true });
    await chat.linkShared(chat.spotify.account('bot'));
  });

  it('takes a list of anybody, once, for everybody', async () => {
    const member = chat.member('cleo');
    const list = await member.types('/playlist calm songs:4');
    expect(labels(list.answer)).toEqual(expect.arrayContaining(['To my Spotify', 'As a Spotify playlist']));
    const button = list.button('As a Spotify playlist');
    const message = await says(await member.clicks(button), 'for everybody who has the link');
    await says(await member.clicks(button), 'for everybody');
    const bot = chat.spotify.account('bot');
    expect(bot.playlists()).toMatchObject([{ url: linkIn(message).url, public: false }]);
    const shared = await member.clicks(list.button('Share'));
    expect(linkIn(shared.answer).url).toBe(linkIn(message).url);
  });

  it('is not offered any more when it is gone', async () => {
    const member = chat.member('cleo');
    const list = await member.types('/playlist calm songs:4');
    chat.spotify.account('bot').closes();
    await says(
      await member.clicks(list.button('As a Spotify playlist')),
      'Whoever runs me has to link it again',
    );
    const next = await member.types('/playlist happy songs:4');
    expect(labels(next.answer)).not.toContain('As a Spotify playlist');
  });

  it('takes only lists of one’s own', async () => {
    const list = await chat.member('cleo').types('/playlist calm songs:4');
    const { answer } = await chat.member('dan').clicks(list.button('As a Spotify playlist'));
    expect(answer).toMatchObject({ tone: 'refusal', text: expect.stringContaining('somebody else') });
  });
});

describe('a push that fails', () => {
  const cases: [string, () => unknown, string, string | undefined][] = [
    ['not on the list', () => ana.allowed(false), 'add you to its users', 'Try again'],
    ['Premium lapsed', () => chat.spotify.premiumLapses(), 'Premium subscription', 'Try again'],
    ['access ended', () => ana.revokes(), 'Link it again', 'Link Spotify again'],
    ['account closed', () => ana.closes(), 'the account is closed', 'Link Spotify again'],
    [
      'refused',
      () => chat.spotify.faults.answerNext('POST /me/playlists', 400, '{"error":{"message":"No."}}'),
      'in my log',
      'Try again',
    ],
    [
      'nothing there',
      () => {
        for (const track of chat.tracks.values()) chat.spotify.takesDown(track);
      },
      'none of these songs',
      undefined,
    ],
  ];

  it.each(cases)('says who can do what: %s', async (_, breaks, text, button) => {
    const member = await chat.linked('ana');
    // Its token is an hour old, so that whatever was ended is noticed.
    chat.spotify.clock.advance(2 * HOUR);
    await breaks();
    const message = await says(await member.types('/playlist calm songs:3'), text);
    expect(message.text).not.toMatch(/undefined|\[object|SpotifyError|POST /);
    expect(labels(message)).not.toContain('To my Spotify');
    const offered = ['Try again', 'Link Spotify again'].find((label) => labels(message).includes(label));
    expect(offered).toBe(button);
  });

  it('goes on with a click after it was mended', async () => {
    const member = await chat.linked('ana');
    ana.allowed(false);
    const seen = await member.types('/playlist calm songs:3');
    await says(seen, 'add you to its users');
    ana.allowed(true);
    await says(await member.clicks(seen.button('Try again')), 'It is in your Spotify.');
  });
});

it('with too little agreed to leads to linking again, and then on', async () => {
  const member = await chat.linked('ana');
  const words = '{"error":{"status":403,"message":"Insufficient client scope"}}';
  chat.spotify.faults.answerNext('POST /me/playlists', 403, words);
  const seen = await member.types('/playlist calm songs:3');
  await says(seen, 'less than playlists need');
  const asked = await member.clicks(seen.button('Link Spotify again'));
  await goesTheWay(ana, linkIn(asked.answer).url);
  await says(asked, 'It is in your Spotify.');
  expect(ana.playlists()).toHaveLength(1);
});

describe('who asked a while ago', () => {
  it('is told alone, with a link', async () => {
    const member = await chat.linked('ana');
    chat.spotify.faults.limitNext('POST /me/playlists', 1);
    const seen = await member.types('/playlist calm songs:3');
    await says(seen, 'go on by myself');
    chat.spotify.clock.advance(20 * MINUTE);
    await expect.poll(() => chat.told, { timeout: 5000 }).toHaveLength(1);
    const [{ identity, message }] = chat.told as [(typeof chat.told)[number]];
    expect(identity).toBe('room:ana');
    expect(message.text).toMatch(/^Your playlist \*Calm · .+\* is in your Spotify now\.$/);
    expect(linkIn(message).url).toBe(ana.playlists()[0]?.url);
    expect(message.private).toBe(true);
  });
});

it('who unlinks meanwhile hears no more of what was on its way', async () => {
  const member = await chat.linked('ana');
  chat.spotify.faults.limitNext('POST /me/playlists', 1);
  const seen = await member.types('/playlist calm songs:3');
  await says(seen, 'go on by myself');
  await chat.services.spotify!.links.unlink(await member.id(), 'room:ana');
  chat.spotify.clock.advance(20 * MINUTE);
  // Another member's push goes through the same outbox after that time.
  const ben = await chat.linked('ben');
  await says(await ben.types('/playlist calm songs:3'), 'It is in your Spotify.');
  expect(chat.told).toEqual([]);
  expect(ana.playlists()).toEqual([]);
});

describe('/playlists', () => {
  it('shows the last lists, where they are, and how one stands with Spotify', async () => {
    const member = await chat.linked('ana');
    const first = await member.types('/playlist calm songs:4');
    await says(first, 'It is in your Spotify.');
    await member.clicks(first.button('Keep'));
    await member.sends('playlist', { emotion: 'sad', to: 'happy', songs: 3, spotify: false });
    const { answer } = await member.types('/playlists');
    expect(answer).toMatchObject({ title: 'Your playlists', private: true });
    expect(answer.text).toContain('account *ana* is linked');
    expect(answer.fields).toMatchObject([
      { name: '1. From sad to happy', value: expect.stringMatching(/3 songs$/) },
      { name: '2. Calm', value: expect.stringMatching(/4 songs · kept · in your Spotify$/) },
    ]);
    expect(labels(answer)).toEqual(['Show 1', 'Show 2', '2 in Spotify', 'A new one']);
    const seen = new Seen();
    seen.messages.push(answer);
    const shown = await member.clicks(seen.button('Show 2'));
    expect(shown.answer.text).toContain('It is in your Spotify.');
    expect(shown.answer.songs).toHaveLength(4);
  });

  it('has room for eight with two buttons each', async () => {
    const member = await chat.linked('ana');
    for (let index = 0; index < 9; index++) {
      await says(await member.types(`/playlist calm songs:${index + 2}`), 'It is in your Spotify.');
      chat.spotify.clock.advance(2 * HOUR);
    }
    const { answer } = await member.types('/playlists');
    expect(answer.fields).toHaveLength(8);
    expect(answer.buttons).toHaveLength(17);
    expect(ana.playlists()).toHaveLength(9);
  });

  it('says how to begin', async () => {
    const { answer } = await chat.member('new').types('/playlists');
    expect(answer.text).toBe(
      'There is no list of yours yet. Send */playlist* for the first one. No Spotify account of yours is linked. */link* does it, and new lists go there by themselves.',
    );
    chat.spotify.clock.advance(DAY);
  });
});
