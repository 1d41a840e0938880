import type { types } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { boltOverHttp, boltOverSockets, slackFor } from './bolt.ts';
import type { Slack } from './slack.ts';

type ModalView = types.ModalView;

const plain = (text: string) => ({ type: 'plain_text' as const, text });

function settings(error?: string): ModalView {
  return {
    type: 'modal',
    callback_id: 'settings',
    private_metadata: 'C1',
    title: plain('Settings'),
    submit: plain('Save'),
    notify_on_close: true,
    blocks: [
      { type: 'section', text: plain(error ?? 'How often?') },
      {
        type: 'input',
        block_id: 'per-day',
        label: plain('Snippets per day'),
        element: { type: 'number_input', action_id: 'value', is_decimal_allowed: false, initial_value: '3' },
      },
      {
        type: 'input',
        block_id: 'channel',
        label: plain('Channel'),
        element: { type: 'channels_select', action_id: 'value' },
      },
      {
        type: 'input',
        block_id: 'song',
        optional: true,
        label: plain('First song'),
        element: { type: 'external_select', action_id: 'song', min_query_length: 1 },
      },
    ],
  };
}

async function withSettings(transport: 'sockets' | 'http') {
  const slack = await slackFor();
  const ws = slack.workspace({ channels: ['music'] });
  const ana = ws.member('ana');
  const saved: unknown[] = [];
  const closed: string[] = [];
  const set = (bolt: Parameters<Parameters<typeof boltOverSockets>[2]>[0]) => {
    bolt.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({
        user_id: event.user,
        view: {
          type: 'home',
          blocks: [
            { type: 'header', text: plain('Your taste') },
            {
              type: 'actions',
              elements: [{ type: 'button', action_id: 'settings', text: plain('Settings') }],
            },
          ],
        },
      });
    });
    bolt.action('settings', async ({ ack, client, body }) => {
      await ack();
      await client.views.open({ trigger_id: 'trigger_id' in body ? body.trigger_id : '', view: settings() });
    });
    bolt.options('song', async ({ ack, payload }) => {
      await ack({ options: [{ text: plain(`${payload.value} song`), value: `song-${payload.value}` }] });
    });
    bolt.view('settings', async ({ ack, view }) => {
      const { values } = view.state;
      const perDay = Number(values['per-day']?.value?.value);
      if (perDay > 24) await ack({ response_action: 'errors', errors: { 'per-day': 'At most 24' } });
      else if (perDay === 0) await ack({ response_action: 'update', view: settings('Really none?') });
      else {
        await ack();
        saved.push([
          perDay,
          values.channel?.value?.selected_channel,
          values.song?.song?.selected_option?.value,
        ]);
      }
    });
    bolt.view({ callback_id: 'settings', type: 'view_closed' }, async ({ ack, view }) => {
      await ack();
      closed.push(view.id);
    });
  };
  if (transport === 'sockets') await boltOverSockets(slack, ws.token, set);
  else await boltOverHttp(slack, ws.token, set);
  return { slack, ws, ana, saved, closed, music: ws.channel('music') };
}

async function openSettings({
  slack,
  ana,
}: {
  slack: Slack;
  ana: Awaited<ReturnType<typeof withSettings>>['ana'];
}) {
  ana.opensHome();
  const home = await slack.until(() => ana.home);
  await ana.clicks(home, 'Settings');
  return slack.until(() => ana.modal);
}

describe.each(['sockets', 'http'] as const)('home and modals over %s', (transport) => {
  it('shows a home tab, opens a modal from it, and takes what is entered', async () => {
    const stage = await withSettings(transport);
    const { ana, saved, music } = stage;
    const modal = await openSettings(stage);
    expect([modal.title, ana.home!.text, modal.fields]).toEqual([
      'Settings',
      'Your taste\nSettings',
      ['Snippets per day', 'Channel', 'First song'],
    ]);
    expect(await ana.searches(modal, 'First song', 'blue')).toEqual(['blue song']);
    const done = await ana.submits({ Channel: music.id, 'First song': 'blue song' });
    expect([done.failure, done.errors, ana.modal]).toEqual([undefined, {}, undefined]);
    expect(saved).toEqual([[3, music.id, 'song-blue']]);
  });

  it('keeps the modal open with what is wrong, and shows the next view in its place', async () => {
    const stage = await withSettings(transport);
    const { ana, saved, music } = stage;
    await openSettings(stage);
    const wrong = await ana.submits({ 'per-day': 25, Channel: music.id });
    expect(wrong.errors).toEqual({ 'per-day': 'At most 24' });
    await ana.submits({ 'per-day': 0 });
    expect(ana.modal!.text).toContain('Really none?');
    await ana.submits({ 'per-day': 2 });
    expect(saved).toEqual([[2, music.id, undefined]]);
  });

  it('lets nothing through that lacks a required entry, and tells when a modal is closed', async () => {
    const stage = await withSettings(transport);
    const { ana, closed } = stage;
    const modal = await openSettings(stage);
    await expect(ana.submits()).rejects.toThrow('«Channel» has to be filled in');
    await ana.closes();
    expect([closed, ana.modal]).toEqual([[modal.view.id], undefined]);
  });
});

describe('the keys that come with an interaction', () => {
  async function slow() {
    const slack = await slackFor();
    const ws = slack.workspace({ channels: ['music'] });
    const ana = ws.member('ana');
    const given: { trigger: string; url: string }[] = [];
    const app = await boltOverSockets(slack, ws.token, (bolt) => {
      bolt.command('/song', async ({ ack, command }) => {
        given.push({ trigger: command.trigger_id, url: command.response_url });
        await ack();
      });
      bolt.command('/silent', async () => {});
    });
    const respond = (text: string, more: object = {}) =>
      fetch(given[0]!.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ text, ...more }),
      });
    return { slack, ws, ana, app, given, respond, music: ws.channel('music') };
  }

  it('open a view once, within three seconds', async () => {
    const { slack, ana, app, given, music } = await slow();
    await ana.types('/song', '', music);
    await app.client.views.open({ trigger_id: given[0]!.trigger, view: settings() });
    const again = { trigger_id: given[0]!.trigger, view: settings() };
    await expect(app.client.views.open(again)).rejects.toMatchObject({
      data: { error: 'exchanged_trigger_id' },
    });
    await ana.types('/song', '', music);
    slack.advance(3001);
    const late = { trigger_id: given[1]!.trigger, view: settings() };
    await expect(app.client.views.open(late)).rejects.toMatchObject({
      data: { error: 'expired_trigger_id' },
    });
    await expect(app.client.views.open({ ...late, trigger_id: '1.2' })).rejects.toMatchObject({
      data: { error: 'invalid_trigger_id' },
    });
  });

  it('answer five times, within half an hour', async () => {
    const { ana, respond, music } = await slow();
    const run = await ana.types('/song', '', music);
    for (let i = 0; i < 5; i += 1) expect((await respond(`answer ${i}`)).status).toBe(200);
    expect(await (await respond('one too many')).json()).toEqual({ ok: false, error: 'used_url' });
    expect(run.sights()).toHaveLength(5);
  });

  it('are no good after half an hour', async () => {
    const { slack, ana, respond, music } = await slow();
    await ana.types('/song', '', music);
    slack.advance(30 * 60_000 + 1);
    expect(await (await respond('late')).json()).toEqual({ ok: false, error: 'expired_url' });
  });

  it('cannot replace what was answered to a command', async () => {
    const { ana, respond, music } = await slow();
    const run = await ana.types('/song', '', music);
    await respond('first');
    await respond('second', { replace_original: true });
    expect(run.sights().map(({ text }) => text)).toEqual(['first', 'second']);
    await respond('for all', { response_type: 'in_channel' });
    expect(run.sights().at(-1)!.private).toBe(false);
  });

  it('say when the app did not acknowledge in time, or was not there', async () => {
    const { slack, ana, music } = await slow();
    const waiting = ana.types('/silent', '', music);
    slack.advance(3000);
    expect((await waiting).failure).toBe('operation_timeout');
    slack.sockets.connections[0]!.drops();
    await slack.until(() => slack.sockets.connections.length === 0);
    expect((await ana.types('/song', '', music)).failure).toBe('dispatch_failed');
  });
});
