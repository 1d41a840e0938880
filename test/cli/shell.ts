import { Command } from 'commander';
import { vi } from 'vitest';
import type { Discord } from '../support/discord/discord.ts';

/** What a command printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as a shell would, with these variables in its environment. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const said = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name === 'stdout' ? 'out' : 'err'] += String(text);
      return true;
    }),
  );
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    const program = new Command('reactune').exitOverride().addCommand(command.exitOverride());
    await program
      .parseAsync([command.name(), ...args], { from: 'user' })
      .catch((error: { exitCode?: number }) => {
        process.exitCode = error.exitCode ?? 1;
      });
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    process.exitCode = before;
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
}

/** The settings that lead to a Discord of the tests. */
export const settingsFor = (discord: Pick<Discord, 'api' | 'token'>) => ({
  DISCORD_TOKEN: discord.token,
  DISCORD_API_URL: discord.api,
});
