import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Installation } from '@slack/bolt';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createInstallations } from '../../src/installations/installations.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { testFolder } from '../durable/lines.ts';
import { boltOverHttp, slackFor } from '../support/slack/bolt.ts';

/** A store of its own with a key of its own. */
async function opened() {
  const stateDir = await testFolder();
  const store = await openLowdbStore({
    dir: path.join(stateDir, 'store'),
    log: pino({ level: 'silent' }),
    now: Date.now,
    forgetAfterMs: 0,
  });
  onTestFinished(() => store.close());
  const unreadable: string[] = [];
  const secrets = await openSecrets({ stateDir, keys: [], sealed: [] });
  const installations = createInstallations({
    store,
    secrets,
    now: () => 1_000,
    onUnreadable: (key, { code }) => unreadable.push(`${key} ${code}`),
  });
  return { stateDir, store, installations, unreadable };
}

function inTeam(id: string, more: Partial<Installation> = {}): Installation<'v2', false> {
  return {
    team: { id, name: `Team ${id}` },
    enterprise: undefined,
    user: { id: 'UANA', token: 'xoxp-of-a-person', scopes: ['chat:write'] },
    bot: { token: `xoxb-${id}`, scopes: ['chat:write'], id: 'B1', userId: 'UBOT' },
    tokenType: 'bot',
    isEnterpriseInstall: false,
    appId: 'A1',
    authVersion: 'v2',
    ...more,
  } as Installation<'v2', false>;
}

const inOrganisation = (id: string): Installation =>
  ({
    ...inTeam('-'),
    team: undefined,
    enterprise: { id, name: 'Grid' },
    isEnterpriseInstall: true,
  }) as Installation;

const team = (teamId: string, enterpriseId?: string) => ({
  teamId,
  enterpriseId,
  isEnterpriseInstall: false,
});
const organisation = (enterpriseId: string, teamId?: string) => ({
  teamId,
  enterpriseId,
  isEnterpriseInstall: true,
});

describe('installations', () => {
  test('come back as they were, but for the token of a person, which is not kept', async () => {
    const { installations } = await opened();
    const given = inTeam('T1');
    await installations.store(given);
    expect(await installations.fetch(team('T1'))).toEqual({
      ...JSON.parse(JSON.stringify(given)),
      user: { id: 'UANA', token: undefined, scopes: undefined },
    });
    expect(await installations.fetch(team('T2'))).toBeUndefined();
  });

  test("are a workspace's own or its organisation's, whichever there is", async () => {
    const { installations } = await opened();
    await installations.store(inOrganisation('E1'));
    await installations.store(inTeam('T1', { enterprise: { id: 'E1' } }));
    const tokenOf = async (query: Parameters<typeof installations.fetch>[0]) =>
      (await installations.fetch(query))?.bot?.token;
    expect(await tokenOf(team('T1', 'E1'))).toBe('xoxb-T1');
    expect(await tokenOf(organisation('E1', 'T1'))).toBe('xoxb--');
    expect(await tokenOf(team('T2', 'E1'))).toBe('xoxb--');
    expect(await tokenOf(organisation('E2', 'T1'))).toBe('xoxb-T1');
    await installations.delete(organisation('E1'));
    expect(await tokenOf(team('T2', 'E1'))).toBeUndefined();
    await installations.delete(team('T1', 'E1'));
    expect(await installations.all()).toEqual([]);
  });

  test('have their tokens in no file in clear, and no trace of them is left after deletion', async () => {
    const { stateDir, store, installations } = await opened();
    await installations.store(inTeam('TGONE'));
    await installations.store(inTeam('TSTAYS'));
    const everything = async () => {
      const dir = path.join(stateDir, 'store');
      const texts = (await readdir(dir)).map((file) =>
        readFile(path.join(dir, file), 'utf8').catch(() => ''),
      );
      return (await Promise.all(texts)).join('\n');
    };
    expect(await everything()).toContain('TGONE');
    expect(await everything()).not.toContain('xox');
    const [{ sealed }] = await store.installations();
    await installations.delete(team('TGONE'));
    await expect.poll(everything, { timeout: 20_000 }).not.toContain('TGONE');
    expect(await everything()).not.toContain(sealed);
    expect(await everything()).toContain('TSTAYS');
  });

  test('that cannot be opened are told of and left out; the others work', async () => {
    const { store, installations, unreadable } = await opened();
    await installations.store(inTeam('T1'));
    await installations.store(inTeam('T2'));
    const two = (await store.installation('slack:T2'))!;
    // Somebody moved one workspace's secret to another's record.
    await store.saveInstallation({ ...two, sealed: (await store.installation('slack:T1'))!.sealed });
    expect((await installations.all()).map((one) => one.team?.id)).toEqual(['T1']);
    expect(unreadable).toEqual(['slack:T2 damaged']);
    await expect(installations.fetch(team('T2'))).rejects.toMatchObject({ code: 'damaged' });
  });

  test('carry Bolt through OAuth: installed, used, and gone', async () => {
    const slack = await slackFor({ app: { scopes: ['chat:write', 'commands'] } });
    const ws = slack.workspace({ channels: ['music'], installed: false });
    const { installations, store } = await opened();
    const { url } = await boltOverHttp(
      slack,
      undefined,
      (bolt) => {
        bolt.command('/song', async ({ ack, client, command }) => {
          await ack();
          await client.chat.postEphemeral({
            channel: command.channel_id,
            user: command.user_id,
            text: 'Which one?',
          });
        });
      },
      {
        clientId: slack.app.clientId,
        clientSecret: slack.app.clientSecret,
        stateSecret: 'state',
        scopes: ['chat:write', 'commands'],
        installationStore: {
          storeInstallation: (installation) => installations.store(installation as Installation),
          async fetchInstallation(query) {
            const found = await installations.fetch(query);
            if (found === undefined) throw new Error('not installed');
            return found;
          },
          deleteInstallation: (query) => installations.delete(query),
        },
      },
    );
    slack.app.redirectUrls = [`${url}/slack/oauth_redirect`];
    const mo = ws.admin('mo');
    expect((await mo.installsFrom(`${url}/slack/install`)).status).toBe(200);
    expect(await store.installation(`slack:${ws.id}`)).toMatchObject({
      teamId: ws.id,
      installedBy: `slack:${ws.id}:${mo.id}`,
      installedAt: 1_000,
      sealed: expect.stringMatching(/^sealed1\./),
    });
    mo.invitesBot(ws.channel('music'));
    await mo.types('/song', '', ws.channel('music'));
    expect((await mo.sight(ws.channel('music'), ({ private: only }) => only)).text).toBe('Which one?');
    expect((await installations.all()).map(({ bot }) => bot?.token)).toEqual([ws.token]);
  });
});
