#!/usr/bin/env node
import { Command } from 'commander';
import { deployCommandsCommand } from './cli/deploy-commands.ts';
import { doctorCommand } from './cli/doctor.ts';
import { importCommand } from './cli/import.ts';
import {
  aggregateCommand,
  evaluateCommand,
  propagateCommand,
  rankCommand,
  reproduceCommand,
  trainCommand,
} from './cli/pipeline.ts';
import { rotateKeyCommand } from './cli/rotate-key.ts';
import { slackManifestCommand } from './cli/slack-manifest.ts';
import { start } from './start.ts';
import { VERSION } from './version.ts';

const program = new Command('reactune')
  .description('Learns what songs feel like from emoji reactions and turns that into playlists.')
  .version(VERSION)
  .showHelpAfterError('(reactune --help lists every command)');

program.command('start').description('start the bot; settings come from the environment').action(start);
for (const command of [
  importCommand(),
  aggregateCommand(),
  propagateCommand(),
  trainCommand(),
  rankCommand(),
  evaluateCommand(),
  reproduceCommand(),
  deployCommandsCommand(),
  slackManifestCommand(),
  rotateKeyCommand(),
  doctorCommand(),
]) {
  program.addCommand(command);
}

// Who reads the output may stop early (`| head`): there is nobody left to write for, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await program.parseAsync();
