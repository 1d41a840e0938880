import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_ROOT } from '../../../src/paths.ts';

/** Canonical name by every name, and whether it has skin tones. Names are those of emoji-datasource 16 (MIT), which are Slack's. */
interface Standard {
  readonly name: string;
  readonly tones: boolean;
}

let standard: ReadonlyMap<string, Standard> | undefined;

function names(): ReadonlyMap<string, Standard> {
  if (standard !== undefined) return standard;
  const all = new Map<string, Standard>();
  const text = readFileSync(path.join(PACKAGE_ROOT, 'test', 'support', 'slack', 'emoji-names.txt'), 'utf8');
  for (const line of text.trim().split('\n')) {
    const tones = line.endsWith(' *');
    const aliases = line.replace(/ \*$/, '').split(' ');
    for (const alias of aliases) all.set(alias, { name: aliases[0]!, tones });
  }
  standard = all;
  return all;
}

/** The name under which Slack keeps an emoji (`thumbsup` is `+1`); undefined: there is no such emoji here. */
export function canonicalEmoji(given: string, custom: ReadonlyMap<string, string>): string | undefined {
  const [base = '', tone, ...rest] = given.split('::');
  if (rest.length > 0) return undefined;
  if (custom.has(base)) return tone === undefined ? base : undefined;
  const known = names().get(base);
  if (known === undefined) return undefined;
  if (tone === undefined) return known.name;
  if (!known.tones || !/^skin-tone-[2-6](-[2-6])?$/.test(tone)) return undefined;
  return `${known.name}::${tone}`;
}
