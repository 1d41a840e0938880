import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { slackManifest } from '../../src/chat/slack/manifest.ts';
import { slackManifestCommand } from '../../src/cli/slack-manifest.ts';
import { runCommand } from './shell.ts';

const PUBLIC_URL = 'https://reactune.example.org';
const print = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runCommand(slackManifestCommand(), args, env);

describe('reactune slack-manifest', () => {
  test('prints the manifest and nothing else on standard output, before there is any setting', async () => {
    const { code, out, err } = await print();
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(slackManifest(commands, { prefix: '' }))));
    expect(err).toContain('https://api.slack.com/apps → Create New App → From a manifest');
  });

  test('takes the prefix from the settings, or its own and says where else it belongs', async () => {
    const { out, err } = await print([], { SLACK_COMMAND_PREFIX: 'tune-' });
    expect(out).toContain('"/tune-playlist"');
    expect(err).not.toContain('SLACK_COMMAND_PREFIX');
    const other = await print(['--prefix', 'my-'], { SLACK_COMMAND_PREFIX: 'tune-' });
    expect(other.out).toContain('"/my-playlist"');
    expect(other.err).toContain('Put SLACK_COMMAND_PREFIX=my- into .env as well');
    const none = await print(['--prefix', ''], { SLACK_COMMAND_PREFIX: 'tune-' });
    expect(none.out).toContain('"/playlist"');
    expect(none.err).toContain('take it out of .env');
  });

  test.each([['/my'], ['My-'], ['a b'], ['x'.repeat(21)], ['a_']])(
    'refuses the prefix %s',
    async (prefix) => {
      const { code, out, err } = await print(['--prefix', prefix]);
      expect(code).toBe(1);
      expect(out).toBe('');
      expect(err).toContain('must be 1 to 20 of a-z, 0-9 and -');
      expect((await print([], { SLACK_COMMAND_PREFIX: prefix })).err).toMatch(
        /^SLACK_COMMAND_PREFIX must be/,
      );
    },
  );

  test('is for what the settings are for, also when they are not complete yet', async () => {
    const isHttp = async (env: Record<string, string>, ...args: string[]) =>
      (await print(args, { PUBLIC_URL, ...env })).out.includes(`${PUBLIC_URL}/slack/events`);
    expect(await isHttp({})).toBe(false);
    expect(await isHttp({ SLACK_SIGNING_SECRET: 'x' })).toBe(true);
    expect(await isHttp({ SLACK_CLIENT_ID: 'x' })).toBe(true);
    expect(await isHttp({ SLACK_CLIENT_ID: 'x', SLACK_APP_TOKEN: 'x' })).toBe(false);
    expect(await isHttp({}, '--http')).toBe(true);
    expect(await isHttp({ SLACK_CLIENT_ID: 'x' }, '--socket')).toBe(false);
  });

  test('needs the https address for HTTP', async () => {
    for (const url of ['', 'http://localhost:3000']) {
      const { code, out, err } = await print(['--http'], { PUBLIC_URL: url });
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/set PUBLIC_URL to its https address, such as .*leave --http out/);
    }
    expect((await print(['--http', '--socket'], { PUBLIC_URL })).err).toContain('Choose one');
  });
});
