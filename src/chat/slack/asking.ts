import type { CommandDeclaration } from '../declaration.ts';
import type { ActionInvocation, Asker, CommandInvocation } from '../platform.ts';
import { type Answer, type Asked, createAnswers, isDirect } from './answers.ts';
import { readLine } from './arguments.ts';
import { channelProblem, findChannel } from './channels.ts';
import type { Desk } from './desk.ts';
import type { Forms } from './forms.ts';
import { communityOf, type Workspace } from './workspaces.ts';

/** Somebody asks for something, somewhere. */
export interface Question {
  readonly workspace: Workspace;
  readonly userId: string;
  /** Where they are from, as far as what came in tells. */
  readonly teamId?: string;
  readonly userName?: string;
  readonly channel?: string;
  readonly thread?: string;
  readonly responseUrl?: string;
  /** Opens a form, for three seconds. */
  readonly triggerId?: string;
  readonly at: number;
}

/** Has commands and buttons run and answered. */
export interface Asking {
  /** `/playlist calm` */
  line(question: Question, line: string): Promise<void>;
  command(
    question: Question,
    command: string,
    options: CommandInvocation['options'],
    answer?: Answer,
  ): Promise<void>;
  action(question: Question, action: string, answer?: Answer): Promise<void>;
}

const words = { button: 'that button' };

export function createAsking(desk: Desk, declarations: readonly CommandDeclaration[], forms: Forms): Asking {
  const { api, handlers, names, people } = desk;

  function asked(question: Question, what: string): Asked {
    const { workspace, userId, at, channel, thread, responseUrl } = question;
    return {
      what,
      workspace,
      userId,
      at,
      channel,
      direct: channel !== undefined && isDirect(channel),
      ...(thread !== undefined && { thread }),
      ...(responseUrl !== undefined && { responseUrl }),
    };
  }

  const askerOf = ({ workspace, userId, teamId, userName }: Question): Promise<Asker> =>
    people.asker(workspace, userId, {
      ...(teamId !== undefined && { teamId }),
      ...(userName !== undefined && { name: userName }),
    });

  async function invocation(question: Question, answer: Answer): Promise<Omit<ActionInvocation, 'action'>> {
    return {
      communityId: communityOf(question.workspace.id),
      channel: question.channel ?? question.userId,
      asker: await askerOf(question),
      at: question.at,
      answer,
    };
  }

  async function command(
    question: Question,
    name: string,
    options: CommandInvocation['options'],
    answer: Answer = createAnswers(asked(question, `/${name}`), desk),
  ): Promise<void> {
    await handlers.command({ ...(await invocation(question, answer)), command: name, options });
  }

  return {
    async line(question, line) {
      const { workspace } = question;
      const parsed = await readLine(line, declarations, names, {
        direct: question.channel !== undefined && isDirect(question.channel),
        identityOf: async (userId) => (await people.get(workspace, userId)).identity,
        channelOf: (name) => findChannel(api, workspace, name).catch(() => undefined),
        channelProblem: (id) => channelProblem(api, workspace, id),
      });
      switch (parsed.kind) {
        case 'text':
          return command(question, 'help', {});
        case 'unknown':
          return command(question, parsed.command, {});
        case 'mistake': {
          const answer = createAnswers(asked(question, line), desk);
          await answer({ text: parsed.text, tone: 'refusal', private: true });
          return;
        }
        case 'command': {
          const declaration = declarations.find(({ name }) => name === parsed.command);
          const lacks = declaration?.options.some(
            ({ name, required }) => required && !(name in parsed.options),
          );
          const { triggerId, channel } = question;
          if (declaration && lacks && triggerId !== undefined) {
            const form = { command: parsed.command, values: parsed.options, channel };
            if (await forms.open(workspace, triggerId, form)) return;
          }
          return command(question, parsed.command, parsed.options);
        }
      }
    },
    command,
    async action(question, action, answer = createAnswers(asked(question, words.button), desk)) {
      await handlers.action({ ...(await invocation(question, answer)), action });
    },
  };
}
