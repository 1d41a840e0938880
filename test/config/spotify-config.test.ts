import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';

const SPOTIFY_CLIENT_ID = '0123456789abcdef0123456789abcdef';
const SPOTIFY_CLIENT_SECRET = 'fedcba9876543210fedcba9876543210';

type Env = Readonly<Record<string, string>>;

/** The problems; empty when there are none. None of them ever holds a secret. */
function problemsOf(env: Env): readonly string[] {
  try {
    readConfig({ ROOM: 'off', ...env });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (env.SPOTIFY_CLIENT_SECRET) expect(error.message).not.toContain(env.SPOTIFY_CLIENT_SECRET);
    return error.problems;
  }
}

const spotifyOf = (env: Env) => readConfig({ ROOM: 'off', ...env }).spotify;

describe('Spotify in the environment', () => {
  it('is off without a client ID', () => {
    expect(spotifyOf({})).toBeUndefined();
    expect(spotifyOf({ SPOTIFY_CLIENT_ID: '', SPOTIFY_SHARED: 'off', SPOTIFY_TASTE: '' })).toBeUndefined();
  });

  it('is on with a client ID alone, and asks for no more than it has to', () => {
    expect(spotifyOf({ SPOTIFY_CLIENT_ID: ` ${SPOTIFY_CLIENT_ID}\n` })).toEqual({
      clientId: SPOTIFY_CLIENT_ID,
      apiUrl: 'https://api.spotify.com',
      accountsUrl: 'https://accounts.spotify.com',
      shared: false,
      taste: false,
    });
  });

  it('takes everything else as it is given', () => {
    expect(
      spotifyOf({
        SPOTIFY_CLIENT_ID,
        SPOTIFY_CLIENT_SECRET,
        SPOTIFY_API_URL: 'http://127.0.0.1:9/',
        SPOTIFY_ACCOUNTS_URL: 'http://127.0.0.1:8//',
        SPOTIFY_SHARED: 'on',
        SPOTIFY_TASTE: 'on',
      }),
    ).toEqual({
      clientId: SPOTIFY_CLIENT_ID,
      clientSecret: SPOTIFY_CLIENT_SECRET,
      apiUrl: 'http://127.0.0.1:9',
      accountsUrl: 'http://127.0.0.1:8',
      shared: true,
      taste: true,
    });
  });

  it('names every mistake at once', () => {
    const problems = problemsOf({
      SPOTIFY_CLIENT_ID: 'my-app',
      SPOTIFY_CLIENT_SECRET: 'short',
      SPOTIFY_API_URL: 'https://api.spotify.com/v1/',
      SPOTIFY_ACCOUNTS_URL: 'accounts.spotify.com',
      SPOTIFY_SHARED: 'yes',
      SPOTIFY_TASTE: '1',
      PUBLIC_URL: 'http://reactune.example.org',
    });
    expect(problems).toEqual([
      expect.stringMatching(/^SPOTIFY_CLIENT_ID does not look like one .* developer\.spotify\.com/),
      expect.stringMatching(/^SPOTIFY_CLIENT_SECRET does not look like one/),
      expect.stringMatching(/^SPOTIFY_API_URL must end before the version/),
      expect.stringMatching(/^SPOTIFY_ACCOUNTS_URL must be an address such as/),
      'SPOTIFY_SHARED must be on or off.',
      'SPOTIFY_TASTE must be on or off.',
      expect.stringMatching(/^PUBLIC_URL=http:\/\/reactune\.example\.org cannot be where Spotify sends/),
    ]);
  });

  it.each([
    [{ SPOTIFY_CLIENT_SECRET }, 'SPOTIFY_CLIENT_SECRET has no meaning'],
    [{ SPOTIFY_SHARED: 'on', SPOTIFY_TASTE: 'on' }, 'SPOTIFY_SHARED and SPOTIFY_TASTE have no meaning'],
  ])('misses the client ID for %o', (env, mistake) => {
    const problems = problemsOf(env);
    expect(problems).toEqual([expect.stringMatching(/^SPOTIFY_CLIENT_ID is missing/)]);
    expect(problems[0]).toContain(mistake);
  });

  it('knows the client ID in the place of the secret', () => {
    expect(problemsOf({ SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET: SPOTIFY_CLIENT_ID })).toEqual([
      expect.stringMatching(/^SPOTIFY_CLIENT_SECRET is the client ID once more/),
    ]);
  });

  it.each([
    [{ PUBLIC_URL: 'https://reactune.example.org' }, undefined],
    [{ PUBLIC_URL: 'http://127.0.0.1:8080' }, undefined],
    [{ PUBLIC_URL: 'http://[::1]:8080' }, undefined],
    [{ HOST: '0.0.0.0' }, undefined],
    [{ HOST: '::1' }, undefined],
    [{ PUBLIC_URL: 'http://localhost:3000' }, /localhost\. Write http:\/\/127\.0\.0\.1:3000\.$/],
    [{ PUBLIC_URL: 'http://192.168.1.5:3000' }, /Set an https address\.$/],
    [{ HOST: '192.168.1.5' }, /Set HOST=0\.0\.0\.0, or PUBLIC_URL/],
    [{ HOST: 'localhost' }, /Set HOST=127\.0\.0\.1, or PUBLIC_URL/],
  ])('has an address that Spotify sends people back to, or says what to set: %o', (env, problem) => {
    expect(problemsOf({ SPOTIFY_CLIENT_ID, ...env })).toEqual(
      problem === undefined ? [] : [expect.stringMatching(problem)],
    );
    // Without Spotify nothing of it matters.
    expect(problemsOf(env)).toEqual([]);
  });
});

it('every variable is explained in .env.example', () => {
  const example = readFileSync(path.join(PACKAGE_ROOT, '.env.example'), 'utf8');
  for (const name of ['CLIENT_ID', 'CLIENT_SECRET', 'SHARED', 'TASTE', 'API_URL', 'ACCOUNTS_URL'])
    expect(example).toMatch(new RegExp(`^SPOTIFY_${name}=`, 'm'));
});
