import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { CommandOption } from '../src/chat/declaration.ts';
import type { Message } from '../src/chat/message.ts';
import type {
  ActionInvocation,
  Asker,
  ChatHandlers,
  Choice,
  CommandInvocation,
  CompletionRequest,
} from '../src/chat/platform.ts';
import type { Community, CommunityId, PlatformName } from '../src/domain/member.ts';
import { defaultSettings } from '../src/labelling/settings.ts';
import type { ActionContext, Command, Services } from './command.ts';
import { checkDeclarations } from './declarations.ts';
import { nearestWord } from './nearest.ts';
import { readOptions } from './options.ts';
import { completeSongs } from './songs.ts';

const words = {
  unknown: (name: string, nearest: string | undefined) =>
    nearest === undefined
      ? `I don't know /${name}. Send /help to see everything I can do.`
      : `I don't know /${name}. Did you mean */${nearest}*? Send /help to see everything I can do.`,
  moderatorsOnly: (what: string) => `${what} is for moderators. Ask one of them, they will be happy to help.`,
  thisButton: 'This button',
  oldButton: 'This button has grown old and no longer works. Please send the command again.',
  failed: (id: string) =>
    `Sorry, that went wrong on my side, not yours. Please try again in a moment. If it keeps happening, tell whoever runs me the word *${id}*: it is in my log.`,
};

const refusal = (text: string, rest?: Partial<Message>): Message => ({
  text,
  tone: 'refusal',
  private: true,
  ...rest,
});

/** Name of a command as typed, safe to show back. */
const shown = (name: string) => name.replace(/[^\p{L}\p{N}-]/gu, '').slice(0, 32);

/** A community that is seen for the first time gets the default settings. */
async function communityOf(services: Services, id: CommunityId): Promise<Community> {
  const known = await services.store.community(id);
  if (known) return known;
  const platform = id.split(':', 1)[0] as PlatformName;
  const community: Community = { id, platform, name: id, settings: defaultSettings() };
  await services.store.saveCommunity(community);
  return community;
}

/** What commands and actions are given alike. */
async function contextOf(
  services: Services,
  log: Logger,
  invocation: Pick<CommandInvocation, 'communityId' | 'channel' | 'asker' | 'answer'>,
): Promise<Omit<ActionContext, 'args'>> {
  const { asker } = invocation;
  const community = await communityOf(services, invocation.communityId);
  const { id: memberId } = await services.store.memberOf(asker.identity);
  return {
    services,
    community,
    channel: invocation.channel,
    asker: { ...asker, memberId, moderator: isModerator(asker, community) },
    log,
    answer: (message) => invocation.answer(message),
  };
}

function isModerator(asker: Asker, community: Community): boolean {
  const { moderators, moderatorRoles = [] } = community.settings;
  return (
    asker.platformModerator ||
    moderators.includes(asker.identity) ||
    (asker.groups ?? []).some((group) => moderatorRoles.includes(group))
  );
}

function completeByType(option: CommandOption, typed: string, services: Services): Choice[] {
  const word = typed.trim().toLowerCase();
  switch (option.type) {
    case 'song': {
      const catalogue = services.catalogue();
      return completeSongs(catalogue.search(typed, 25).map((index) => catalogue.song(index)));
    }
    case 'emotion':
      return services.taxonomy.emotions
        .filter(({ key, name }) => key.startsWith(word) || name.toLowerCase().startsWith(word))
        .map(({ key, name, emoji }) => ({ name: `${emoji} ${name}`, value: key }));
    case 'text':
      return (option.choices ?? []).filter(
        ({ name, value }) => name.toLowerCase().includes(word) || value.toLowerCase().startsWith(word),
      );
    default:
      return [];
  }
}

/**
 * Turns what platforms report into runs of commands: finds the command, checks options and rights, knows the member,
 * runs, answers. Nothing rejects: a failure is logged under an id, and the asker is told kindly with that id.
 * @throws Error when a command is declared in a way that some platform cannot show
 */
export function createDispatcher({
  commands,
  services,
  log,
}: {
  commands: readonly Command[];
  services: Services;
  log: Logger;
}): Pick<ChatHandlers, 'command' | 'action' | 'complete'> {
  checkDeclarations(commands);
  const byName = new Map(commands.map((command) => [command.name, command]));

  /** Runs one invocation to its end; whatever goes wrong is told and logged here. */
  async function guarded(
    invocation: Pick<CommandInvocation, 'answer' | 'asker'>,
    what: string,
    run: () => Promise<Message | undefined>,
  ): Promise<void> {
    try {
      const message = await run();
      if (message) await invocation.answer(message);
    } catch (err) {
      const id = randomBytes(3).toString('hex');
      log.error({ err, id, what, asker: invocation.asker.identity }, `${what} failed`);
      try {
        await invocation.answer(refusal(words.failed(id)));
      } catch (cannotAnswer) {
        log.warn({ err: cannotAnswer, id }, 'the failure could not be told to the asker');
      }
    }
  }

  async function runCommand(invocation: CommandInvocation): Promise<Message | undefined> {
    const name = invocation.command.replace(/^\//, '').toLowerCase();
    const command = byName.get(name);
    if (!command) return refusal(words.unknown(shown(name), nearestWord(name, [...byName.keys()])));
    const context = await contextOf(services, log, invocation);
    if (command.moderatorsOnly && !context.asker.moderator) {
      return refusal(words.moderatorsOnly(`/${command.name}`));
    }
    const read = readOptions(command, invocation.options, {
      taxonomy: services.taxonomy,
      catalogue: services.catalogue(),
    });
    if ('refusal' in read) {
      const { text, buttons } = read.refusal;
      return refusal(text, buttons && buttons.length > 0 ? { buttons } : {});
    }
    return command.run({ ...context, options: read.values });
  }

  async function runAction(invocation: ActionInvocation): Promise<Message | undefined> {
    const [name = '', verb = '', ...args] = invocation.action.split(':');
    if (name === 'run') {
      const [option = '', ...rest] = args;
      return runCommand({ ...invocation, command: verb, options: { [option]: rest.join(':') } });
    }
    const actions = byName.get(name)?.actions ?? {};
    const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
    if (!action) return refusal(words.oldButton);
    const context = await contextOf(services, log, invocation);
    if (action.moderatorsOnly && !context.asker.moderator) {
      return refusal(words.moderatorsOnly(words.thisButton));
    }
    return action.run({ ...context, args });
  }

  async function complete(request: CompletionRequest): Promise<readonly Choice[]> {
    const command = byName.get(request.command);
    const option = command?.options.find(({ name }) => name === request.option);
    if (!command || !option) return [];
    const community = await communityOf(services, request.communityId);
    const member = await services.store.findMember(request.asker.identity);
    const own = await command.complete?.(
      { services, community, ...(member ? { memberId: member.id } : {}) },
      option.name,
      request.typed,
    );
    return (own ?? completeByType(option, request.typed, services)).slice(0, 25);
  }

  return {
    command: (invocation) =>
      guarded(invocation, `/${shown(invocation.command)}`, () => runCommand(invocation)),
    action: (invocation) => guarded(invocation, `button ${invocation.action}`, () => runAction(invocation)),
    complete: async (request) => {
      try {
        return await complete(request);
      } catch (err) {
        log.error({ err, command: request.command, option: request.option }, 'completion failed');
        return [];
      }
    },
  };
}
