import { describe, expect, it } from 'vitest';
import { taxonomy } from '../playlists/planted-model.ts';
import { eventually, type Sight, type Stage } from './stage.ts';

/** The latest snippet post of the only place there is. */
async function latestPost(stage: Stage) {
  return eventually(async () => {
    const [community] = await stage.bot().store.communities();
    return (await stage.bot().store.recentPosts(community?.id ?? '', 1))[0];
  });
}

/** A stage on which a snippet of `song` was just posted by a moderator. */
async function withSnippet(open: () => Promise<Stage>, song = 'Calm song 3') {
  const stage = await open();
  const mo = await stage.moderator('mo');
  await stage.choosesChannel(mo);
  const told = await mo.types('snippet', { song });
  const post = await latestPost(stage);
  return { stage, mo, told, post };
}

const votesOn = (stage: Stage, song: string) => stage.bot().store.voteCounts(song);

async function until(stage: Stage, song: string, votes: Record<string, number>): Promise<void> {
  await eventually(async () => {
    const now = await votesOn(stage, song);
    return JSON.stringify(Object.entries(now).sort()) === JSON.stringify(Object.entries(votes).sort());
  });
}

/** What labelling, commands and playlists promise on every platform, as a member and a moderator live it. */
export function acceptanceScenarios(platform: string, open: () => Promise<Stage>): void {
  describe(`labelling on ${platform}`, () => {
    it('posts the snippet a member asked for, with every emoji under it in order', async () => {
      const { stage, mo, told, post } = await withSnippet(open);
      expect(told.private).toBe(true);
      expect(told.text()).toContain('Calm song 3');
      expect(post.songId).toBe('calm-3');
      expect(await stage.seeds(post)).toEqual(taxonomy.invitation);
      const shown = (await mo.reads())
        .filter((sight) => sight.text().includes('How does this one feel'))
        .find((sight) => sight.text().includes('Calm song 3'));
      expect(shown?.text()).toContain('Calm band 3');
      expect(shown?.text()).not.toMatch(/\d+ ?%/);
    });

    it('makes a vote of a reaction, takes it away with it, and leaves other emoji alone', async () => {
      const { stage, post } = await withSnippet(open);
      const [ana, ben] = [await stage.member('ana'), await stage.member('ben')];
      await ana.reacts(post, '😌');
      await ben.reacts(post, '😌');
      await ben.reacts(post, '🕰️');
      await ana.reacts(post, '🍕').catch(() => undefined);
      await until(stage, 'calm-3', { calm: 2, nostalgic: 1 });
      await ana.reacts(post, '😌', false);
      await until(stage, 'calm-3', { calm: 1, nostalgic: 1 });
    });

    it('takes ❤️ as taste, which the member sees and can change', async () => {
      const { stage, post } = await withSnippet(open);
      const ana = await stage.member('ana');
      await ana.reacts(post, '❤️');
      const { store } = stage.bot();
      await eventually(async () => (await store.taste((await store.memberOf(ana.identity)).id)).length === 1);
      expect((await ana.types('taste')).text()).toContain('Calm song 3');
      await ana.types('taste', { remove: 'Calm song 3' });
      expect((await store.taste((await store.memberOf(ana.identity)).id))[0].liked).toBe(false);
    });

    it('forgets whoever asks for it: votes, taste and all', async () => {
      const { stage, post } = await withSnippet(open);
      const [ana, ben] = [await stage.member('ana'), await stage.member('ben')];
      await ana.reacts(post, '😌');
      await ben.reacts(post, '😌');
      await until(stage, 'calm-3', { calm: 2 });
      const asked = await ana.types('my-data', { do: 'delete' });
      expect(asked.private).toBe(true);
      await ana.presses(asked, asked.buttons()[0]);
      await until(stage, 'calm-3', { calm: 1 });
      expect(await stage.bot().store.findMember(ana.identity)).toBeUndefined();
    });

    it('has every vote after a restart, also of what happened meanwhile', async () => {
      const { stage, post } = await withSnippet(open);
      const [ana, ben] = [await stage.member('ana'), await stage.member('ben')];
      await ana.reacts(post, '😌');
      await ben.reacts(post, '😢');
      await until(stage, 'calm-3', { calm: 1, sad: 1 });
      await stage.stops();
      if (stage.outlivesBot) {
        await ana.reacts(post, '🕰️');
        await ben.reacts(post, '😢', false);
      }
      await stage.starts();
      await until(stage, 'calm-3', stage.outlivesBot ? { calm: 1, nostalgic: 1 } : { calm: 1, sad: 1 });
      const cleo = await stage.member('cleo');
      await cleo.reacts(post, '😌');
      await until(stage, 'calm-3', stage.outlivesBot ? { calm: 2, nostalgic: 1 } : { calm: 2, sad: 1 });
    });
  });

  describe(`commands on ${platform}`, () => {
    it('answer wrong options, unknown songs and missing rights kindly, to the asker alone', async () => {
      const stage = await open();
      const ana = await stage.member('ana');
      const [unknown, noStart] = [
        await ana.types('song', { name: 'Nothing Like It' }),
        await ana.types('playlist', { to: 'happy' }),
      ];
      expect(unknown.text()).toContain('Nothing Like It');
      expect(noStart.text()).toContain('beginning');
      for (const sight of [unknown, noStart]) expect(sight.private).toBe(true);
    });

    it('complete songs while they are typed', async () => {
      const stage = await open();
      const ana = await stage.member('ana');
      const names = await ana.completes('song', 'name', 'tender song 1');
      expect(names[0]).toContain('Tender song 1');
      expect(names.length).toBeLessThanOrEqual(25);
    });

    it('show what a song feels like, what the emoji mean, how things stand, and help', async () => {
      const stage = await open();
      const ana = await stage.member('ana');
      expect((await ana.types('song', { name: 'Sad song 2' })).text()).toMatch(/Sad/);
      expect((await ana.types('emotions')).text()).toContain('🕰️');
      expect((await ana.types('status')).text()).toMatch(/song/);
      const help = (await ana.types('help')).text();
      expect(help).toContain('/playlist');
      expect(help).not.toContain('/retrain');
    });

    it('let moderators change settings, which are kept', async () => {
      const stage = await open();
      const mo = await stage.moderator('mo');
      const saved = await mo.types('settings', { 'snippets-per-day': 7, 'time-zone': 'Europe/Berlin' });
      expect(saved.private).toBe(true);
      await stage.stops();
      await stage.starts();
      const shown = (await mo.types('settings')).text();
      expect(shown).toContain('Europe/Berlin');
      expect(shown).toMatch(/Snippets per day:?\s*7/);
    });

    it('show a training as it goes, to its end', async () => {
      const { stage, mo, post } = await withSnippet(open);
      for (const name of ['ana', 'ben', 'cleo']) {
        await (await stage.member(name)).reacts(post, '😌');
      }
      await until(stage, 'calm-3', { calm: 3 });
      const shown = await mo.types('retrain');
      expect(shown.private).toBe(true);
      await eventually(() => /Done|not work out/.test(shown.text()));
      expect(stage.bot().training.current()).toBeUndefined();
    });
  });

  describe(`playlists on ${platform}`, () => {
    async function calmList(stage: Stage, name = 'ana', options = {}) {
      const member = await stage.member(name);
      return { member, list: await member.types('playlist', { emotion: 'calm', songs: 5, ...options }) };
    }
    const titles = (sight: Sight) =>
      sight.text().match(/(?<!Close to )(?:Calm|Tender|Sad|Happy|Nostalgic) song \d+/g) ?? [];

    it('come with songs that carry the emotion, and why', async () => {
      const { list } = await calmList(await open());
      expect(list.private).toBe(true);
      expect(new Set(titles(list)).size).toBe(5);
      expect(list.text()).toMatch(/\d+ ?% calm/);
      expect(list.buttons()).toEqual(expect.arrayContaining(['Another one', 'Keep', 'Share', 'As a file']));
    });

    it('go on a journey from one emotion to another', async () => {
      const stage = await open();
      const ana = await stage.member('ana');
      const list = await ana.types('playlist', { emotion: 'sad', to: 'happy', songs: 8 });
      const names = titles(list);
      expect(names[0]).toMatch(/Sad|Nostalgic/);
      expect(names.at(-1)).toMatch(/Happy/);
    });

    it('are kept, shared and replaced by their buttons, also after a restart', async () => {
      const stage = await open();
      const { member, list } = await calmList(stage);
      await stage.stops();
      await stage.starts();
      expect((await member.presses(list, 'Keep')).text()).toContain('Kept');
      const another = await member.presses(list, 'Another one');
      expect(new Set(titles(another)).size).toBe(5);
      const shared = await member.presses(list, 'Share');
      expect(shared.private).toBe(false);
      const ben = await stage.member('ben');
      const seen = await eventually(async () =>
        (await ben.reads()).find((sight) => sight.text().includes('shares 5 songs')),
      );
      expect(titles(seen).sort()).toEqual(titles(list).sort());
    });
  });
}
