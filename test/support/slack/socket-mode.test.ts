import { describe, expect, it } from 'vitest';
import { boltOverSockets, slackFor } from './bolt.ts';

/** A workspace, two people and the real Bolt app that writes down what it hears. */
async function chat() {
  const slack = await slackFor();
  const ws = slack.workspace({ name: 'Acme', channels: ['music'] });
  const [ana, ben] = [ws.member('ana'), ws.member('ben')];
  const heard: string[] = [];
  const app = await boltOverSockets(slack, ws.token, (bolt) => {
    bolt.event('reaction_added', async ({ event }) => void heard.push(`+${event.reaction} ${event.user}`));
    bolt.event('reaction_removed', async ({ event }) => void heard.push(`-${event.reaction} ${event.user}`));
    bolt.event('app_mention', async ({ event, say }) => {
      heard.push(event.text);
      await say({ text: 'Here.', thread_ts: event.thread_ts ?? event.ts });
    });
    bolt.command('/playlist', async ({ command, ack, respond }) => {
      await ack();
      await respond({
        text: `A ${command.text} list`,
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: `A *${command.text}* list` } },
          {
            type: 'actions',
            elements: [
              { type: 'button', action_id: 'keep', value: '42', text: { type: 'plain_text', text: 'Keep' } },
            ],
          },
        ],
      });
    });
    bolt.action('keep', async ({ ack, respond, action }) => {
      await ack();
      await respond({ replace_original: true, text: `Kept ${'value' in action ? action.value : ''}` });
    });
  });
  return { slack, ws, ana, ben, heard, app, music: ws.channel('music') };
}

describe('a Bolt app over Socket Mode', () => {
  it('posts, edits and deletes', async () => {
    const { app, ana, music } = await chat();
    const posted = await app.client.chat.postMessage({ channel: music.id, text: 'first' });
    expect(ana.sees(music).map(({ text }) => text)).toEqual(['first']);
    await app.client.chat.update({ channel: music.id, ts: posted.ts!, text: 'second' });
    expect(ana.sees(music).map(({ text, edited }) => [text, edited])).toEqual([['second', true]]);
    await app.client.chat.delete({ channel: music.id, ts: posted.ts! });
    expect(ana.sees(music)).toEqual([]);
    await expect(
      app.client.chat.update({ channel: music.id, ts: posted.ts!, text: 'late' }),
    ).rejects.toMatchObject({
      data: { error: 'message_not_found' },
    });
  });

  it('hears reactions of people, not its own, and reads back who reacted', async () => {
    const { app, slack, ws, ana, ben, heard, music } = await chat();
    const { ts } = await app.client.chat.postMessage({ channel: music.id, text: 'How does it feel?' });
    await app.client.reactions.add({ channel: music.id, timestamp: ts!, name: 'relieved' });
    const [snippet] = ana.sees(music);
    ana.reacts(snippet!, 'relieved');
    ben.reacts(snippet!, '+1::skin-tone-3');
    ana.unreacts(snippet!, 'relieved');
    await slack.deliveries.settled();
    expect(heard).toEqual([`+relieved ${ana.id}`, `++1::skin-tone-3 ${ben.id}`, `-relieved ${ana.id}`]);
    const got = await app.client.reactions.get({ channel: music.id, timestamp: ts!, full: true });
    expect(got.message?.reactions).toEqual([
      { name: 'relieved', users: [ws.bot.id], count: 1 },
      { name: '+1::skin-tone-3', users: [ben.id], count: 1 },
    ]);
  });

  it('answers a command to the asker alone, and its button in place', async () => {
    const { ana, ben, music } = await chat();
    const run = await ana.types('/playlist', 'calm', music);
    expect(run.failure).toBeUndefined();
    expect(run.acknowledgedAfterMs).toBeLessThan(3000);
    const shown = await run.shown();
    expect([shown.text, shown.private, shown.buttons]).toEqual(['A *calm* list\nKeep', true, ['Keep']]);
    expect(ben.sees(music)).toEqual([]);
    await ana.clicks(shown, 'Keep');
    await ana.sight(music, ({ text }) => text === 'Kept 42');
    expect(ana.sees(music)).toHaveLength(1);
  });

  it('is mentioned in a thread and answers there', async () => {
    const { ws, ana, ben, music, heard } = await chat();
    const start = ben.says(music, 'What shall we hear?');
    ana.mentions(music, 'playlist calm', { thread: start });
    const answer = await ana.sight(music, ({ text }) => text === 'Here.');
    expect(answer.thread).toBe(start.ts);
    expect(heard).toEqual([`<@${ws.bot.id}> playlist calm`]);
  });
});
