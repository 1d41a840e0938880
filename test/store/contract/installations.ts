import { describe, expect, test } from 'vitest';
import { anInstallation } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function installationsContract(name: string, open: OpenStore): void {
  describe(`${name}: installations`, () => {
    test('are found by key, replaced and deleted', async () => {
      const opened = await open();
      const { store } = opened;
      const grid = anInstallation('slack:E1', { teamId: undefined, enterpriseId: 'E1' });
      await store.saveInstallation(anInstallation());
      await store.saveInstallation(anInstallation('slack:T2'));
      await store.saveInstallation(grid);
      await store.saveInstallation(anInstallation('slack:T1', { sealed: 'anew', installedBy: 'slack:T1:U' }));
      await store.deleteInstallation('slack:T2');
      await store.deleteInstallation('slack:T-never-was');
      await nowAndAfterReopening(opened, async (store) => {
        const anew = anInstallation('slack:T1', { sealed: 'anew', installedBy: 'slack:T1:U' });
        expect(await store.installation('slack:T1')).toEqual(anew);
        expect(await store.installation('slack:E1')).toEqual(grid);
        expect(await store.installation('slack:T2')).toBeUndefined();
        expect((await store.installations()).map(({ key }) => key).sort()).toEqual(['slack:E1', 'slack:T1']);
      });
    });

    test('an installation stays when who made it is forgotten, without their name', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('slack:T1:U1');
      await store.memberOf('slack:T1:U2');
      await store.saveInstallation(anInstallation('slack:T1', { installedBy: 'slack:T1:U1' }));
      await store.saveInstallation(anInstallation('slack:T2', { installedBy: 'slack:T1:U2' }));
      await store.deleteMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.installation('slack:T1')).toEqual(anInstallation());
        expect(await store.installation('slack:T2')).toMatchObject({ installedBy: 'slack:T1:U2' });
      });
    });
  });
}
