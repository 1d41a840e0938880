import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createBrowserSecret,
  createLinkState,
  LINK_LIVES_MS,
  openState,
  pkceFor,
  sealState,
} from '../../src/spotify/link.ts';

const key = randomBytes(32);
const now = Date.parse('2026-11-25T10:00:00Z');
const browser = createBrowserSecret();
const refused = (why: string) => ({ ok: false, why });

describe('a state', () => {
  it('comes back as it went out, in the same browser', () => {
    const state = createLinkState('discord:1', now);
    expect(openState(key, sealState(key, state, browser), browser, now)).toEqual({ ok: true, state });
  });

  it('of any member survives an address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (memberId) => {
        const state = createLinkState(memberId, now);
        const url = new URL('http://127.0.0.1/callback');
        url.searchParams.set('state', sealState(key, state, browser));
        const given = new URL(url.href).searchParams.get('state') ?? '';
        expect(openState(key, given, browser, now)).toEqual({ ok: true, state });
      }),
    );
  });

  it('is different every time', () => {
    const seal = () => sealState(key, createLinkState('discord:1', now), browser);
    expect(seal()).not.toBe(seal());
  });

  it('ends after ten minutes', () => {
    const sealed = sealState(key, createLinkState('discord:1', now), browser);
    expect(openState(key, sealed, browser, now + LINK_LIVES_MS - 1).ok).toBe(true);
    expect(openState(key, sealed, browser, now + LINK_LIVES_MS)).toEqual(refused('expired'));
  });

  it('is worth nothing in another browser', () => {
    const sealed = sealState(key, createLinkState('discord:1', now), browser);
    expect(openState(key, sealed, createBrowserSecret(), now)).toEqual(refused('another-browser'));
    expect(openState(key, sealed, undefined, now)).toEqual(refused('another-browser'));
    expect(openState(key, sealed, '', now)).toEqual(refused('another-browser'));
  });

  it('is worth nothing with another member in it, or from another bot', () => {
    const mine = sealState(key, createLinkState('discord:1', now), browser).split('.');
    const theirs = sealState(key, createLinkState('discord:2', now), browser).split('.');
    expect(openState(key, [theirs[0], mine[1], mine[2]].join('.'), browser, now)).toEqual(refused('forged'));
    expect(openState(key, [mine[0], theirs[1], mine[2]].join('.'), browser, now)).toEqual(
      refused('another-browser'),
    );
    expect(openState(randomBytes(32), mine.join('.'), browser, now)).toEqual(refused('forged'));
  });

  it('with any letter changed is refused', () => {
    const sealed = sealState(key, createLinkState('discord:1', now), browser);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'b', '0', '.', '_', ' '), (at, letter) => {
        fc.pre(sealed[at] !== letter);
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        expect(openState(key, changed, browser, now).ok).toBe(false);
      }),
    );
  });

  it('that is nonsense is refused', () => {
    fc.assert(fc.property(fc.string(), (text) => !openState(key, text, browser, now).ok));
    for (const text of ['', '.', '..', '...', 'a.b.c.d', 'x'.repeat(5000)])
      expect(openState(key, text, browser, now).ok).toBe(false);
  });
});

describe('a PKCE pair', () => {
  it('follows from the state, and from nothing that a browser sees', () => {
    const state = createLinkState('discord:1', now);
    const { verifier, challenge } = pkceFor(key, state);
    expect(verifier).toMatch(/^[\w-]{43}$/);
    expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
    expect(pkceFor(key, state)).toEqual({ verifier, challenge });
    expect(pkceFor(key, createLinkState('discord:1', now)).verifier).not.toBe(verifier);
    expect(pkceFor(randomBytes(32), state).verifier).not.toBe(verifier);
    expect(sealState(key, state, browser)).not.toContain(verifier);
  });
});
