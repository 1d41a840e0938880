import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveAnswer } from '../../commands/live.ts';
import type { Message } from '../../src/chat/message.ts';
import { METRICS, silent } from '../playlists/planted-model.ts';
import { type Chat, openChat, Seen } from './chat.ts';

describe('/retrain', () => {
  let chat: Chat;
  beforeEach(async () => {
    chat = await openChat();
  });
  afterEach(() => chat.close());

  /** Types it and waits until the first answer is there; the run itself goes on. */
  async function begin(name: string) {
    const seen = new Seen();
    const ended = chat.member(name, { moderator: true }).types('/retrain', seen);
    await vi.waitUntil(() => seen.messages.length > 0);
    return { seen, ended };
  }

  it('shows progress in the message that answered, and the outcome with what changed', async () => {
    const { seen, ended } = await begin('Mo');
    expect(seen.answer.progress).toEqual({ percent: 0, label: 'Gathering votes and tastes' });
    chat.training.progresses({ stage: 'train', percent: 55, secondsLeft: 20, detail: 'epoch 3 of 20' });
    await vi.waitUntil(() => seen.edits.length > 0);
    expect(seen.edits[0].progress).toEqual({
      percent: 55,
      label: 'Learning what you like: epoch 3 of 20',
      secondsLeft: 20,
    });
    chat.training.ends({
      outcome: 'published',
      metrics: {
        ...METRICS,
        labelledSongs: 20,
        votes: 90,
        ranking: [{ method: 'gan', ndcg10: 0.1234, recall50: 0.5 }],
      },
    });
    await ended;
    expect(seen.last.tone).toBe('success');
    expect(seen.last.progress).toBeUndefined();
    expect(seen.last.fields).toEqual([
      { name: 'Songs with votes', value: '20 (before: 12)' },
      { name: 'Votes', value: '90 (before: 40)' },
      { name: 'Playlists (NDCG@10)', value: '0.123, gan' },
      { name: 'Took', value: '61 seconds' },
    ]);
    expect(chat.training.followers).toBe(0);
  });

  it('sets the new recommender against the one before it, with the interval, and says what had to be done without', async () => {
    const { seen, ended } = await begin('Mo');
    chat.training.ends({
      outcome: 'published',
      reason: 'There are no votes yet, so every song has all emotions alike, with no confidence.',
      metrics: {
        ...METRICS,
        ranking: [{ method: 'gan', ndcg10: 0.1234, recall50: 0.5 }],
        comparison: {
          listeners: 24,
          ndcg10: 0.1234,
          before: 0.1301,
          difference: -0.0067,
          low: -0.0204,
          high: 0.0002,
        },
      },
    });
    await ended;
    expect(seen.last.text).toBe(
      'Done! The new model is in use from now on. There are no votes yet, so every song has all emotions alike, with no confidence.',
    );
    expect(seen.last.fields).toEqual(
      expect.arrayContaining([
        { name: 'Playlists (NDCG@10)', value: '0.123 (before: 0.130), gan' },
        {
          name: 'Against the one before',
          value: '−0.007 (95%: −0.020 to 0.000), tried on 24 listeners',
        },
      ]),
    );
  });

  it('tells a second moderator about the first, with the progress so far', async () => {
    const first = await begin('Mo');
    chat.training.progresses({ stage: 'propagate', percent: 30 });
    const second = await begin('Flo');
    expect(second.seen.answer.text).toContain('started by Mo');
    expect(second.seen.answer.progress?.percent).toBe(30);
    chat.training.ends({ outcome: 'kept', reason: 'NDCG@10 0.11 against 0.12' });
    await Promise.all([first.ended, second.ended]);
    for (const { seen } of [first, second]) {
      expect(seen.last.text).toContain('the model in use stays');
      expect(seen.last.text).toContain('0.11 against 0.12.');
    }
  });

  it('is cancelled by its button or by the command', async () => {
    const { seen, ended } = await begin('Mo');
    const mo = chat.member('Mo', { moderator: true });
    await mo.clicks(seen.button('Cancel'));
    expect(chat.training.cancelledBy).toBe('Mo');
    chat.training.ends({ outcome: 'cancelled' });
    await ended;
    expect(seen.last.text).toContain('cancelled');
    expect((await mo.types('/retrain cancel:yes')).answer).toMatchObject({ tone: 'refusal', private: true });
  });

  it('says only once that the old model stays', async () => {
    const { seen, ended } = await begin('Mo');
    chat.training.ends({ outcome: 'cancelled', reason: 'Cancelled by Mo. The model in use stays.' });
    await ended;
    expect(seen.last.text.match(/model in use stays/g)).toHaveLength(1);
  });

  it.each(['failed', 'timed-out'] as const)(
    'that %s says so, that the old model stays, and offers another try',
    async (outcome) => {
      const { seen, ended } = await begin('Mo');
      chat.training.ends({ outcome, reason: 'the training process was killed' });
      await ended;
      expect(seen.last).toMatchObject({ tone: 'refusal' });
      expect(seen.last.text).toContain('The training process was killed. The model in use stays.');
      expect(seen.button('Try again')).toBe('retrain:again');
    },
  );
});

describe('an answer that changes in place', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const text = (n: number): Message => ({ text: String(n) });

  it('is edited at most once a second, with the newest, and always with the last', async () => {
    const shown: { at: number; text: string }[] = [];
    const live = liveAnswer(
      { edit: async (message) => void shown.push({ at: Date.now(), text: message.text }) },
      { log: silent },
    );
    for (let n = 0; n < 100; n++) {
      live.show(text(n));
      await vi.advanceTimersByTimeAsync(50);
    }
    await live.end(text(100));
    expect(shown.at(-1)?.text).toBe('100');
    expect(shown.length).toBeLessThanOrEqual(7);
    const gaps = shown.slice(1, -1).map(({ at }, i) => at - shown[i].at);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    expect(shown.map((one) => Number(one.text))).toEqual(
      [...shown.map((one) => Number(one.text))].sort((a, b) => a - b),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shown.at(-1)?.text).toBe('100');
  });

  it('never has two edits under way, and the last one comes last', async () => {
    const order: string[] = [];
    let underWay = 0;
    const live = liveAnswer(
      {
        async edit(message) {
          underWay += 1;
          expect(underWay).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, 3000));
          underWay -= 1;
          order.push(message.text);
        },
      },
      { log: silent },
    );
    live.show(text(1));
    live.show(text(2));
    const ended = live.end(text(3));
    await vi.advanceTimersByTimeAsync(20_000);
    await ended;
    expect(order).toEqual(['1', '3']);
  });

  it('goes on when an edit fails', async () => {
    const shown: string[] = [];
    const live = liveAnswer(
      {
        async edit(message) {
          if (message.text === '1') throw new Error('gone');
          shown.push(message.text);
        },
      },
      { log: silent },
    );
    live.show(text(1));
    live.show(text(2));
    await vi.advanceTimersByTimeAsync(2000);
    await live.end(text(3));
    expect(shown).toEqual(['2', '3']);
  });
});
