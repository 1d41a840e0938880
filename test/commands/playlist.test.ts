import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '../playlists/planted-model.ts';
import { type Chat, openChat, openChatWithOddSongs } from './chat.ts';

let chat: Chat;
beforeAll(async () => {
  chat = await openChatWithOddSongs();
});
afterAll(() => chat.close());

describe('/playlist', () => {
  it('answers with songs that carry the emotion, why each is there, a picture and buttons', async () => {
    const { answer } = await chat.member('p1').types('/playlist calm songs:5');
    expect(answer.private).toBe(true);
    expect(answer.title).toBe('Calm');
    expect(answer.songs).toHaveLength(5);
    for (const song of answer.songs ?? []) {
      expect(song.emotions?.[0].key).toBe('calm');
      expect(song.sound).toEqual({ kind: 'own', seconds: 18 });
      expect(song.why).toMatch(/\d+% calm/);
    }
    expect(answer.picture?.alt).toContain('5 songs');
    expect(answer.buttons?.map(({ label }) => label)).toEqual(['Another one', 'Keep', 'Share', 'As a file']);
  });

  it('tells a member without a taste how to make it theirs', async () => {
    const { answer } = await chat.member('p2').types('/playlist');
    expect(answer.songs).toHaveLength(15);
    expect(answer.text).toContain('do not know your taste yet');
  });

  it('goes on a journey', async () => {
    const { answer } = await chat.member('p3').types('/playlist sad to happy songs:8');
    expect(answer.title).toBe('From sad to happy');
    expect(answer.songs?.[0].emotions?.[0].key).toBe('sad');
    expect(answer.songs?.at(-1)?.emotions?.[0].key).toBe('happy');
    expect(answer.picture?.alt).toContain('the mood goes from dark to bright');
  });

  it('is for two emotions at once, and says of each song how much of both it has', async () => {
    for (const typed of ['/playlist calm and:tender songs:4', '/playlist calm and tender songs:4']) {
      const { answer } = await chat.member('p15').types(typed);
      expect(answer.title).toBe('Calm and tender');
      expect(answer.songs).toHaveLength(4);
      for (const song of answer.songs ?? []) {
        expect(['calm', 'tender']).toContain(song.emotions?.[0].key);
        expect(song.why).toMatch(/ounds \d+% calm and \d+% tender/);
      }
      // None of the planted songs is clearly both.
      expect(answer.text).toContain('Only a few songs are clearly like that');
    }
  });

  it('for two emotions is so again by its button, shared or not, in its files and among the last lists', async () => {
    const ana = chat.member('p16');
    const list = await ana.types('/playlist calm and:tender songs:4');
    const { answer } = await ana.clicks(list.button('Another one'));
    expect(answer.title).toBe('Calm and tender');
    expect(answer.songs).toHaveLength(4);
    const shared = await ana.clicks(list.button('Share'));
    expect(shared.answer.title).toBe('Calm and tender');
    const liken = await chat.member('p17').clicks(shared.button('One like it for me'));
    expect(liken.answer.title).toBe('Calm and tender');
    expect((await ana.clicks(list.answer.reopen!)).answer.title).toBe('Calm and tender');
    const { answer: files } = await ana.clicks(list.button('As a file'));
    expect(JSON.stringify(files.files?.map(({ name }) => name))).toContain('alm');
    expect((await ana.types('/playlists')).answer.fields?.[0].name).toContain('Calm and tender');
  });

  it('takes an emotion with itself for that emotion', async () => {
    const pair = await chat.member('p18').types('/playlist calm and:calm songs:2');
    expect(pair.answer.title).toBe('Calm');
    const journey = await chat.member('p18').types('/playlist sad to:happy and:sad songs:2');
    expect(journey.answer.title).toBe('From sad to happy');
  });

  it('is for a pair or a journey, not for both', async () => {
    const { answer } = await chat.member('p3').types('/playlist calm and:happy to:sad');
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toMatch(/with \*and\* or with \*to\*/);
  });

  it('asks for the first emotion when only the second of a pair is given', async () => {
    const { answer } = await chat.member('p3').sends('playlist', { and: 'happy' });
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toContain('two emotions');
  });

  it('still knows buttons from before there were pairs, and those of emotions that are gone', async () => {
    const clicks = async (action: string) => (await chat.member('p19').clicks(action)).answer.title;
    expect(await clicks('playlist:again:calm::3:0.3')).toBe('Calm');
    expect(await clicks('playlist:again:sad:happy:3:0.3:here')).toBe('From sad to happy');
    expect(await clicks('playlist:again:calm::3:0.3::gone')).toBe('Calm');
    expect(await clicks('playlist:again:gone::3:0.3::calm')).toBe('For you');
  });

  it('for an emotion says how few songs people have told the feeling of, and one without a wish does not', async () => {
    expect(METRICS.labelledSongs).toBeLessThan(30);
    const few = `feeling of only ${METRICS.labelledSongs} songs`;
    expect((await chat.member('p14').types('/playlist calm songs:3')).answer.text).toContain(few);
    expect((await chat.member('p14').types('/playlist sad to happy songs:3')).answer.text).toContain(few);
    expect((await chat.member('p14').types('/playlist songs:3')).answer.text).not.toContain(
      'feeling of only',
    );
  });

  it('asks for a beginning when only the end of a journey is given', async () => {
    const { answer } = await chat.member('p3').sends('playlist', { to: 'happy' });
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toContain('beginning');
  });

  it('takes an emotion by key, name or emoji, whatever the case', async () => {
    for (const typed of ['calm', 'CALM', '😌', ':relieved:', '😌 Calm']) {
      const { answer } = await chat.member('p4').sends('playlist', { emotion: typed, songs: 2 });
      expect(answer.title, typed).toBe('Calm');
    }
  });

  it('that is kept is taste, and the next one says so', async () => {
    const ana = chat.member('p5');
    const list = await ana.types('/playlist happy songs:5');
    const { answer: kept } = await ana.clicks(list.button('Keep'));
    expect(kept.tone).toBe('success');
    const taste = await chat.store.taste(await ana.id());
    expect(taste.map(({ songId }) => songId).sort()).toEqual(list.answer.songs?.map((s) => s.songId).sort());
    const { answer: next } = await ana.types('/playlist songs:4');
    expect(next.text).toContain('4 songs from 5 songs that you like');
    expect(next.songs?.some(({ why }) => why?.startsWith('Close to Happy song'))).toBe(true);
  });

  it('can be had again, for the same wish', async () => {
    const ana = chat.member('p6');
    const list = await ana.types('/playlist sad to:calm songs:4 adventure:0.8');
    const { answer } = await ana.clicks(list.button('Another one'));
    expect(answer.title).toBe('From sad to calm');
    expect(answer.songs).toHaveLength(4);
  });

  it('is shown to all by its owner only, without the reasons', async () => {
    const list = await chat.member('p7').types('/playlist tender songs:3');
    const share = list.button('Share');
    expect((await chat.member('p8').clicks(share)).answer).toMatchObject({ tone: 'refusal', private: true });
    const { answer } = await chat.member('p7').clicks(share);
    expect(answer.private).toBeUndefined();
    expect(answer.text).toContain('*p7*');
    expect(answer.songs).toHaveLength(3);
    expect(answer.songs?.every(({ why }) => why === undefined)).toBe(true);
  });

  it('opens again as it was, for its owner only, so that pages can be turned', async () => {
    const list = await chat.member('p10').types('/playlist calm songs:6');
    const reopen = list.answer.reopen!;
    const again = await chat.member('p10').clicks(reopen);
    expect(again.answer.title).toBe('Calm');
    expect(again.answer.songs?.map(({ songId, why }) => [songId, why])).toEqual(
      list.answer.songs?.map(({ songId, why }) => [songId, why]),
    );
    expect(again.answer.reopen).toBe(reopen);
    expect((await chat.member('p8').clicks(reopen)).answer.tone).toBe('refusal');
  });

  it('that is shared can be paged through by everybody', async () => {
    const list = await chat.member('p7').types('/playlist tender songs:3');
    const { answer } = await chat.member('p7').clicks(list.button('Share'));
    const again = await chat.member('p8').clicks(answer.reopen!);
    expect(again.answer.songs).toEqual(answer.songs);
    expect(again.answer.private).toBeUndefined();
  });

  it('cannot be kept by somebody else', async () => {
    const list = await chat.member('p7').types('/playlist tender songs:3');
    expect((await chat.member('p8').clicks(list.button('Keep'))).answer.tone).toBe('refusal');
    expect(await chat.store.taste(await chat.member('p8').id())).toEqual([]);
  });

  it('comes as files, with links', async () => {
    const ana = chat.member('p9');
    const list = await ana.types('/playlist calm songs:8');
    const { answer } = await ana.clicks(list.button('As a file'));
    expect(answer.files?.map(({ name }) => name)).toEqual([
      'reactune-calm.m3u8',
      'reactune-calm.xspf',
      'reactune-calm.jspf',
      'reactune-calm.csv',
    ]);
    expect(answer.files?.[0].content).toContain('https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC');
    expect(answer.files?.[0].content).toContain('http://127.0.0.1:3000/audio/calm-0');
  });

  it('says that it only guesses at songs that were imported after the last training', async () => {
    const before = await chat.member('n1').types('/playlist calm');
    expect(before.answer.text).not.toContain('only guess');
    const model = chat.training.inUse!;
    chat.training.inUse = {
      ...model,
      catalogueVersion: 'before the import',
      profile: (id) => model.profile(id),
    };
    const { answer } = await chat.member('n1').types('/playlist calm');
    chat.training.inUse = model;
    expect(answer.text).toContain('I only guess at the new ones');
  });

  it('says kindly that nobody has called a song by the wished emotion yet', async () => {
    const playlists = {
      make: async () => ({ refusal: 'unheard-emotion', emotion: 'angry' }) as const,
      reopen: async () => undefined,
      keep: async () => false,
      refresh: async () => undefined,
      stop: async () => undefined,
    };
    const deaf = await openChat({ services: { playlists } });
    const { answer } = await deaf.member('u1').types('/playlist angry');
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toMatch(/Nobody here has called a song angry yet.*😠/);
    await deaf.close();
  });

  it('is refused kindly while there is no model', async () => {
    const fresh = await openChat({ trained: false });
    const { answer } = await fresh.member('ana').types('/playlist calm');
    await fresh.close();
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toContain('still learning');
  });
});

describe('/playlist and votes', () => {
  it('for two emotions says which of both people voted for', async () => {
    const reasons = async (asker: string) =>
      (await chat.member(asker).types('/playlist calm and:tender songs:16')).answer.songs ?? [];
    const songs = (await reasons('p20')).map(({ songId }) => songId);
    for (const songId of songs) await chat.member('p21').votes(songId, 'calm');
    const one = (await reasons('p22')).filter(({ why }) => why?.includes('vote'));
    expect(one.length).toBeGreaterThan(0);
    for (const { why } of one) expect(why).toMatch(/^\d+% calm by 1 vote, sounds \d+% tender/);
    for (const songId of songs) await chat.member('p21').votes(songId, 'tender');
    const both = (await reasons('p23')).filter(({ why }) => why?.includes('vote'));
    expect(both.map(({ songId }) => songId).sort()).toEqual(one.map(({ songId }) => songId).sort());
    for (const { why } of both) expect(why).toMatch(/^\d+% calm and \d+% tender by 2 votes/);
  });
});
