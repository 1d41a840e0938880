import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTicket, openTicket, sealTicket } from '../../src/spotify/ticket.ts';

const key = randomBytes(32);
const NOW = Date.UTC(2026, 10, 25);
const where = {
  identity: 'discord:1234567890123456789',
  communityId: 'discord:1234567890123456789',
  channel: '1234567890123456789',
};
const ticketFor = (name: string) =>
  createTicket(
    { owner: '01234567-89ab-cdef-0123-456789abcdef', taste: true, where, name },
    { now: NOW, livesMs: 60_000 },
  );

describe('a ticket', () => {
  it('opens to what it was, whatever is in it, and stays itself in an address', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.boolean(),
        fc.boolean(),
        (channel, taste, renewal) => {
          const given = { owner: 'x', taste, where: { ...where, channel }, ...(renewal && { renewal }) };
          const ticket = createTicket(given, { now: NOW, livesMs: 1 });
          const sealed = sealTicket(key, ticket);
          expect(encodeURIComponent(sealed)).toBe(sealed);
          expect(openTicket(key, sealed, NOW)).toEqual({ ok: true, ticket });
        },
      ),
    );
  });

  it('is for the one key, unchanged, and until its end', () => {
    const sealed = sealTicket(key, ticketFor('Ana'));
    expect(openTicket(randomBytes(32), sealed, NOW)).toEqual({ ok: false, why: 'malformed' });
    expect(openTicket(key, `${sealed}.x`, NOW)).toEqual({ ok: false, why: 'malformed' });
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(openTicket(key, changed, NOW)).toEqual({ ok: false, why: 'malformed' });
    }
    expect(openTicket(key, sealed, NOW + 60_000)).toEqual({ ok: false, why: 'expired' });
    expect(openTicket(key, sealed, undefined).ok).toBe(true);
  });

  it.each(['Ana', '"\\'.repeat(30), '👩‍👩‍👧‍👦'.repeat(20), '\u202Egnp.exe', '名'.repeat(50)])(
    'with the name %s fits a button of Discord’s, and shows no mark that has no shape',
    (name) => {
      const sealed = sealTicket(key, ticketFor(name));
      expect(`https://reactune.example.org/spotify/link/${sealed}`.length).toBeLessThanOrEqual(512);
      const opened = openTicket(key, sealed, NOW);
      expect(opened.ok && opened.ticket.name).toMatch(/^\P{C}+$/u);
    },
  );
});
