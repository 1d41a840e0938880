import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/chat/message.ts';
import { consentEnds } from '../../src/spotify/consent.ts';
import { DAY, HOUR } from '../support/spotify/clock.ts';
import { type House, type HouseOptions, openHouse } from './linking-house.ts';

let house: House;

afterEach(async () => {
  const log = house.lines.join('');
  for (const secret of house.spotify.secrets) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/spotify\/link\//);
  await house.close();
});

const ANA = 'discord:ana';

async function linkedHouse(options: HouseOptions = {}): Promise<{ until: number }> {
  house = await openHouse({ taste: true, ...options });
  await house.linksWith(house.spotify.account('Ana'), (await house.invites(ANA, { taste: true })).url);
  const status = await house.status(ANA);
  if (status.kind !== 'linked') throw new Error(status.kind);
  return { until: status.until };
}

/** The clock goes on to then, and the hour strikes. */
async function at(moment: number): Promise<void> {
  house.spotify.clock.advance(moment - house.spotify.clock.now());
  await house.opened.onHour();
}

function addressIn(message: Message | undefined): string {
  const [button] = message?.buttons ?? [];
  if (button === undefined || !('url' in button)) throw new Error('no address');
  return button.url;
}

describe('a member whose link ends', () => {
  it('is told two weeks before, alone, once, with an address that renews it in one go', async () => {
    const { until } = await linkedHouse();
    await at(until - 14 * DAY - HOUR);
    expect(house.told).toEqual([]);
    await at(until - 14 * DAY + HOUR);
    expect(house.told).toHaveLength(1);
    expect(house.told[0]?.identity).toBe(ANA);
    expect(house.told[0]?.message.text).toContain('*Ana*');
    await at(until - 13 * DAY);
    await house.restarts();
    await at(until - 12 * DAY);
    expect(house.told).toHaveLength(1);

    // Good until the end, also after the restart.
    await at(until - HOUR);
    const ana = house.spotify.account('Ana');
    const page = await house.linksWith(ana, addressIn(house.told[0]?.message));
    expect(page.text).toContain('That worked');
    expect(await house.status(ANA)).toMatchObject({ kind: 'linked', taste: true });
    expect(house.told.at(-1)?.message.text).toContain('is linked');
    const told = house.told.length;
    await at(until + DAY);
    expect(house.told).toHaveLength(told);
  });

  it('is addressed in the channel when they take no messages, without the address', async () => {
    const { until } = await linkedHouse({ closed: [ANA] });
    await at(until - 14 * DAY + HOUR);
    expect(house.told).toEqual([]);
    const [post, ...more] = house.posted;
    expect(more).toEqual([]);
    expect(post?.channel).toBe('general');
    expect(post?.message).toMatchObject({ addressee: ANA, text: expect.stringContaining('*/link*') });
    expect(JSON.stringify(post)).not.toContain('http');
  });

  it('is told once more when it has ended, and the token is gone from the disk', async () => {
    const { until } = await linkedHouse();
    await at(until - 14 * DAY + HOUR);
    await at(until + HOUR);
    await at(until + 2 * HOUR);
    expect(house.told).toHaveLength(2);
    expect(house.told[1]?.message.text).toContain('has ended');
    const [link] = await house.store.spotifyLinks();
    expect(link).not.toHaveProperty('sealed');
    expect(link?.endedAt).toBeDefined();
    expect(
      (await house.linksWith(house.spotify.account('Ana'), addressIn(house.told[1]?.message))).text,
    ).toContain('That worked');
  });

  it('is left alone once they have unlinked', async () => {
    const { until } = await linkedHouse();
    await house.links.unlink(await house.memberId(ANA), ANA);
    await at(until - DAY);
    expect(house.told).toEqual([]);
  });
});

describe('the bot’s own account', () => {
  it('is linked at an address in the first lines, once, and never asks who is one person', async () => {
    await linkedHouse({ shared: true });
    const url = await house.opened.inviteShared();
    const ana = house.spotify.account('Ana');
    const start = await ana.browser.get(url ?? '');
    expect(start.text).toContain('Link the bot’s Spotify account');
    const page = await house.linksWith(ana, url ?? '');
    expect(page.text).toContain('Playlists for everybody are made in <strong>Ana</strong>');
    expect((await house.store.spotifyLinks()).map(({ owner }) => owner)).toContain('shared');
    expect(house.lines.join('')).toContain('an account that a member has linked as their own');
    expect(await house.opened.inviteShared()).toBeUndefined();
    expect((await ana.browser.get(url ?? '')).status).toBe(410);
  });

  it('is no reason to ask a member who links the same one', async () => {
    house = await openHouse({ shared: true });
    const ana = house.spotify.account('Ana');
    await house.linksWith(ana, (await house.opened.inviteShared()) ?? '');
    const { url, heard } = await house.invites(ANA);
    await house.linksWith(ana, url);
    expect(heard).toMatchObject([{ kind: 'linked' }]);
  });

  it('has the log warn before its end and after it, without the address, and the first lines hold a new one', async () => {
    house = await openHouse({ shared: true });
    const bot = house.spotify.account('Bot');
    await house.linksWith(bot, (await house.opened.inviteShared()) ?? '');
    const until = consentEnds((await house.store.spotifyLinks())[0]?.authorizedAt ?? 0);
    const warnings = () => house.lines.filter((line) => line.includes('restart the bot, its first lines'));
    await at(until - 14 * DAY + HOUR);
    await at(until - 13 * DAY);
    expect(warnings()).toHaveLength(1);
    expect(await house.opened.inviteShared()).toContain('/spotify/link/');
    await at(until + HOUR);
    await at(until + 2 * HOUR);
    expect(warnings()).toHaveLength(2);
    expect(await house.opened.inviteShared()).toContain('/spotify/link/');
    expect(house.told).toEqual([]);
    expect(house.posted).toEqual([]);
  });

  it('is asked for only where the operator wants one', async () => {
    await linkedHouse();
    expect(await house.opened.inviteShared()).toBeUndefined();
  });
});
