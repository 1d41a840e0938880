import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/chat/message.ts';
import type {
  ActionInvocation,
  ChatHandlers,
  ChatPlatform,
  Choice,
  CommandInvocation,
  Place,
  ReactionEvent,
  ReactionsCleared,
} from '../../src/chat/platform.ts';
import type { CommunityId } from '../../src/domain/member.ts';
import type { MessageRef } from '../../src/domain/post.ts';

/** A message as one person sees it. */
export interface ContractSight {
  readonly text: string;
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** A button by what it carries, or a link by its label. */
  presses(button: string): Promise<void>;
}

/** A person on the other side of a platform, acting through the platform's own protocol. */
export interface ContractMember {
  readonly identity: string;
  reacts(ref: MessageRef, emoji: string, present: boolean): Promise<void>;
  /** Resolves when the platform has taken the command. */
  commands(command: string, options: Readonly<Record<string, string | number | boolean>>): Promise<void>;
  presses(ref: MessageRef, action: string): Promise<void>;
  completes(command: string, option: string, typed: string): Promise<readonly Choice[]>;
  /** The texts of the messages this person sees now, oldest first. */
  reads(): Promise<readonly string[]>;
  /** The messages in the place that this person sees now, oldest first. */
  sees(): Promise<readonly ContractSight[]>;
  /** What the bot has said to this person alone, outside of what everybody reads. */
  alone(): Promise<readonly ContractSight[]>;
}

/** A platform that was made, not yet started, and people on it. */
export interface ContractSubject {
  readonly platform: ChatPlatform;
  /** Where the bot may write and everybody reads. */
  readonly place: { readonly communityId: CommunityId; readonly channel: string };
  member(name: string): Promise<ContractMember>;
  /** Makes this person a moderator in the platform's own way. */
  makeModerator(name: string): Promise<void>;
  /** Somebody who was here and cannot be told anything any more; their identity. */
  outOfReach(): Promise<string>;
  /** A moderator takes all reactions off a message, or all with one emoji; left out where nobody can. */
  clears?(ref: MessageRef, emoji?: string): Promise<void>;
  /** The bot is added to another place of this name; left out where there is only one. Resolves to its id. */
  joins?(name: string): Promise<CommunityId>;
  /** The bot is removed from `place`. */
  leaves?(): Promise<void>;
  close(): Promise<void>;
}

async function eventually<T>(look: () => Promise<T> | T, fits: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What every chat platform promises. Each one runs this suite. */
export function describeChatPlatform(name: string, open: () => Promise<ContractSubject>): void {
  describe(`${name} keeps the promises of a chat platform`, () => {
    let subject: ContractSubject;
    let platform: ChatPlatform;
    let reactions: ReactionEvent[];
    let cleared: ReactionsCleared[];
    let removed: MessageRef[];
    let joined: Place[];
    let left: CommunityId[];
    let commands: CommandInvocation[];
    let actions: ActionInvocation[];
    let onCommand: (invocation: CommandInvocation) => Promise<void>;
    let onAction: (invocation: ActionInvocation) => Promise<void>;

    const handlers: ChatHandlers = {
      async reaction(event) {
        reactions.push(event);
      },
      async cleared(event) {
        cleared.push(event);
      },
      async removed(message) {
        removed.push(message);
      },
      async missed() {},
      async joined(place) {
        joined.push(place);
      },
      async left(communityId) {
        left.push(communityId);
      },
      async command(invocation) {
        commands.push(invocation);
        await onCommand(invocation);
      },
      async action(invocation) {
        actions.push(invocation);
        await onAction(invocation);
      },
      async complete({ option, typed }) {
        return [{ name: `${option} ${typed}`, value: typed }];
      },
    };

    async function post(message: Message): Promise<MessageRef> {
      return platform.post(subject.place, message);
    }

    beforeEach(async () => {
      reactions = [];
      cleared = [];
      removed = [];
      joined = [];
      left = [];
      commands = [];
      actions = [];
      onCommand = async () => {};
      onAction = async () => {};
      subject = await open();
      platform = subject.platform;
      await platform.start(handlers);
    });

    afterEach(async () => {
      await subject.close();
    });

    it('posts, edits and removes', async () => {
      const ana = await subject.member('ana');
      const ref = await post({ text: 'first' });
      await eventually(ana.reads, (texts) => texts.includes('first'));
      await platform.edit(ref, { text: 'second' });
      await eventually(ana.reads, (texts) => texts.includes('second') && !texts.includes('first'));
      await platform.remove(ref);
      await eventually(ana.reads, (texts) => !texts.includes('second'));
      expect(await platform.reactions(ref)).toBeUndefined();
    });

    it('removes what is gone already, and says so when it should be edited', async () => {
      const ref = await post({ text: 'short-lived' });
      await platform.remove(ref);
      await platform.remove(ref);
      await expect(platform.edit(ref, { text: 'too late' })).rejects.toMatchObject({ code: 'gone' });
    });

    it('says that a channel is gone', async () => {
      const place = (await platform.places())[0];
      await expect(
        platform.post({ communityId: place?.communityId ?? '', channel: 'nowhere' }, { text: 'hello?' }),
      ).rejects.toMatchObject({ name: 'ChatError' });
    });

    it('reports a reaction and its removal once each, and never its own', async () => {
      const ana = await subject.member('ana');
      const ref = await post({ text: 'react!' });
      await platform.seedReactions(ref, ['😄', '😢']);
      await ana.reacts(ref, '😄', true);
      await eventually(
        () => reactions,
        (events) => events.length === 1,
      );
      await ana.reacts(ref, '😄', false);
      await eventually(
        () => reactions,
        (events) => events.length === 2,
      );
      expect(reactions).toMatchObject([
        { message: ref, identity: ana.identity, emoji: '😄', present: true },
        { message: ref, identity: ana.identity, emoji: '😄', present: false },
      ]);
    });

    it('seeds in order, and seeding again is success', async () => {
      const ref = await post({ text: 'react!' });
      await platform.seedReactions(ref, ['😄']);
      await platform.seedReactions(ref, ['😄', '😢']);
      expect(await platform.reactions(ref)).toEqual([]);
    });

    it('knows all reactions that people left on a message', async () => {
      const [ana, ben] = [await subject.member('ana'), await subject.member('ben')];
      const ref = await post({ text: 'react!' });
      await platform.seedReactions(ref, ['😄', '😢']);
      await ana.reacts(ref, '😄', true);
      await ben.reacts(ref, '😄', true);
      await ben.reacts(ref, '😢', true);
      await eventually(
        () => reactions,
        (events) => events.length === 3,
      );
      const standing = await platform.reactions(ref);
      expect(new Set(standing?.map(({ identity, emoji }) => `${identity} ${emoji}`))).toEqual(
        new Set([`${ana.identity} 😄`, `${ben.identity} 😄`, `${ben.identity} 😢`]),
      );
    });

    it('tells when reactions were taken off by somebody else', async () => {
      if (!subject.clears) return;
      const ana = await subject.member('ana');
      const ref = await post({ text: 'react!' });
      await ana.reacts(ref, '😄', true);
      await ana.reacts(ref, '😢', true);
      await subject.clears(ref, '😢');
      await subject.clears(ref);
      await eventually(
        () => cleared,
        (events) => events.length === 2,
      );
      expect(cleared[0]).toMatchObject({ message: ref, emoji: '😢' });
      expect(cleared[1]).toMatchObject({ message: ref });
      expect(cleared[1]?.emoji).toBeUndefined();
      expect(await platform.reactions(ref)).toEqual([]);
    });

    it('names the place where it is, and does not call it new at the start', async () => {
      expect((await platform.places()).map(({ communityId }) => communityId)).toEqual([
        subject.place.communityId,
      ]);
      expect(joined).toEqual([]);
    });

    it('tells when the bot comes to a place and when it has to go', async () => {
      if (!subject.joins || !subject.leaves) return;
      const communityId = await subject.joins('Another place');
      await eventually(
        () => joined,
        (places) => places.length === 1,
      );
      expect(joined).toMatchObject([{ communityId, name: 'Another place' }]);
      await subject.leaves();
      await eventually(
        () => left,
        (places) => places.length === 1,
      );
      expect(left).toEqual([subject.place.communityId]);
      expect((await platform.places()).map((place) => place.communityId)).toEqual([communityId]);
    });

    it('hands over a command with its options and who asked', async () => {
      const ana = await subject.member('ana');
      await ana.commands('playlist', { emotion: 'calm', songs: 10 });
      await eventually(
        () => commands,
        (given) => given.length === 1,
      );
      expect(commands[0]).toMatchObject({
        command: 'playlist',
        options: { emotion: 'calm', songs: 10 },
        asker: { identity: ana.identity, name: 'ana', platformModerator: false },
      });
    });

    it('says who is a moderator', async () => {
      const ana = await subject.member('ana');
      await subject.makeModerator('ana');
      await ana.commands('retrain', {});
      await eventually(
        () => commands,
        (given) => given.length === 1,
      );
      expect(commands[0]?.asker.platformModerator).toBe(true);
    });

    it('shows a private answer to the asker only, and edits it in place', async () => {
      const [ana, ben] = [await subject.member('ana'), await subject.member('ben')];
      onCommand = async ({ answer }) => {
        const handle = await answer({ text: 'wait', private: true });
        await handle.edit({ text: 'your secret', private: true });
        await answer({ text: 'and for all' });
      };
      await ana.commands('taste', {});
      await eventually(ana.reads, (texts) => texts.includes('your secret') && texts.includes('and for all'));
      const others = await eventually(ben.reads, (texts) => texts.includes('and for all'));
      expect(others).not.toContain('your secret');
      expect(others).not.toContain('wait');
    });

    it('hands over a button with what it carries', async () => {
      const ana = await subject.member('ana');
      const ref = await post({ text: 'press', buttons: [{ action: 'playlist:keep:42', label: 'Keep' }] });
      await eventually(ana.reads, (texts) => texts.includes('press'));
      onAction = async ({ answer }) => {
        await answer({ text: 'kept', private: true });
      };
      await ana.presses(ref, 'playlist:keep:42');
      await eventually(ana.reads, (texts) => texts.includes('kept'));
      expect(actions).toMatchObject([{ action: 'playlist:keep:42', asker: { identity: ana.identity } }]);
    });

    it('offers a link beside other buttons, and hears nothing when it is pressed', async () => {
      const ana = await subject.member('ana');
      const link = { label: 'Open in Spotify', url: 'https://open.spotify.com/playlist/1?a=b&c=d' };
      const keep = { action: 'playlist:keep:42', label: 'Keep' };
      const ref = await post({ text: 'look', buttons: [{ ...link, style: 'primary' }, keep] });
      const [sight] = await eventually(ana.sees, (sights) => sights.length > 0);
      expect(sight?.links).toEqual([link]);
      await sight?.presses(link.label);
      await ana.presses(ref, keep.action);
      await eventually(
        () => actions,
        (given) => given.length > 0,
      );
      expect(actions.map(({ action }) => action)).toEqual([keep.action]);
    });

    it('shows the address of a page however long it is, and no other', async () => {
      const ana = await subject.member('ana');
      const long = `https://example.org/?code=${'x'.repeat(1_400)}`;
      const buttons = [
        { label: 'Link', url: long },
        { label: 'Trap', url: 'javascript:alert(1)' },
        { label: 'Trap', url: 'nonsense' },
      ];
      await post({ text: 'look '.repeat(600), title: 'A long one', buttons });
      await post({ text: 'look', buttons });
      const sights = await eventually(ana.sees, ({ length }) => length === 2);
      for (const { text, links } of sights) {
        const shown = [text, ...links.map(({ url }) => url)].join('\n');
        expect(shown).toContain(long);
        expect(shown).not.toMatch(/javascript|nonsense/);
      }
    });

    it('tells one person something alone', async () => {
      const [ana, ben] = [await subject.member('ana'), await subject.member('ben')];
      const link = { label: 'Link again', url: 'https://example.org/link/secret' };
      const { communityId } = subject.place;
      expect(
        await platform.tell(ana.identity, { text: 'it has arrived', buttons: [link] }, communityId),
      ).toBe(true);
      await eventually(ana.alone, (sights) => sights.some(({ text }) => text === 'it has arrived'));
      expect((await ana.alone()).flatMap(({ links }) => links)).toEqual([link]);
      await post({ text: 'for all' });
      const others = await eventually(ben.reads, (texts) => texts.includes('for all'));
      expect(others).not.toContain('it has arrived');
      expect(await ben.alone()).toEqual([]);
    });

    it('hands over the buttons of what it told, with the place and who it is there', async () => {
      const ana = await subject.member('ana');
      await subject.makeModerator('ana');
      const { communityId } = subject.place;
      onAction = async ({ action, answer }) => {
        const again = [{ action: `${action}:again`, label: 'Again' }];
        await answer({ text: `done ${action}`, private: true, buttons: again });
      };
      const pressing = async (action: string, said: string) => {
        const sights = await eventually(ana.alone, (all) => all.some(({ text }) => text === said));
        await sights.find(({ text }) => text === said)?.presses(action);
        await eventually(ana.alone, (all) => all.some(({ text }) => text === `done ${action}`));
      };
      const tell = (action: string, about?: CommunityId) =>
        platform.tell(ana.identity, { text: action, buttons: [{ action, label: 'Do' }] }, about);
      await tell('a:known', communityId);
      await pressing('a:known', 'a:known');
      // What is answered there has buttons, too.
      await pressing('a:known:again', 'done a:known');
      await tell('a:unsaid');
      await pressing('a:unsaid', 'a:unsaid');
      const long = `a:${'x'.repeat(92)}`;
      await tell(long, communityId);
      await pressing(long, long);
      expect(actions.map(({ action }) => action)).toEqual(['a:known', 'a:known:again', 'a:unsaid', long]);
      for (const action of actions) {
        expect(action).toMatchObject({
          communityId,
          asker: { identity: ana.identity, name: 'ana', platformModerator: true },
        });
      }
    });

    it('says when somebody cannot be told anything', async () => {
      const tell = (identity: string) => platform.tell(identity, { text: 'psst' });
      const [nobody, nonsense] = ['elsewhere:1', `${platform.name}:no body`];
      expect(await tell(await subject.outOfReach())).toBe(false);
      expect([await tell(nobody), await tell(nonsense), await tell('')]).toEqual([false, false, false]);
    });

    it('asks for completions', async () => {
      const ana = await subject.member('ana');
      expect(await ana.completes('song', 'name', 'blue')).toEqual([{ name: 'name blue', value: 'blue' }]);
    });

    it('finishes what is under way before it stops', async () => {
      const ana = await subject.member('ana');
      let finish: () => void = () => {};
      let done = false;
      onCommand = async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        done = true;
      };
      await ana.commands('status', {});
      await eventually(
        () => commands,
        (given) => given.length === 1,
      );
      const stopped = platform.stop();
      finish();
      await stopped;
      expect(done).toBe(true);
    });
  });
}
