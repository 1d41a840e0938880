import { Command, InvalidArgumentError } from 'commander';
import { environmentWithFile, readConfig } from '../config.ts';
import { action, UsageError } from './run.ts';

function guildId(text: string): string {
  if (/^\d{17,20}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'It is a number of 17 to 20 digits: switch on Developer Mode in Discord (Settings → Advanced), right-click the server, Copy Server ID.',
  );
}

interface Options {
  readonly guild?: string;
  readonly dryRun?: boolean;
  readonly remove?: boolean;
}

async function run({ guild, dryRun, remove }: Options): Promise<void> {
  const { discord } = readConfig(environmentWithFile());
  if (discord === undefined) {
    throw new UsageError(
      'There is no DISCORD_TOKEN: put the token of your bot into .env. docs/discord.md shows where it comes from.',
    );
  }
  // Most runs of this program are not about Discord: its library is loaded when it is needed.
  const { deployCommands } = await import('./discord-deploy.ts');
  await deployCommands({
    ...discord,
    guild,
    dryRun,
    remove,
    say: (line) => process.stdout.write(`${line}\n`),
  });
}

/** `reactune deploy-commands`: tells Discord which slash commands there are. */
export function deployCommandsCommand(): Command {
  return new Command('deploy-commands')
    .description('register the slash commands with Discord, on every server or on one; shows what changes')
    .option('--guild <id>', 'on this server only, where they appear at once; for trying things out', guildId)
    .option('--dry-run', 'only show what would change')
    .option('--remove', "take the bot's slash commands away from there")
    .action(action(run));
}
