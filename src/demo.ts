import { buildCatalogue } from './catalogue/catalogue.ts';
import { writeCatalogue } from './catalogue/catalogue-files.ts';
import { demoCatalogue, demoCatalogueParts } from './catalogue/demo/demo.ts';
import { DEMO_LISTENERS } from './catalogue/demo/listeners.ts';
import type { Taxonomy } from './domain/emotion.ts';
import type { ReactionFact } from './domain/post.ts';
import type { Store } from './store/store.ts';

/** The post that the demo listeners' reactions stand on. */
const DEMO_POST = 'demo';

/**
 * Composes the demo catalogue, stores its listeners' votes and writes it as the catalogue in use. The votes come
 * first, so that a crash in between is made good by the next start.
 */
export async function installDemo(
  stateDir: string,
  store: Store,
  taxonomy: Taxonomy,
  at: number,
): Promise<void> {
  const demo = demoCatalogue(1, taxonomy.emotions);
  const votes: ReactionFact[] = demo.votes.map(({ songId, identity, emotion }) => ({
    postId: DEMO_POST,
    songId,
    identity,
    meaning: { kind: 'emotion', emotion },
    present: true,
    at,
  }));
  const likes: ReactionFact[] = demo.likes.map(({ songId, identity }) => ({
    postId: DEMO_POST,
    songId,
    identity,
    meaning: { kind: 'like' },
    present: true,
    at,
  }));
  await store.setReactions([...votes, ...likes]);
  await writeCatalogue(stateDir, buildCatalogue(demoCatalogueParts(demo)));
}

/** Once a real catalogue is in use the demo listeners go: they would be counted as voters. */
export async function forgetDemoListeners(store: Store): Promise<void> {
  for (let i = 0; i < DEMO_LISTENERS; i++) {
    const member = await store.findMember(`demo:${i + 1}`);
    if (member) await store.deleteMember(member.id);
  }
}
