import type { Logger } from 'pino';
import { openCatalogue } from './catalogue/catalogue-files.ts';
import { currentCatalogueDir, watchCatalogue } from './catalogue/current-catalogue.ts';
import type { Config } from './config.ts';
import { forgetDemoListeners, installDemo } from './demo.ts';
import type { Taxonomy } from './domain/emotion.ts';
import type { Playlists } from './playlists/playlists.ts';
import type { Store } from './store/store.ts';
import type { Training } from './training/training.ts';

/** The catalogue in use, the demo's if there is no other; `reload` takes over what another process imported. */
export async function holdCatalogue(
  config: Config,
  store: Store,
  taxonomy: Taxonomy,
  onStep: (step: string) => void,
) {
  let dir = await currentCatalogueDir(config.stateDir);
  if (dir === undefined) {
    onStep('Composing the demo catalogue …');
    await installDemo(config.stateDir, store, taxonomy, Date.now());
    dir = await currentCatalogueDir(config.stateDir);
  }
  let held = { dir: dir!, catalogue: await openCatalogue(dir!) };
  if (!held.catalogue.demo) await forgetDemoListeners(store);
  return {
    now: () => held.catalogue,
    dir: () => held.dir,
    async reload(): Promise<boolean> {
      const next = await currentCatalogueDir(config.stateDir);
      if (next === undefined || next === held.dir) return false;
      held = { dir: next, catalogue: await openCatalogue(next) };
      if (!held.catalogue.demo) await forgetDemoListeners(store);
      return true;
    },
  };
}

/**
 * Takes every imported catalogue into use and trains on it: those of another process from now on, and one that came
 * before the first start, while the bot was away or while it was starting.
 * @returns how to stop
 */
export async function followImports({
  stateDir,
  catalogue,
  playlists,
  training,
  log,
  triedVersion,
}: {
  stateDir: string;
  catalogue: Awaited<ReturnType<typeof holdCatalogue>>;
  playlists: Playlists;
  training: Training;
  log: Logger;
  /** The catalogue that has had its training just now. If it failed, another at once would fail as well. */
  triedVersion: string | undefined;
}): Promise<() => void> {
  let stopped = false;
  const isStale = () =>
    !stopped && ![training.model()?.catalogueVersion, triedVersion].includes(catalogue.now().version);

  async function trainOnCatalogue(): Promise<void> {
    while (isStale()) {
      const { version } = catalogue.now();
      const { started, handle } = await training.start({
        kind: training.model() ? 'catalogue' : 'first-start',
      });
      if (started || handle.run.catalogueVersion === version) return;
      // That run began on the catalogue before: this one has its turn afterwards.
      await handle.finished;
    }
  }

  async function reload(): Promise<void> {
    try {
      if (stopped || !(await catalogue.reload())) return;
      log.info({ songs: catalogue.now().size }, 'a new catalogue is in use; training on it');
    } catch (err) {
      if (!stopped) log.error({ err }, 'the new catalogue cannot be used; the old one stays');
      return;
    }
    await playlists.refresh().catch((err: unknown) => {
      if (!stopped)
        log.warn({ err }, 'playlists could not load the new catalogue; the next request tries again');
    });
  }

  // One after the other: of two imports in a row, the later one stays.
  let turn: Promise<void> = Promise.resolve();
  const look = () => {
    turn = turn.then(reload).then(() => {
      trainOnCatalogue().catch((err: unknown) => log.error({ err }, 'the training could not be started'));
    });
  };
  const unwatch = watchCatalogue(stateDir, look);
  look();
  await turn;
  return () => {
    stopped = true;
    unwatch();
  };
}
