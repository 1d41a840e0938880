import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTaxonomy, MAX_EMOTIONS, parseTaxonomy, TaxonomyError } from '../../src/domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';

const happy = {
  key: 'happy',
  name: 'Happy',
  emoji: '😄',
  slack: 'smile',
  valence: 0.8,
  arousal: 0.4,
  colour: '#f2b705',
};
const sad = {
  key: 'sad',
  name: 'Sad',
  emoji: '😢',
  slack: 'cry',
  valence: -0.7,
  arousal: -0.4,
  colour: '#3b6fd4',
};
const folder = mkdtempSync(path.join(os.tmpdir(), 'taxonomy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the emotions file', () => {
  it('that is shipped holds eight emotions spread over the plane', () => {
    const { emotions } = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
    expect(emotions.map((e) => e.key)).toEqual([
      'happy',
      'energetic',
      'angry',
      'tense',
      'sad',
      'nostalgic',
      'calm',
      'tender',
    ]);
    const quadrants = new Set(emotions.map((e) => `${e.valence > 0}${e.arousal > 0}`));
    expect(quadrants.size).toBe(4);
  });

  it('gives each emoji its meaning, whatever its variation selector or skin tone', () => {
    const clock = { ...sad, key: 'nostalgic', emoji: '🕰️', slack: 'mantelpiece_clock' };
    const hand = { ...sad, key: 'proud', emoji: '👍', slack: 'thumbsup' };
    const taxonomy = parseTaxonomy({ emotions: [happy, clock, hand] });
    expect(taxonomy.meaningOf('🕰')).toEqual({ kind: 'emotion', emotion: 'nostalgic' });
    expect(taxonomy.meaningOf('👍🏽')).toEqual({ kind: 'emotion', emotion: 'proud' });
    expect(taxonomy.meaningOf('❤')).toEqual({ kind: 'like' });
    expect(taxonomy.meaningOf('🍕')).toBeUndefined();
  });

  it('refuses two emotions on one emoji and names both', () => {
    expect(() => parseTaxonomy({ emotions: [happy, { ...sad, emoji: '😄' }] })).toThrow(
      /"happy" and "sad" share the emoji 😄/,
    );
  });

  it('refuses two emotions on one emoji that is only written differently', () => {
    const emotions = [
      { ...happy, emoji: '🕰️' },
      { ...sad, emoji: '🕰' },
    ];
    expect(() => parseTaxonomy({ emotions })).toThrow(/"happy" and "sad" share the emoji/);
  });

  it('refuses two emotions of one key or one name on Slack', () => {
    expect(() => parseTaxonomy({ emotions: [happy, { ...sad, key: 'happy' }] })).toThrow(
      /share the key happy/,
    );
    expect(() => parseTaxonomy({ emotions: [happy, { ...sad, slack: 'smile' }] })).toThrow(
      /"happy" and "sad" share Slack's smile/,
    );
  });

  it('refuses an emotion without an emoji', () => {
    const { emoji: _, ...without } = sad;
    expect(() => parseTaxonomy({ emotions: [happy, without] })).toThrow(/emotions\.1\.emoji/);
    expect(() => parseTaxonomy({ emotions: [happy, { ...sad, emoji: '' }] })).toThrow(TaxonomyError);
  });

  it('refuses a list with no emotion, with one, and with more than Discord can show', () => {
    expect(() => parseTaxonomy({ emotions: [] })).toThrow(/no emotion/);
    expect(() => parseTaxonomy({ emotions: [happy] })).toThrow(/only one emotion/);
    const many = Array.from({ length: MAX_EMOTIONS + 1 }, (_, i) => ({
      ...happy,
      key: `e${i}`,
      slack: `e${i}`,
      emoji: String.fromCodePoint(0x1f400 + i),
    }));
    expect(() => parseTaxonomy({ emotions: many })).toThrow(/too many/);
  });

  it('keeps ❤️ for taste', () => {
    expect(() => parseTaxonomy({ emotions: [happy, { ...sad, emoji: '❤' }] })).toThrow(/"sad" uses ❤️/);
  });

  it('may begin with a byte order mark', () => {
    const file = path.join(folder, 'marked.json');
    writeFileSync(file, `\uFEFF${JSON.stringify({ emotions: [happy, sad] })}`);
    expect(loadTaxonomy(file).emotions.map((emotion) => emotion.key)).toEqual(['happy', 'sad']);
  });

  it('says which file is missing or is not JSON', () => {
    const file = path.join(folder, 'emotions.json');
    expect(() => loadTaxonomy(file)).toThrow(/emotions\.json cannot be used:\n.*ENOENT/);
    writeFileSync(file, '{ "emotions": [');
    expect(() => loadTaxonomy(file)).toThrow(/it is not JSON/);
  });
});
