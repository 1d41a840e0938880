import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/paths.ts';

const CHAT = path.join(PACKAGE_ROOT, 'src', 'chat');

it('no chat platform knows another one', () => {
  const known: string[] = [];
  const files = readdirSync(CHAT, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts') && name.includes(path.sep))) {
    const [platform] = file.split(path.sep);
    const source = readFileSync(path.join(CHAT, file), 'utf8');
    for (const [, from] of source.matchAll(/from '(\.[^']+)'/g)) {
      const target = path.relative(CHAT, path.resolve(CHAT, path.dirname(file), from)).split(path.sep);
      if (target.length > 1 && target[0] !== '..' && target[0] !== platform) known.push(`${file} → ${from}`);
    }
  }
  expect(files.length).toBeGreaterThan(30);
  expect(known).toEqual([]);
});
