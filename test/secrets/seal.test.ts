import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyText, newKey, parseKey } from '../../src/secrets/key.ts';
import { keyIdOf, seal, unseal } from '../../src/secrets/seal.ts';

const key = newKey();
const other = newKey();
const ABOUT = 'installation slack:T1';

describe('a sealed text', () => {
  test('opens with its key and its record, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string(), (text, about) => {
        expect(unseal(seal(text, key, about), [other, key], about)).toBe(text);
      }),
      { seed: 7 },
    );
  });

  test('says which key it needs, and nothing of what it holds', () => {
    const sealed = seal('xoxb-very-secret', key, ABOUT);
    expect(sealed).toMatch(/^sealed1\.[\w-]{11}\.[\w-]{16}\.[\w-]+$/);
    expect(keyIdOf(sealed)).toBe(key.id);
    expect(sealed).not.toContain('secret');
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('secret');
  });

  test('never looks the same twice', () => {
    const texts = Array.from({ length: 1_000 }, () => seal('the same', key, ABOUT));
    expect(new Set(texts.map((text) => text.split('.')[2])).size).toBe(1_000);
  });

  test('does not open with another key, and names the one that lacks', () => {
    const sealed = seal('secret', key, ABOUT);
    expect(() => unseal(sealed, [other], ABOUT)).toThrow(
      expect.objectContaining({ code: 'missing-key', message: expect.stringContaining(key.id) }),
    );
    expect(() => unseal(sealed, [], ABOUT)).toThrow(expect.objectContaining({ code: 'missing-key' }));
  });

  test("does not open in another record's place, nor as of another key", () => {
    const sealed = seal('secret', key, ABOUT);
    expect(() => unseal(sealed, [key], 'installation slack:T2')).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    );
    const renamed = sealed.replace(key.id, other.id);
    expect(() => unseal(renamed, [key, other], ABOUT)).toThrow(expect.objectContaining({ code: 'damaged' }));
  });

  test('does not open when a single bit is another', () => {
    const [format, id, nonce, box] = seal('a secret', key, ABOUT).split('.');
    const flipped = (part: string, bit: number) => {
      const bytes = Buffer.from(part, 'base64url');
      bytes[bit >> 3] ^= 1 << (bit & 7);
      return bytes.toString('base64url');
    };
    for (let bit = 0; bit < Buffer.from(nonce, 'base64url').length * 8; bit++)
      expect(() => unseal([format, id, flipped(nonce, bit), box].join('.'), [key], ABOUT)).toThrow(
        /was changed/,
      );
    for (let bit = 0; bit < Buffer.from(box, 'base64url').length * 8; bit++)
      expect(() => unseal([format, id, nonce, flipped(box, bit)].join('.'), [key], ABOUT)).toThrow(
        /was changed/,
      );
  });

  test('does not open when any part of it is cut off', () => {
    const sealed = seal('a secret', key, ABOUT);
    for (let length = 0; length < sealed.length; length++)
      expect(() => unseal(sealed.slice(0, length), [key], ABOUT)).toThrow(
        expect.objectContaining({ name: 'SecretsError' }),
      );
  });

  test('of a later format is left alone, with the reason', () => {
    const later = seal('secret', key, ABOUT).replace('sealed1', 'sealed2');
    expect(() => unseal(later, [key], ABOUT)).toThrow('encrypted by a newer Reactune');
  });
});

describe('a key', () => {
  test('is read as it was written', () => {
    expect(parseKey(keyText(key))).toMatchObject({ id: key.id });
  });

  test('does not show when it is printed', () => {
    const shown = `${inspect({ key }, { depth: 9, showHidden: true })}${JSON.stringify(key)}${key}`;
    expect(shown).toContain(key.id);
    expect(shown).not.toContain(keyText(key));
    expect(shown).not.toContain(key.secret.export().toString('hex'));
  });
});
