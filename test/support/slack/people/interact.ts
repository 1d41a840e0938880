import type { Interacted } from '../deliveries.ts';
import { RefusedCall } from '../errors.ts';
import type { SlackParts } from '../parts.ts';
import { enterprisePayload, messagePayload } from '../payloads.ts';
import { respond } from '../respond.ts';
import type { ResponseUrl } from '../triggers.ts';
import type { View } from '../views.ts';
import type { Channel, Installation, Message, Payload, Team, User } from '../world.ts';
import { type Entry, entered, findUsable, initially, usables } from './elements.ts';
import { Sight } from './sight.ts';

/** How an interaction went, and what the person got to see for it. */
export interface Interaction extends Interacted {
  readonly responseUrl: string | undefined;
  /** What was posted through the response_url or with the acknowledgement, as it stands now. */
  sights(): readonly Sight[];
  /** Waits for the first of them. */
  shown(): Promise<Sight>;
}

function interaction(parts: SlackParts, url: ResponseUrl | undefined, how: Interacted): Interaction {
  const sights = () => (url?.posted ?? []).map((message) => new Sight(message)).filter(({ there }) => there);
  return {
    ...how,
    responseUrl: url?.url,
    sights,
    shown: () => parts.world.until(() => sights()[0], 'an answer to the interaction'),
  };
}

/** Without interactivity in its settings an app is told of nothing; people see a warning sign. */
function needsInteractivity({ world }: SlackParts): void {
  if (!world.app.interactivity) throw new Error('the app is not configured to handle interactivity');
}

function common(
  { world, triggers }: SlackParts,
  user: User,
  installation: Installation,
  team: Team,
): Payload {
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: user.team.id },
    api_app_id: world.app.id,
    token: world.app.verificationToken,
    trigger_id: triggers.trigger(user, installation),
    team: {
      id: team.id,
      domain: team.domain,
      ...(team.enterprise && { enterprise_id: team.enterprise.id, enterprise_name: team.enterprise.name }),
    },
    enterprise: enterprisePayload(team.enterprise),
    is_enterprise_install: installation.enterprise !== undefined,
  };
}

/** A slash command. Slack has them nowhere in threads. */
export async function typeCommand(
  parts: SlackParts,
  user: User,
  installation: Installation,
  command: string,
  text: string,
  channel: Channel,
): Promise<Interaction> {
  const { world, triggers, deliveries } = parts;
  const { team } = user;
  if (!installation.scopes.has('commands')) throw new Error(`${command} is not a valid command`);
  const url = triggers.responseUrl('commands', { user, team, installation, channel, origin: undefined });
  const how = await deliveries.interact('slash_commands', command, {
    token: world.app.verificationToken,
    team_id: team.id,
    team_domain: team.domain,
    ...(team.enterprise && { enterprise_id: team.enterprise.id, enterprise_name: team.enterprise.name }),
    channel_id: channel.id,
    channel_name:
      channel.kind === 'im' ? 'directmessage' : channel.kind === 'private' ? 'privategroup' : channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: world.app.id,
    is_enterprise_install: String(installation.enterprise !== undefined),
    response_url: url.url,
    trigger_id: triggers.trigger(user, installation),
  });
  // An answer may come with the acknowledgement; it does not use up the address.
  if (Object.keys(how.answer).length > 0 && how.failure === undefined) {
    try {
      respond(world, url, how.answer);
    } catch (error) {
      if (!(error instanceof RefusedCall)) throw error;
      world.violation(
        `the acknowledgement of ${command} was refused with ${error.code} ${JSON.stringify(error.more.errors ?? '')}`,
      );
    }
  }
  return interaction(parts, url, how);
}

/** What is entered in the blocks so far, by block and action. */
export function stateOf(blocks: Parameters<typeof usables>[0], values: View['values'] = {}): View['values'] {
  const state: View['values'] = {};
  for (const { block, element } of usables(blocks)) {
    if (element.type === 'button' || element.type === 'overflow') continue;
    state[block.block_id!] = {
      ...state[block.block_id!],
      [element.action_id]: values[block.block_id!]?.[element.action_id] ?? initially(element),
    };
  }
  return state;
}

export interface Place {
  readonly user: User;
  readonly installation: Installation;
  readonly message?: Message;
  readonly view?: View;
}

/** The offers that an app made for external menus, by view or message and action. */
export type Offers = Map<string, Parameters<typeof entered>[2]>;

export function offerKey({ message, view }: Place, actionId: string): string {
  return `${view?.id ?? message?.ts} ${actionId}`;
}

/** A click on a button, a choice in a menu. */
export async function act(
  parts: SlackParts,
  place: Place,
  what: string,
  entry: Entry,
  offers: Offers,
): Promise<Interaction> {
  const { world, triggers, deliveries, views } = parts;
  const { user, installation, message, view } = place;
  needsInteractivity(parts);
  const blocks = message?.blocks ?? view?.content.blocks;
  const { block, element } = findUsable(blocks, what);
  const value = entered(element, entry, offers.get(offerKey(place, element.action_id)));
  if (view !== undefined && element.type !== 'button' && element.type !== 'overflow')
    view.values[block.block_id!] = { ...view.values[block.block_id!], [element.action_id]: value };
  const team = installation.team ?? user.team;
  const url =
    message === undefined
      ? undefined
      : triggers.responseUrl('actions', {
          user,
          team,
          installation,
          channel: message.channel,
          origin: message,
        });
  const action = {
    action_id: element.action_id,
    block_id: block.block_id,
    ...Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)),
    ...(element.placeholder !== undefined && { placeholder: element.placeholder }),
    action_ts: world.ids.ts(),
  };
  const how = await deliveries.interact('interactive', 'block_actions', {
    type: 'block_actions',
    ...common(parts, user, installation, team),
    ...(message !== undefined && {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: message.channel.id,
        is_ephemeral: message.ephemeralFor !== undefined,
        ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
      },
      channel: { id: message.channel.id, name: message.channel.name || 'directmessage' },
      // What only one person sees, Slack does not keep: there is no message to send along.
      ...(message.ephemeralFor === undefined && { message: messagePayload(world, message) }),
      state: { values: stateOf(blocks) },
      response_url: url?.url,
    }),
    ...(view !== undefined && {
      container: { type: 'view', view_id: view.id },
      view: { ...views.payload(view), state: { values: stateOf(blocks, view.values) } },
    }),
    actions: [action],
  });
  if (Object.keys(how.answer).length > 0)
    world.violation('the acknowledgement of block_actions carries nothing');
  return interaction(parts, url, how);
}

/** What an external menu offers while somebody types. */
export async function suggest(
  parts: SlackParts,
  place: Place,
  what: string,
  typed: string,
  offers: Offers,
): Promise<readonly string[]> {
  const { world, deliveries, views } = parts;
  const { user, installation, message, view } = place;
  const { block, element } = findUsable(message?.blocks ?? view?.content.blocks, what);
  if (typed.length < ((element.min_query_length as number | undefined) ?? 3))
    throw new Error(
      `Slack asks for nothing before ${String(element.min_query_length ?? 3)} characters are typed`,
    );
  const how = await deliveries.interact('interactive', 'block_suggestion', {
    type: 'block_suggestion',
    ...common(parts, user, installation, installation.team ?? user.team),
    action_id: element.action_id,
    block_id: block.block_id,
    value: typed,
    ...(message !== undefined && {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: message.channel.id,
        is_ephemeral: message.ephemeralFor !== undefined,
      },
      channel: { id: message.channel.id, name: message.channel.name },
      ...(message.ephemeralFor === undefined && { message: messagePayload(world, message) }),
    }),
    ...(view !== undefined && { container: { type: 'view', view_id: view.id }, view: views.payload(view) }),
  });
  if (how.failure !== undefined) throw new Error(`no options came: ${how.failure}`);
  const { options, option_groups: groups } = how.answer as {
    readonly options?: NonNullable<Parameters<typeof entered>[2]>;
    readonly option_groups?: readonly { readonly options: NonNullable<Parameters<typeof entered>[2]> }[];
  };
  const offered = [...(options ?? []), ...(groups ?? []).flatMap((group) => group.options)];
  if ((options === undefined) === (groups === undefined))
    world.violation('a suggestion answers with options or option_groups');
  if (offered.length > 100) world.violation(`an external menu shows 100 options, not ${offered.length}`);
  for (const { text, value } of offered) {
    if (text.text.length > 75 || text.text === '' || value.length > 150)
      world.violation(`an option is too long or empty: ${text.text} (${value})`);
  }
  offers.set(offerKey(place, element.action_id), offered);
  return offered.map(({ text }) => text.text);
}
