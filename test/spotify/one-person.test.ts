import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredPush } from '../../src/domain/spotify.ts';
import { MINUTE } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { type House, openHouse } from './linking-house.ts';

let house: House;
let ana: Person;

beforeEach(async () => {
  house = await openHouse();
  ana = house.spotify.account('Ana');
});

afterEach(async () => {
  const log = house.lines.join('');
  for (const secret of house.spotify.secrets) expect(log).not.toContain(secret);
  await house.close();
});

const DISCORD = 'discord:ana';
const SLACK = 'slack:T1:ana';

async function votes(identity: string, song = 'song'): Promise<void> {
  await house.store.setReaction({
    postId: `${identity.split(':')[0]}/post`,
    songId: song,
    identity,
    meaning: { kind: 'emotion', emotion: 'calm' },
    present: true,
    at: house.spotify.clock.now(),
  });
}

const calm = async () => (await house.store.voteCounts('song')).calm ?? 0;

/** Ana has linked on Discord, and links the same account on Slack: what the page and the chat ask. */
async function linksTwice() {
  await house.linksWith(ana, (await house.invites(DISCORD)).url);
  const { url, heard } = await house.invites(SLACK);
  const page = await house.linksWith(ana, url);
  const [asked] = heard;
  if (asked?.kind !== 'one-person') throw new Error(`not asked: ${asked?.kind}`);
  return { page, heard, question: asked.question, asked };
}

describe('linking an account that somebody else has linked', () => {
  it('asks whether both are one person, on the page and in the chat', async () => {
    const { page, asked } = await linksTwice();
    expect(page.status).toBe(200);
    expect(page.text).toContain('Are you two one person?');
    expect(page.text).toContain('somebody on Discord');
    expect(asked).toMatchObject({ name: 'Ana', other: [DISCORD] });
    expect(await house.status(SLACK)).toEqual({ kind: 'none' });
  });

  it('makes them one when they say so on the page, and their votes count once', async () => {
    await votes(DISCORD);
    await votes(SLACK);
    expect(await calm()).toBe(2);
    const { page, heard, question } = await linksTwice();
    const end = await ana.browser.submit(new URL('/spotify/answer', page.url), { question, answer: 'same' });
    expect(end.text).toContain('Welcome together');
    expect(heard.slice(1)).toEqual([{ kind: 'joined', name: 'Ana', other: [DISCORD] }]);
    expect(await house.memberId(SLACK)).toBe(await house.memberId(DISCORD));
    expect(await calm()).toBe(1);
    expect(await house.status(SLACK)).toMatchObject({ kind: 'linked', name: 'Ana' });
    // With the tokens of the later consent.
    expect(await house.store.spotifyLinks()).toHaveLength(1);
    const [link] = await house.store.spotifyLinks();
    expect(link?.where?.identity).toBe(SLACK);
  });

  it('makes them one when they say so in the chat', async () => {
    const { heard, question } = await linksTwice();
    const outcome = await house.links.decide(await house.memberId(SLACK), question, true);
    expect(outcome).toMatchObject({ kind: 'joined' });
    expect(heard.at(-1)).toEqual(outcome);
    expect(await house.memberId(SLACK)).toBe(await house.memberId(DISCORD));
  });

  it('changes nothing when they are two', async () => {
    const before = await linksTwice().then(async (asked) => ({
      ...asked,
      links: await house.store.spotifyLinks(),
    }));
    const { page, heard, question, links } = before;
    const end = await ana.browser.submit(new URL('/spotify/answer', page.url), { question, answer: 'apart' });
    expect(end.text).toContain('Everything stays as it was');
    expect(heard.slice(1)).toEqual([{ kind: 'apart', name: 'Ana' }]);
    expect(await house.store.spotifyLinks()).toEqual(links);
    expect(await house.memberId(SLACK)).not.toBe(await house.memberId(DISCORD));
  });

  it('takes one answer, of the one who was asked, in the browser they were asked in', async () => {
    const { page, question } = await linksTwice();
    const address = new URL('/spotify/answer', page.url);
    const stranger = house.newBrowser();
    await stranger.get((await house.invites('discord:mallory')).url);
    expect((await stranger.submit(address, { question, answer: 'same' })).status).toBe(410);
    expect(await house.links.decide(await house.memberId(DISCORD), question, true)).toBeUndefined();
    expect(await house.links.decide(await house.memberId('discord:mallory'), question, true)).toBeUndefined();
    expect((await ana.browser.submit(address, { question, answer: 'perhaps' })).status).toBe(400);
    expect((await ana.browser.submit(address, { question: 'another', answer: 'same' })).status).toBe(410);
    const foreign = await fetch(address, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      body: new URLSearchParams({ question, answer: 'same' }),
    });
    expect(foreign.status).toBe(403);
    expect(await house.memberId(SLACK)).not.toBe(await house.memberId(DISCORD));
    expect((await ana.browser.submit(address, { question, answer: 'apart' })).status).toBe(200);
    expect((await ana.browser.submit(address, { question, answer: 'same' })).status).toBe(410);
  });

  it('waits ten minutes for the answer', async () => {
    const { question } = await linksTwice();
    house.spotify.clock.advance(10 * MINUTE);
    expect(await house.links.decide(await house.memberId(SLACK), question, true)).toBeUndefined();
  });

  it('links without a question when the other has unlinked meanwhile', async () => {
    const { question } = await linksTwice();
    await house.links.unlink(await house.memberId(DISCORD), DISCORD);
    const outcome = await house.links.decide(await house.memberId(SLACK), question, true);
    expect(outcome).toMatchObject({ kind: 'linked', name: 'Ana' });
    expect(await house.memberId(SLACK)).not.toBe(await house.memberId(DISCORD));
    expect(await house.status(DISCORD)).toEqual({ kind: 'none' });
  });

  it('notices also two who link at the same moment', async () => {
    const one = await house.invites(DISCORD);
    const two = await house.invites(SLACK);
    const elsewhere = house.newBrowser();
    const pageOne = await house.goesOn(ana, one.url);
    await elsewhere.get(two.url);
    let pageTwo = await elsewhere.submit(two.url);
    pageTwo = await elsewhere.click(pageTwo, 'account', ana.account.id);
    // A store that takes its time, as one on another machine does.
    const { store } = house;
    const read = store.spotifyLinks.bind(store);
    store.spotifyLinks = async () => {
      const links = await read();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return links;
    };
    await Promise.all([ana.decidesOn(pageOne, 'agree'), elsewhere.click(pageTwo, 'decision', 'agree')]);
    expect([one.heard[0]?.kind, two.heard[0]?.kind].sort()).toEqual(['linked', 'one-person']);
    expect(await house.store.spotifyLinks()).toHaveLength(1);
  });
});

describe('unlinking', () => {
  it('forgets the account and its token, and parts who was one by it', async () => {
    await votes(DISCORD);
    await votes(SLACK);
    const { question } = await linksTwice();
    await house.links.decide(await house.memberId(SLACK), question, true);
    const memberId = await house.memberId(SLACK);
    expect(await house.links.joinedWith(memberId, SLACK)).toEqual([DISCORD]);
    expect(await house.links.joinedWith(memberId, DISCORD)).toEqual([SLACK]);
    expect(await house.links.unlink(memberId, SLACK)).toEqual({ name: 'Ana', parted: [DISCORD] });
    expect(await house.store.spotifyLinks()).toEqual([]);
    expect(await house.memberId(SLACK)).not.toBe(await house.memberId(DISCORD));
    expect(await calm()).toBe(2);
    expect(await house.links.unlink(memberId, SLACK)).toBeUndefined();
  });

  it('stops what is on its way into the account, and nothing that goes elsewhere', async () => {
    await house.linksWith(ana, (await house.invites(DISCORD)).url);
    const memberId = await house.memberId(DISCORD);
    const push = (id: string, owner: string): StoredPush => ({
      id,
      memberId,
      owner,
      playlistId: `list ${id}`,
      where: house.where(DISCORD),
      name: 'Calm',
      description: '',
      songs: ['song'],
      askedAt: house.spotify.clock.now(),
    });
    await house.store.savePush(push('own', memberId));
    await house.store.savePush(push('shared', 'shared'));
    await house.links.unlink(memberId, DISCORD);
    expect((await house.store.openPushes()).map(({ id }) => id)).toEqual(['shared']);
    expect(await house.store.push('own')).toMatchObject({ failure: 'unlinked', endedAt: expect.any(Number) });
  });

  it('drops a question that is open, and the tokens with it', async () => {
    const { question } = await linksTwice();
    await house.memberId(SLACK);
    house.links.forget(await house.memberId(SLACK));
    expect(await house.links.decide(await house.memberId(SLACK), question, true)).toBeUndefined();
  });
});
