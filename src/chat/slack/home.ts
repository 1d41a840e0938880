import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { CommandDeclaration } from '../declaration.ts';
import type { Message } from '../message.ts';
import type { Turn } from '../pages.ts';
import type { Asking, Question } from './asking.ts';
import { buttonRows } from './buttons.ts';
import type { Desk } from './desk.ts';
import type { Draw } from './draw.ts';
import { readEnvelope } from './envelope.ts';
import { formButton } from './form-button.ts';
import { type HomePart, homeBlocks } from './home-view.ts';
import type { Block } from './layout.ts';
import { asTyped } from './names.ts';

/** The app's own page, for each member another. */
export interface Home {
  /** Shows how things stand now, with a page of a list turned. Never rejects. */
  publish(question: Question, turn?: Turn): Promise<void>;
}

/** What stands there, from top to bottom: answers of commands that somebody could send as well. */
const SHOWN = ['playlists', 'taste', 'status', 'settings'];
const OFFERED = [
  { command: 'playlist', label: '🎧 Make a playlist' },
  { command: 'song', label: '🔎 Look up a song' },
];

const opened = z.object({ user: z.string(), channel: z.string().optional(), tab: z.string().optional() });

export function createHome(
  desk: Desk,
  {
    asking,
    draw,
    declarations,
    prefix,
  }: { asking: Asking; draw: Draw; declarations: readonly CommandDeclaration[]; prefix: string },
): Home {
  const { api, log } = desk;
  const isDeclared = (name: string) => declarations.some((declaration) => declaration.name === name);

  /** What a command answers to this member; undefined if it is not for them. */
  async function answerTo(question: Question, command: string): Promise<Message | undefined> {
    let first: Message | undefined;
    await asking.command(question, command, {}, async (message) => {
      first ??= message;
      return { edit: async () => {} };
    });
    return first?.tone === 'refusal' ? undefined : first;
  }

  async function partOf(
    question: Question,
    command: string,
    turn: Turn | undefined,
  ): Promise<HomePart | undefined> {
    const message = await answerTo(question, command);
    if (!message) return undefined;
    const page = turn && message.reopen === turn.reopen ? { page: turn.page } : {};
    const { text, blocks } = await draw(question.workspace, message, page);
    const words: Block = { type: 'section', text: { type: 'mrkdwn', text } };
    return { command: asTyped(command, prefix), blocks: blocks.length > 0 ? blocks : [words] };
  }

  async function blocksFor(question: Question, turn: Turn | undefined): Promise<Block[]> {
    const shown = SHOWN.filter(isDeclared).map((command) => partOf(question, command, turn));
    const parts = (await Promise.all(shown)).filter((part) => part !== undefined);
    const offers = OFFERED.filter(({ command }) => isDeclared(command));
    const buttons = offers.map((offer) => formButton({ ...offer, values: {} }));
    return homeBlocks(buttonRows(buttons, undefined), parts);
  }

  return {
    async publish(question, turn) {
      const { workspace, userId, channel = '' } = question;
      try {
        const blocks = await blocksFor(question, turn);
        const view = { type: 'home', private_metadata: channel, blocks };
        await api.call(workspace, 'views.publish', { user_id: userId, view }, { urgent: true });
      } catch (err) {
        log.warn({ err, team: workspace.id }, 'a home tab could not be shown');
      }
    },
  };
}

export function followHome(app: App, desk: Desk, home: Home): void {
  const { workspaces, background, isNew, now } = desk;
  app.event('app_home_opened', async ({ body }) => {
    const envelope = readEnvelope(body, workspaces);
    const parsed = opened.safeParse(envelope?.event);
    if (!envelope || !parsed.success || parsed.data.tab === 'messages' || !isNew(envelope.id)) return;
    const { user, channel } = parsed.data;
    const question = { workspace: envelope.workspace, userId: user, at: now() };
    background(home.publish(channel === undefined ? question : { ...question, channel }));
  });
}
