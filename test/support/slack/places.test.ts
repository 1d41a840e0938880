import { describe, expect, it } from 'vitest';
import { type BoltApp, boltOverSockets, slackFor } from './bolt.ts';

/** The app in every workspace, and the events it gets: type, workspace, and what `pick` finds. */
async function app(...names: string[]) {
  const slack = await slackFor();
  const heard: Record<string, unknown>[] = [];
  const seen = (bolt: BoltApp) => {
    for (const name of names)
      bolt.event(name, async ({ event, context, body }) => {
        heard.push({
          ...event,
          team: context.teamId,
          outer: body.team_id,
          shared: body.is_ext_shared_channel,
        });
      });
  };
  return { slack, heard, open: () => boltOverSockets(slack, undefined, seen) };
}

describe('workspaces', () => {
  it('tell of people and channels', async () => {
    const { slack, heard, open } = await app(
      'team_join',
      'member_joined_channel',
      'member_left_channel',
      'channel_rename',
      'channel_archive',
      'channel_deleted',
      'user_change',
      'subteam_members_changed',
      'channel_left',
    );
    const ws = slack.workspace({ channels: ['music', 'chat'] });
    const mo = ws.admin('mo');
    const group = ws.userGroup('dj');
    await open();
    const cleo = ws.welcomes('cleo');
    const quiet = ws.addChannel({ name: 'quiet', bot: false });
    cleo.leaves(ws.channel('chat'));
    mo.invitesBot(quiet);
    mo.removesBot(quiet);
    ws.renames(ws.channel('music'), mo, 'songs');
    ws.archives(ws.channel('chat'), mo);
    ws.deletesChannel(ws.channel('chat'), mo);
    ws.deactivates(cleo);
    ws.joinsGroup(group, mo);
    await slack.deliveries.settled();
    // Bolt handles events side by side: the order is that of the deliveries.
    expect(heard).toHaveLength(10);
    expect(slack.deliveries.log.map(({ name }) => name)).toEqual([
      'team_join',
      'member_left_channel',
      'member_joined_channel',
      'channel_left',
      'member_left_channel',
      'channel_rename',
      'channel_archive',
      'channel_deleted',
      'user_change',
      'subteam_members_changed',
    ]);
  });

  it('say who is who', async () => {
    const { slack, open } = await app();
    const ws = slack.workspace({ channels: ['music'] });
    const { client } = await open();
    const info = async (user: string) => (await client.users.info({ token: ws.token, user })).user;
    expect(await info(ws.admin('mo').id)).toMatchObject({ is_admin: true, is_owner: false });
    expect(await info(ws.primaryOwner('ada').id)).toMatchObject({
      is_admin: true,
      is_owner: true,
      is_primary_owner: true,
    });
    expect(await info(ws.otherBot('helper').id)).toMatchObject({ is_bot: true });
    const gone = ws.member('gone');
    ws.deactivates(gone);
    const left = await info(gone.id);
    expect(left).toMatchObject({ deleted: true });
    expect(left).not.toHaveProperty('is_admin');
    await expect(info('U0NOBODY')).rejects.toMatchObject({ data: { error: 'user_not_found' } });
    const group = ws.userGroup('dj', [ws.member('ana')]);
    expect((await client.usergroups.users.list({ token: ws.token, usergroup: group.id })).users).toEqual([
      ws.member('ana').id,
    ]);
  });

  it('post messages of workflows, which belong to nobody', async () => {
    const { slack, heard, open } = await app('reaction_added');
    const ws = slack.workspace({ channels: ['music'] });
    const ana = ws.member('ana');
    await open();
    ana.reacts(ws.workflowPosts(ws.channel('music'), 'Daily question'), 'zap');
    await slack.deliveries.settled();
    expect(heard[0]).toMatchObject({ user: ana.id, reaction: 'zap' });
    expect(heard[0]).not.toHaveProperty('item_user');
  });

  it('lose the app in the middle of its work', async () => {
    const { slack, open } = await app();
    const ws = slack.workspace({ channels: ['music'] });
    const { client } = await open();
    const { token } = ws;
    const channel = ws.channel('music').id;
    await client.chat.postMessage({ token, channel, text: 'Looking…' });
    ws.uninstalls();
    await expect(client.chat.postMessage({ token, channel, text: 'Done' })).rejects.toMatchObject({
      data: { error: 'account_inactive' },
    });
  });
});

describe('Enterprise Grid', () => {
  it('has one installation for all workspaces, and ids of its own', async () => {
    const { slack, heard, open } = await app('reaction_added');
    const grid = slack.enterprise('Acme Corp');
    const first = slack.workspace({ enterprise: grid, installed: false, channels: ['one'] });
    slack.installsOrgWide(grid);
    const second = slack.workspace({ enterprise: grid, channels: ['two'] });
    expect(second.token).toBe(first.token);
    const ana = second.member('ana');
    expect(ana.id).toMatch(/^W/);
    const { client } = await open();
    const auth = await client.auth.test({ token: second.token });
    expect(auth).toMatchObject({ is_enterprise_install: true, enterprise_id: grid.id });
    await expect(client.conversations.list({ token: second.token })).rejects.toMatchObject({
      data: { error: 'missing_argument' },
    });
    const listed = await client.conversations.list({ token: second.token, team_id: second.id });
    expect(listed.channels?.map(({ name }) => name)).toEqual(['two']);
    ana.reacts(ana.says(second.channel('two'), 'hi'), 'zap');
    await slack.deliveries.settled();
    expect(heard).toMatchObject([{ team: second.id, user: ana.id }]);
    expect(slack.latest('reaction_added').payload).toMatchObject({
      enterprise_id: grid.id,
      authorizations: [{ team_id: second.id, enterprise_id: grid.id, is_enterprise_install: true }],
    });
  });
});

describe('Slack Connect', () => {
  it('brings strangers into a channel, whose reactions carry their own workspace', async () => {
    const { slack, heard, open } = await app('reaction_added', 'message');
    const home = slack.workspace({ name: 'Home', channels: ['shared'] });
    const away = slack.workspace({ name: 'Away', installed: false });
    const zoe = away.member('zoe');
    home.shares(home.channel('shared'), away, [zoe]);
    const { client } = await open();
    const message = zoe.says(home.channel('shared'), 'hello from away');
    zoe.reacts(message, 'zap');
    await slack.deliveries.settled();
    expect(heard).toMatchObject([
      { type: 'message', user: zoe.id, team: home.id, outer: away.id, user_team: away.id, shared: true },
      { type: 'reaction_added', user: zoe.id, team: home.id, outer: away.id, shared: true },
    ]);
    const { user } = await client.users.info({ token: home.token, user: zoe.id });
    expect(user).toMatchObject({ team_id: away.id, is_stranger: false });
    expect(user).not.toHaveProperty('is_admin');
    const { channel } = await client.conversations.info({
      token: home.token,
      channel: home.channel('shared').id,
    });
    expect(channel).toMatchObject({ is_ext_shared: true, shared_team_ids: [home.id, away.id] });
    await expect(zoe.types('/song', '', home.channel('shared'))).rejects.toThrow(
      'the app is not installed in Away',
    );
  });
});

describe('files, lists and history', () => {
  it('are uploaded in three steps, and shared as a message', async () => {
    const { slack, open } = await app();
    const ws = slack.workspace({ channels: ['music'] });
    const ana = ws.member('ana');
    const { client } = await open();
    const file = Buffer.from('RIFF....');
    await client.filesUploadV2({
      token: ws.token,
      channel_id: ws.channel('music').id,
      filename: 'snippet.mp3',
      file,
      initial_comment: 'Listen',
    });
    const [sight] = ana.sees(ws.channel('music'));
    expect([sight!.text, sight!.message.files[0]!.data, sight!.message.files[0]!.mimetype]).toEqual([
      'Listen',
      file,
      'audio/mpeg',
    ]);
    expect(slack.counts()).toMatchObject({
      'files.getUploadURLExternal': 1,
      'files.completeUploadExternal': 1,
    });
  });

  it('come page by page', async () => {
    const { slack, open } = await app();
    const ws = slack.workspace({ channels: Array.from({ length: 25 }, (_, i) => `channel-${i}`) });
    const { client } = await open();
    const names: string[] = [];
    for await (const page of client.paginate('conversations.list', { token: ws.token, limit: 10 })) {
      names.push(...(page as unknown as { channels: { name: string }[] }).channels.map(({ name }) => name));
    }
    expect(names).toHaveLength(25);
    await expect(client.conversations.list({ token: ws.token, cursor: 'nonsense' })).rejects.toMatchObject({
      data: { error: 'invalid_cursor' },
    });
  });

  it('keep threads apart, and what only one person saw out', async () => {
    const { slack, open } = await app();
    const ws = slack.workspace({ channels: ['music'] });
    const [ana, music] = [ws.member('ana'), ws.channel('music')];
    const { client } = await open();
    const start = ana.says(music, 'start');
    ana.says(music, 'reply', { thread: start });
    await client.chat.postEphemeral({ token: ws.token, channel: music.id, user: ana.id, text: 'psst' });
    const texts = (messages: { text?: string }[] = []) => messages.map(({ text }) => text);
    const history = await client.conversations.history({ token: ws.token, channel: music.id });
    expect(texts(history.messages)).toEqual(['start']);
    const replies = await client.conversations.replies({ token: ws.token, channel: music.id, ts: start.ts });
    expect(texts(replies.messages)).toEqual(['start', 'reply']);
    expect(await client.conversations.join({ token: ws.token, channel: music.id })).toMatchObject({
      warning: 'already_in_channel',
    });
  });
});

describe('a manifest', () => {
  it('decides which commands, events and scopes there are', async () => {
    const slack = await slackFor({
      app: {
        manifest: {
          display_information: { name: 'Tuner' },
          features: { slash_commands: [{ command: '/song' }] },
          oauth_config: { scopes: { bot: ['chat:write', 'commands', 'channels:history'] } },
          settings: { event_subscriptions: { bot_events: ['message.channels'] }, socket_mode_enabled: true },
        },
      },
    });
    const ws = slack.workspace({ channels: ['music'] });
    const ana = ws.member('ana');
    await expect(ana.types('/playlist', '', ws.channel('music'))).rejects.toThrow(
      '/playlist is not a valid command',
    );
    expect([ws.bot.name, [...ws.installation.scopes]]).toEqual([
      'tuner',
      ['chat:write', 'commands', 'channels:history'],
    ]);
    ana.reacts(ana.says(ws.channel('music'), 'hi'), 'zap');
    expect(slack.deliveries.log.map(({ name }) => name)).toEqual(['message.channels']);
  });
});
