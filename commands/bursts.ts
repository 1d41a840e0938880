import type { ActionButton, Message } from '../src/chat/message.ts';
import type { BurstDecision } from '../src/domain/burst.ts';
import { turnOf, type VerdictOutcome } from '../src/labelling/bursts.ts';
import type { HeldBurst } from '../src/labelling/held-back.ts';
import type { ActionContext, CommandContext, Services } from './command.ts';
import { count, duration, inline, moment } from './phrases.ts';
import { songOf } from './songs.ts';

const words = {
  title: 'Held back',
  burst: (votes: number, members: number, within: string, songs: string, when: string) =>
    `${count(votes, 'vote')} by ${count(members, 'new member')} within ${within} ${songs} (${when})`,
  onSong: (title: string) => `on *${inline(title)}*`,
  onSongs: (songs: number) => `on ${count(songs, 'song')}`,
  why: 'So many new people at once are unusual here, so I do not learn from these votes until you tell me to.',
  more: (bursts: number) => `${count(bursts, 'more burst')} after that.`,
  countThem: 'Count them',
  leaveOut: 'Leave them out',
  numbered: (n: number, label: string) => `${n}: ${label}`,
  decided: (votes: string, counts: boolean) =>
    counts
      ? `Done: ${votes} count from the next training on.`
      : `Done: ${votes} stay out. Nobody is told, and nothing is deleted.`,
  these: 'these votes',
  already: (name: string, counts: boolean) =>
    counts
      ? `${name} has decided already: these votes count.`
      : `${name} has decided already: these votes stay out.`,
  youAlready: (counts: boolean) =>
    counts
      ? 'You have decided already: these votes count.'
      : 'You have decided already: these votes stay out.',
  afterAll: (counts: boolean) => (counts ? 'Leave them out after all' : 'Count them after all'),
  changed: 'More votes have come in meanwhile, so I have not done anything yet. This is how it stands now:',
  gone: 'These votes do not wait for anything any more: they were taken back, or their members have become regulars.',
};

/** Shown at once; the others come up as these are decided. */
const SHOWN = 3;

const time = (ms: number) => ms.toString(36);

function describe(burst: HeldBurst, services: Services, timeZone: string): string {
  const [only, ...others] = burst.songs;
  const song = others.length === 0 ? songOf(services.catalogue(), only) : undefined;
  const songs = song === undefined ? words.onSongs(burst.songs.length) : words.onSong(song.title);
  const within = duration(Math.max(60_000, burst.to - burst.from));
  return words.burst(burst.votes, burst.members, within, songs, moment(burst.to, services.now(), timeZone));
}

function verdicts(burst: HeldBurst, label: (text: string) => string): ActionButton[] {
  const about = `${time(Math.floor(burst.from))}:${time(Math.ceil(burst.to))}:${time(burst.votes)}`;
  return [
    { action: `status:count:${about}`, label: label(words.countThem) },
    { action: `status:leave-out:${about}`, label: label(words.leaveOut) },
  ];
}

/** What waits for a moderator of this community, as a part of `/status`; nothing where nothing does. */
export async function heldBackPart({
  services,
  community,
}: Pick<CommandContext, 'services' | 'community'>): Promise<Required<Pick<Message, 'fields' | 'buttons'>>> {
  const bursts = await services.bursts.waiting(community.id);
  if (bursts.length === 0) return { fields: [], buttons: [] };
  const shown = bursts.slice(0, SHOWN);
  const isOnly = shown.length === 1;
  const { timeZone } = community.settings;
  const lines = shown.map((burst, i) => {
    const text = describe(burst, services, timeZone);
    return isOnly ? `${text}.` : `${words.numbered(i + 1, text)}.`;
  });
  if (bursts.length > shown.length) lines.push(words.more(bursts.length - shown.length));
  return {
    fields: [{ name: words.title, value: [...lines, words.why].join('\n') }],
    buttons: shown.flatMap((burst, i) =>
      verdicts(burst, (label) => (isOnly ? label : words.numbered(i + 1, label))),
    ),
  };
}

function decidedMessage(decision: BurstDecision, text: string, { from, to }: Times): Message {
  const about = `${time(from)}:${time(to)}:${time(turnOf(decision))}`;
  return {
    text,
    buttons: [{ action: `status:after-all:${about}`, label: words.afterAll(decision.counts) }],
    private: true,
  };
}

interface Times {
  readonly from: number;
  readonly to: number;
}

function answer(outcome: VerdictOutcome, context: ActionContext, times: Times): Message {
  const { services, community, asker } = context;
  switch (outcome.kind) {
    case 'decided': {
      const { decision, votes } = outcome;
      const text = words.decided(votes > 0 ? count(votes, 'vote') : words.these, decision.counts);
      return { ...decidedMessage(decision, text, times), tone: 'success' };
    }
    case 'already': {
      const { decision } = outcome;
      const isOwn = decision.by === asker.identity;
      const text = isOwn
        ? words.youAlready(decision.counts)
        : words.already(inline(decision.name), decision.counts);
      return decidedMessage(decision, text, times);
    }
    case 'changed':
      return {
        text: `${words.changed} ${describe(outcome.burst, services, community.settings.timeZone)}.`,
        buttons: verdicts(outcome.burst, (label) => label),
        private: true,
      };
    case 'gone':
      return { text: words.gone, tone: 'refusal', private: true };
  }
}

/** What a button says it is about; undefined for one that says nothing that could be. */
function read({ args, community, asker, services }: ActionContext) {
  const [from, to, last] = args.map((text) => Number.parseInt(text, 36));
  if (![from, to, last].every(Number.isSafeInteger)) return undefined;
  const verdict = {
    communityId: community.id,
    from,
    to,
    by: asker.identity,
    name: asker.name,
    at: services.now(),
  };
  return { verdict, times: { from, to }, last };
}

async function decide(context: ActionContext, counts: boolean): Promise<Message> {
  const pressed = read(context);
  if (!pressed) return { text: words.gone, tone: 'refusal', private: true };
  const { verdict, times, last } = pressed;
  return answer(await context.services.bursts.decide({ ...verdict, votes: last, counts }), context, times);
}

async function reverse(context: ActionContext): Promise<Message> {
  const pressed = read(context);
  if (!pressed) return { text: words.gone, tone: 'refusal', private: true };
  const { verdict, times, last } = pressed;
  return answer(await context.services.bursts.reverse({ ...verdict, turn: last }), context, times);
}

/** Buttons of `/status` about votes that are held back. */
export const burstActions = {
  count: { moderatorsOnly: true, run: (context: ActionContext) => decide(context, true) },
  'leave-out': { moderatorsOnly: true, run: (context: ActionContext) => decide(context, false) },
  'after-all': { moderatorsOnly: true, run: reverse },
};
