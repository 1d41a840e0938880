import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { NEEDED_PERMISSIONS } from '../../src/chat/discord/invite.ts';
import { NEEDED_SCOPES } from '../../src/chat/slack/scopes.ts';
import { builtEntry, PACKAGE_ROOT } from '../../src/paths.ts';

const docs = readdirSync(path.join(PACKAGE_ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', ...docs.map((name) => path.join('docs', name))].map(
  (name) => [name, readFileSync(path.join(PACKAGE_ROOT, name), 'utf8')] as const,
);

/** `--help` of a command, so that what is written is held against the program itself. */
const helps = new Map<string, string>();
function helpOf(command: string): string {
  const known = helps.get(command);
  if (known !== undefined) return known;
  const help = execFileSync(process.execPath, [builtEntry('cli'), command, '--help'], { encoding: 'utf8' });
  helps.set(command, help);
  return help;
}

describe.each(pages)('%s', (_, text) => {
  test('shows only commands of the shell that exist, with options that exist', () => {
    for (const [, command, rest] of text.matchAll(/npm run reactune -- ([a-z-]+)([^\n`]*)/g)) {
      // The help of an unknown command is that of the whole program.
      expect(helpOf(command)).toContain(`Usage: reactune ${command}`);
      for (const [option] of rest.matchAll(/--[a-z][a-z-]*/g)) expect(helpOf(command)).toContain(option);
    }
  });

  test('shows only slash commands that exist, with options that exist', () => {
    // Slack's own, and Reactune's one for all: the command comes after it.
    const shown = text.replaceAll('`/invite', '`').replaceAll('`/reactune ', '`/');
    for (const [, name, rest] of shown.matchAll(/`\/([a-z][a-z-]*)((?: [^`\n/]*)?)`/g)) {
      const command = commands.find((one) => one.name === name);
      expect(command?.name).toBe(name);
      const options = command?.options.map((option) => option.name);
      for (const [, option] of rest.matchAll(/ ([a-z][a-z-]*):/g)) expect(options).toContain(option);
    }
  });
});

test('docs/discord.md explains every permission that the invite link asks for', () => {
  const [, text] = pages.find(([name]) => name === path.join('docs', 'discord.md'))!;
  for (const { name } of NEEDED_PERMISSIONS)
    expect(text).toMatch(new RegExp(`^\\| ${name} \\| .+ \\| .+ \\|$`, 'm'));
});

test('docs/slack.md explains every scope that the manifest asks for, and no other', () => {
  const [, text] = pages.find(([name]) => name === path.join('docs', 'slack.md'))!;
  const explained = [...text.matchAll(/^\| `([a-z_]+:[a-z_]+|commands)` \| .+ \| .+ \|$/gm)].map(
    ([, name]) => name,
  );
  expect(explained).toEqual(NEEDED_SCOPES.map(({ name }) => name));
});
