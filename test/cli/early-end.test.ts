import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/paths.ts';

test('a reader who stops early, as head does, is no failure', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'reactune-early-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const votes = Array.from({ length: 20_000 }, (_, i) => `song-${i},m1,calm\n`);
  writeFileSync(path.join(folder, 'votes.csv'), `song_id,member_id,emotion\n${votes.join('')}`);
  const command = spawn(
    process.execPath,
    [path.join(PACKAGE_ROOT, 'dist', 'cli.js'), 'aggregate', '--votes', path.join(folder, 'votes.csv')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let complaints = '';
  command.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  command.stdout.once('data', () => command.stdout.destroy());
  const [code] = await once(command, 'close');
  expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
});
