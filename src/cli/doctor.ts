import { Command } from 'commander';
import { type Config, ConfigError, environmentWithFile, readConfig } from '../config.ts';
import { VERSION } from '../version.ts';
import type { Finding } from './doctor/check.ts';
import { action } from './run.ts';

const MARKS: Readonly<Record<Finding['mark'], string>> = { fine: '✓', wrong: '✗', note: '–' };

const say = (line: string) => process.stdout.write(`${line}\n`);

function show({ mark, text, fix }: Finding): void {
  say(`  ${MARKS[mark]} ${text}${fix === undefined ? '' : ` → ${fix}`}`);
}

/** The settings; undefined when they are told to be wrong. */
function settings(): Config | undefined {
  try {
    return readConfig(environmentWithFile());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    say('\nSettings');
    for (const problem of error.problems) {
      show({
        mark: 'wrong',
        text: problem.replace(/\.$/, ''),
        fix: 'change it in .env; .env.example explains it',
      });
    }
    return undefined;
  }
}

async function run(): Promise<void> {
  say(`Reactune ${VERSION}`);
  const config = settings();
  if (config === undefined) {
    say('\nThe settings come first. Run this again when they are right.');
    process.exitCode = 1;
    return;
  }
  // Most runs of this program need neither Discord's, Slack's or Spotify's library nor TensorFlow: they are loaded here.
  const { checks } = await import('./doctor/checks.ts');
  let wrong = 0;
  for (const check of checks) {
    say(`\n${check.title}`);
    for await (const finding of check.run(config)) {
      if (finding.mark === 'wrong') wrong++;
      show(finding);
    }
  }
  say(
    wrong === 0
      ? '\nAll is well.'
      : `\n${wrong} ${wrong === 1 ? 'thing needs' : 'things need'} a hand: see ✗.`,
  );
  if (wrong > 0) process.exitCode = 1;
}

/** `reactune doctor`: says what works, what does not, and what to do about it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check this machine, the settings and the connections to Discord, Slack and Spotify; exit code 1 if something is wrong',
    )
    .action(action(run));
}
