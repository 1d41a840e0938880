import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { plantedSongs, plantModel } from '../playlists/planted-model.ts';
import { type Chat, openChat, openChatWithOddSongs } from './chat.ts';

let chat: Chat;
beforeAll(async () => {
  chat = await openChatWithOddSongs();
});
afterAll(() => chat.close());

describe('/snippet', () => {
  it('posts the song that was asked for, with the emoji of the taxonomy under it', async () => {
    const before = chat.posted.length;
    const { answer } = await chat.member('s1').types('/snippet Tense song 3');
    expect(answer).toMatchObject({ tone: 'success', private: true });
    expect(chat.posted[before].message.snippet?.songId).toBe('tense-3');
    expect(chat.posted[before].emojis).toContain('❤️');
  });

  it('posts one of its own choice', async () => {
    const before = chat.posted.length;
    await chat.member('s1').types('/snippet');
    await chat.member('s1').clicks('snippet:post');
    expect(chat.posted).toHaveLength(before + 2);
  });
});

describe('/song', () => {
  it('tells what a song feels like, and that it is a guess', async () => {
    const { answer } = await chat.member('f1').types('/song Angry song 2');
    expect(answer.title).toBe('Angry song 2');
    expect(answer.text).toContain('😠 *angry*');
    expect(answer.text).toContain('my guess');
    expect(answer.fields?.[0].name).toBe('😠 Angry');
  });

  it('counts the votes there are', async () => {
    await chat.member('f2').votes('angry-3', 'angry');
    await chat.member('f3').votes('angry-3', 'tense');
    expect((await chat.member('f1').types('/song angry-3')).answer.text).toContain('From 2 votes');
  });

  it('shows what the votes say as soon as they are cast, and about how many more it takes', async () => {
    const ask = async () => (await chat.member('f1').types('/song sad-7')).answer;
    const needs = (text: string) => Number(/It needs about (\d+) more votes?\./.exec(text)?.[1]);
    const before = needs((await ask()).text);
    expect(before).toBeGreaterThan(2);
    await chat.member('v1').votes('sad-7', 'angry');
    const after = await ask();
    expect(after.text).toMatch(/^Mostly 😠 \*angry\*. From 1 vote /);
    expect(after.songs?.[0].emotions?.[0].key).toBe('angry');
    await chat.member('v2').votes('sad-7', 'angry');
    expect(needs((await ask()).text)).toBeLessThan(before);
    for (let n = 3; n < 10; n++) await chat.member(`v${n}`).votes('sad-7', 'angry');
    expect((await ask()).text).toContain('It needs no more votes.');
  });

  it('names two emotions where the votes are divided between them', async () => {
    for (let n = 0; n < 6; n++) await chat.member(`w${n}`).votes('sad-6', n % 2 === 0 ? 'sad' : 'tender');
    const { text } = (await chat.member('f1').types('/song sad-6')).answer;
    expect(text).toMatch(/^Mostly .*(sad|tender)\* and .*(sad|tender)\*\./);
  });

  it('makes do with the last training where that kept no weights', async () => {
    const older = await openChat({ trained: false });
    older.training.inUse = await plantModel(older.stateDir, older.catalogue, 'm0', { voters: undefined });
    await older.member('v1').votes('sad-7', 'angry');
    const { text } = (await older.member('f1').types('/song sad-7')).answer;
    expect(text).toBe('Mostly 😢 *sad*. From 1 vote of people here. I am quite sure.');
    await older.close();
  });

  it('tells songs of the same name by the same artist apart by their album', async () => {
    const twice = (i: number) => ({
      title: 'Creep',
      artists: ['Radiohead'],
      album: ['Pablo Honey', 'Live'][i],
    });
    const songs = plantedSongs(2, (song, i) => (song.id.startsWith('sad') ? twice(i) : {}));
    const other = await openChat({ songs });
    const { answer } = await other.member('u1').types('/song creep');
    expect(answer.buttons?.map(({ label }) => label)).toEqual([
      'Creep – Radiohead (Pablo Honey)',
      'Creep – Radiohead (Live)',
    ]);
    const names = (await other.member('u1').completes('song', 'name', 'creep')).map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(answer.buttons?.map(({ label }) => label));
    await other.close();
  });

  it('offers the closest few when a name could be several songs, and takes the choice by a button', async () => {
    const seen = await chat.member('f1').types('/song Happy song 7');
    expect(seen.answer).toMatchObject({ tone: 'refusal', private: true });
    const labels = seen.answer.buttons?.map(({ label }) => label).sort();
    expect(labels).toEqual(['Happy song 7 – Happy band 2', 'Happy song 7 – Sad band 2']);
    const { answer } = await chat.member('f1').clicks(seen.button('Happy song 7 – Sad band 2'));
    expect(answer.songs?.[0].songId).toBe('sad-7');
  });

  it('takes title and artist together', async () => {
    const { answer } = await chat.member('f1').types('/song Happy song 7 – Sad band 2');
    expect(answer.songs?.[0].songId).toBe('sad-7');
  });

  it('says kindly that it does not know a song, showing nothing that reads as markup', async () => {
    const { answer } = await chat.member('f1').types('/song *nobody* knows `this`');
    expect(answer).toMatchObject({ tone: 'refusal', private: true });
    expect(answer.text).toContain('"nobody knows this"');
  });

  it('needs a name', async () => {
    expect((await chat.member('f1').types('/song')).answer.text).toContain('needs *name*');
  });
});

describe('/taste', () => {
  it('says how to begin when nothing is known', async () => {
    expect((await chat.member('t1').types('/taste')).answer.text).toContain('❤️');
  });

  it('takes songs in and out, and shows why each is in', async () => {
    const ana = chat.member('t2');
    expect((await ana.types('/taste add:"Calm song 1"')).answer.text).toContain('is in your taste now');
    expect((await ana.types('/taste add:calm-1')).answer.text).toContain('already');
    await ana.types('/taste add:calm-2');
    await ana.types('/taste remove:happy-2');
    const { answer } = await ana.types('/taste');
    expect(answer.text).toContain('2 songs that you like and 1 song that I keep out of your way');
    expect(answer.text).toContain('😌 calm');
    expect(answer.songs?.map(({ songId }) => songId).sort()).toEqual(['calm-1', 'calm-2']);
    expect(answer.songs?.[0].why).toBe('You told me');
  });

  it('offers the opposite by a button that says what it does', async () => {
    const ana = chat.member('t3');
    const added = await ana.types('/taste add:sad-1');
    const removed = await ana.clicks(added.button('Rather not hear it'));
    expect(await chat.store.taste(await ana.id())).toMatchObject([{ songId: 'sad-1', liked: false }]);
    await ana.clicks(removed.button('I like it after all'));
    expect(await chat.store.taste(await ana.id())).toMatchObject([{ songId: 'sad-1', liked: true }]);
  });

  it('completes what is to be removed from what is liked', async () => {
    const ana = chat.member('t4');
    await ana.types('/taste add:tender-5');
    expect(await ana.completes('taste', 'remove', '')).toEqual([
      { name: 'Tender song 5 – Tender band 0', value: 'tender-5' },
    ]);
  });

  it('does not add and remove the same song', async () => {
    const { answer } = await chat.member('t5').sends('taste', { add: 'sad-1', remove: 'sad-1' });
    expect(answer.tone).toBe('refusal');
  });
});

describe('/my-data', () => {
  it('exports everything as a file that can be read back', async () => {
    const ana = chat.member('d1');
    await ana.votes('calm-1', 'calm');
    await ana.types('/taste add:happy-1');
    await ana.types('/playlist songs:2');
    const { answer } = await ana.types('/my-data export');
    expect(answer.private).toBe(true);
    expect(answer.text).toContain('in the chat is not in it');
    const data = JSON.parse(answer.files?.[0].content ?? '');
    expect(data.reactions).toHaveLength(1);
    expect(data.taste).toMatchObject([{ songId: 'happy-1' }]);
    expect(data.playlists).toHaveLength(1);
    expect(data.songs['calm-1']).toBe('Calm song 1 – Calm band 1');
  });

  it('deletes only after a second word, and then votes, taste and playlists are gone', async () => {
    const ana = chat.member('d2');
    await ana.votes('calm-2', 'calm');
    await ana.types('/taste add:happy-1');
    const asked = await ana.types('/my-data delete');
    expect(asked.answer.tone).toBeUndefined();
    expect(await chat.store.voteCounts('calm-2')).toEqual({ calm: 1 });
    await ana.clicks(asked.button('No, keep it'));
    expect(await chat.store.voteCounts('calm-2')).toEqual({ calm: 1 });
    const { answer } = await ana.clicks(asked.button('Yes, forget me'));
    expect(answer.text).toContain('forgotten 1 reaction and 1 entry of your taste');
    expect(await chat.store.voteCounts('calm-2')).toEqual({});
    expect(chat.forgotten).toEqual(['room:d2']);
    expect(await chat.store.taste(await ana.id())).toEqual([]);
  });

  it('promises to take reactions away only where that can be done', async () => {
    const here = (await chat.member('d4').types('/my-data delete')).answer.text;
    expect(here).toContain('your messages');
    const elsewhere = await openChat({ services: { reactionsStay: () => true } });
    onTestFinished(() => elsewhere.close());
    const ana = elsewhere.member('d4');
    await ana.votes('calm-2', 'calm');
    const asked = await ana.types('/my-data delete');
    expect(asked.answer.text).toContain('only you can take them away');
    expect(asked.answer.text).not.toContain('your messages');
    const { answer } = await ana.clicks(asked.button('Yes, forget me'));
    expect(answer.text).toContain('still stands under the snippets');
  });

  it('asks what to do when that is not said', async () => {
    const bare = await chat.member('d3').types('/my-data');
    expect(bare.answer).toMatchObject({ tone: 'refusal', text: 'Which would you like?' });
    const { answer } = await chat.member('d3').clicks(bare.button('Export everything as a file'));
    expect(answer.files).toHaveLength(1);
    expect((await chat.member('d3').types('/my-data burn')).answer.text).toContain('export, delete');
  });
});

describe('/emotions and /help', () => {
  it('lists every emotion with its emoji, and ❤️', async () => {
    const { answer } = await chat.member('h1').types('/emotions');
    expect(answer.fields).toHaveLength(9);
    expect(answer.fields?.map(({ name }) => name)).toContain('🕰️ Nostalgic');
  });

  it('shows moderators their commands, and others not', async () => {
    const forAll = (await chat.member('h1').types('/help')).answer;
    expect(forAll.text).toContain('*/playlist [emotion] [to] [songs] [adventure] [spotify] [and]*');
    expect(JSON.stringify(forAll)).not.toContain('/retrain');
    const forModerators = (await chat.member('h2', { moderator: true }).types('/help')).answer;
    const ofSettings = (await chat.member('h2', { moderator: true }).types('/help settings')).answer;
    // No row of a dozen brackets, and nothing that reads as markup.
    expect(ofSettings.title).toBe('/settings […]');
    expect(JSON.stringify(ofSettings.fields)).toContain('0 4 ∗ ∗ ∗');
    expect(JSON.stringify(forModerators.fields)).toContain('/retrain');
  });

  it('explains one command, and finds the one that was meant', async () => {
    expect((await chat.member('h1').types('/help playlist')).answer.title).toContain('/playlist');
    expect((await chat.member('h1').types('/help playlits')).answer.text).toContain('*/playlist*');
  });
});

describe('/status', () => {
  it('tells votes, the model, the last training and what comes next', async () => {
    const { answer } = await chat.member('x1').types('/status');
    const value = (name: string) => answer.fields?.find((field) => field.name === name)?.value;
    expect(answer.text).toContain('64 songs (Planted songs)');
    expect(answer.text).toContain('demo');
    expect(value('Reactions')).toMatch(/\d+ votes? by \d+ (person|people)/);
    expect(value('Model in use')).toContain('12 songs');
    expect(value('Last training')).toBe('None yet');
    expect(value('Next training')).toMatch(/04:00$/);
  });

  it('promises no snippet before somebody has chosen where to', async () => {
    const communityId = 'room:elsewhere';
    const next = async () => {
      const { answer } = await chat.member('x1', { communityId }).types('/status');
      return answer.fields?.find(({ name }) => name === 'Next snippet')?.value;
    };
    expect(await next()).toBe('When a channel is chosen for it with /settings');
    await chat.member('mo', { moderator: true, communityId }).types('/settings channel:here');
    expect(await next()).toMatch(/\d\d:\d\d$/);
  });

  it('says how the last training ended', async () => {
    await chat.store.saveRun({
      id: 'r1',
      trigger: { kind: 'first-start' },
      startedAt: Date.UTC(2026, 10, 22, 3, 59),
      endedAt: Date.UTC(2026, 10, 22, 4, 0, 10),
      outcome: 'kept',
      catalogueVersion: 'v',
    });
    const { answer } = await chat.member('x1').types('/status');
    expect(answer.fields?.find(({ name }) => name === 'Last training')?.value).toContain(
      'the recommender before it, which was better',
    );
  });
});

// Last, as these votes would be counted above.
