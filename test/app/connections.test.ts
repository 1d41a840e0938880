import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ChatError, type ChatHandlers, type ChatPlatform } from '../../src/chat/platform.ts';
import { createConnections } from '../../src/connections.ts';
import type { PlatformName } from '../../src/domain/member.ts';

const log = pino({ level: 'silent' });

/** What is behind the platforms, noting what it is asked for. */
function house(platforms: readonly ChatPlatform[], { readBack = async () => 0 } = {}) {
  const asked: string[] = [];
  const nothing = async () => {};
  const connections = createConnections({
    platforms,
    commands: { command: nothing, action: nothing, complete: async () => [] },
    reactions: {
      handle: nothing,
      cleared: nothing,
      removed: nothing,
      async catchUp({ name }, communities) {
        asked.push(`catch up ${[name, ...(communities ?? [])].join(' ')}`);
        return readBack();
      },
    },
    communities: {
      async remember({ name }) {
        asked.push(`remember ${name}`);
        return { greeted: Promise.resolve() };
      },
      joined: async (_platform, place) => void asked.push(`joined ${place.communityId}`),
      left: async (id) => void asked.push(`left ${id}`),
      forgetLeft: async () => 0,
    },
    labelling: {
      finishSeeding: async ({ name }) => void asked.push(`seed ${name}`),
      postSnippet: async () => ({ refusal: 'no-songs' }),
      nextPostAt: async () => undefined,
    },
    log,
    retryMs: 1,
  });
  return { connections, asked };
}

/** A service that answers its starts with these errors in turn, then works. */
function service(name: PlatformName, errors: Error[] = []) {
  const state = { starts: 0, stops: 0, handlers: undefined as ChatHandlers | undefined };
  const platform = {
    name,
    async start(handlers: ChatHandlers) {
      state.starts += 1;
      const error = errors.shift();
      if (error) throw error;
      state.handlers = handlers;
    },
    async stop() {
      state.stops += 1;
    },
    places: async () => [{ communityId: `${name}:1`, name: 'Den' }],
  } as unknown as ChatPlatform;
  return { platform, state };
}

async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const unreachable = () => new ChatError('unreachable', 'Discord cannot be reached.');

describe('a chat service', () => {
  it('that is connected is compared with what is known and caught up on', async () => {
    const discord = service('discord');
    const { connections, asked } = house([discord.platform]);
    await connections.start();
    await connections.stop();
    expect(asked).toEqual(['remember discord', 'catch up discord', 'seed discord']);
    expect(discord.state.stops).toBe(1);
  });

  it('that cannot be reached is tried again, and the others run meanwhile', async () => {
    const discord = service('discord', [unreachable(), unreachable()]);
    const room = service('room');
    const { connections, asked } = house([discord.platform, room.platform]);
    await connections.start();
    expect(room.state.handlers).toBeDefined();
    expect(await connections.places(room.platform)).toBe(1);
    expect(await connections.places(discord.platform)).toBeUndefined();
    await until(() => asked.includes('seed discord'));
    expect(discord.state.starts).toBe(3);
    expect(await connections.places(discord.platform)).toBe(1);
    await connections.stop();
  });

  it('that refuses the bot ends the start with its reason', async () => {
    const refusing = service('discord', [new ChatError('forbidden', 'DISCORD_TOKEN is not valid.')]);
    const { connections } = house([refusing.platform]);
    await expect(connections.start()).rejects.toThrow('DISCORD_TOKEN is not valid.');
    await connections.stop();
    expect(refusing.state.starts).toBe(1);
  });

  it('is not tried again once the bot stops', async () => {
    const discord = service('discord', [unreachable()]);
    const { connections } = house([discord.platform]);
    await connections.start();
    await connections.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(discord.state.starts).toBe(1);
  });

  it('does not keep the start waiting for reactions to be read back; the room does, which is quick', async () => {
    let release = () => {};
    const readBack = new Promise<number>((resolve) => {
      release = () => resolve(0);
    });
    const { connections, asked } = house([service('discord').platform], { readBack: () => readBack });
    await connections.start();
    expect(asked).not.toContain('seed discord');
    release();
    await connections.stop();
    expect(asked).toContain('seed discord');
  });

  it('that lost its session has the communities concerned read back', async () => {
    const discord = service('discord');
    const { connections, asked } = house([discord.platform]);
    await connections.start();
    await discord.state.handlers?.missed(['discord:1', 'discord:2']);
    await discord.state.handlers?.joined({ communityId: 'discord:3', name: 'New' });
    await discord.state.handlers?.left('discord:1');
    expect(asked).toEqual(
      expect.arrayContaining(['catch up discord discord:1 discord:2', 'joined discord:3', 'left discord:1']),
    );
    await connections.stop();
  });
});
