import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { environmentWithFile, readConfig } from '../config.ts';
import { lockState } from '../durable/index.ts';
import { createLog } from '../log.ts';
import { keyFileIn } from '../secrets/key-file.ts';
import { type Rotated, rotateKeys } from '../secrets/rotate.ts';
import { openLowdbStore } from '../store/lowdb/lowdb-store.ts';
import { action, UsageError } from './run.ts';

const secretsOf = (count: number) => `${count} ${count === 1 ? 'secret' : 'secrets'}`;

function report(rotated: Rotated, stateDir: string, keysGiven: number): readonly string[] {
  const { keyId, keyIn, resumed, resealed, secrets, dropped } = rotated;
  if (keyId === undefined) return ['There is no key yet, and nothing that needs one: nothing to do.'];
  const lines = dropped.map((what) => `Forgotten, because no key opens it: ${what}.`);
  if (resumed) lines.push('An earlier change of keys had been cut short; it has been brought to its end.');
  lines.push(
    `${secretsOf(secrets)} in the store; ${resealed} got the new key ${keyId} now. All were opened with it to make sure.`,
  );
  if (keyIn === 'file') {
    lines.push(
      `The key is in ${keyFileIn(stateDir)}. Make a new copy of that file; backups from before need the old one.`,
    );
  } else if (keysGiven > 1) {
    lines.push('Now take the old keys out of ENCRYPTION_KEY, and keep them with the backups from before.');
  } else {
    lines.push(
      'The key is the one in ENCRYPTION_KEY. For another, put that one before it with a comma between them, and run this again.',
    );
  }
  return lines;
}

async function run({ dropLost }: { readonly dropLost?: boolean }): Promise<void> {
  const { stateDir, encryptionKeys: keys, logLevel } = readConfig(environmentWithFile());
  const dir = path.join(stateDir, 'store');
  if (!existsSync(dir)) {
    throw new UsageError(
      `There is no store in ${stateDir} yet, so there is no secret. STATE_DIR says where it is.`,
    );
  }
  // A bot that runs would go on sealing with the old key.
  const lock = await lockState(stateDir);
  try {
    const log = createLog(logLevel === 'info' ? 'warn' : logLevel);
    // The last thing that closing does is to take what was replaced out of the files.
    const store = await openLowdbStore({ dir, log, now: Date.now });
    let rotated: Rotated;
    try {
      rotated = await rotateKeys({ store, stateDir, keys, dropLost });
    } finally {
      await store.close();
    }
    for (const line of report(rotated, stateDir, keys.length)) process.stdout.write(`${line}\n`);
  } finally {
    await lock.release();
  }
}

/** `reactune rotate-key`: encrypts every stored secret anew. */
export function rotateKeyCommand(): Command {
  return new Command('rotate-key')
    .description(
      'encrypt every stored token with a new key; stop the bot first. May be cut short at any moment and run again',
    )
    .option(
      '--drop-lost',
      'forget what no key opens any more; workspaces then have to install the app again, and members to link Spotify again',
    )
    .action(action(run));
}
