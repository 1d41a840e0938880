import { checkView } from '../blocks/view.ts';
import type { Interacted } from '../deliveries.ts';
import type { SlackParts } from '../parts.ts';
import type { View } from '../views.ts';
import type { Block, Payload } from '../world.ts';
import { type Entry, entered, findUsable, isEmpty, usables } from './elements.ts';
import { type Offers, offerKey, stateOf } from './interact.ts';
import { readBlocks } from './sight.ts';

/** A modal or home tab as a person sees it now. */
export class Screen {
  readonly view: View;

  constructor(view: View) {
    this.view = view;
  }

  get title(): string {
    return readBlocks([this.view.content.title]).join('');
  }

  get text(): string {
    return readBlocks(this.view.content.blocks).join('\n');
  }

  get blocks(): readonly Block[] {
    return this.view.content.blocks;
  }

  get buttons(): readonly string[] {
    return usables(this.view.content.blocks)
      .filter(({ element }) => element.type === 'button')
      .map(({ label }) => label);
  }

  /** Labels of what can be filled in. */
  get fields(): readonly string[] {
    return usables(this.view.content.blocks)
      .filter(({ block }) => block.type === 'input')
      .map(({ label }) => label);
  }
}

/** How a submission ended. `errors` are shown under the fields; then the modal stays open. */
export interface Submission extends Interacted {
  readonly errors: Readonly<Record<string, string>>;
}

function payload({ world, views }: SlackParts, type: string, view: View, more: Payload): Payload {
  const { user, installation } = view;
  return {
    type,
    team: { id: user.team.id, domain: user.team.domain },
    user: { id: user.id, username: user.name, name: user.name, team_id: user.team.id },
    api_app_id: world.app.id,
    token: world.app.verificationToken,
    view: { ...views.payload(view), state: { values: stateOf(view.content.blocks, view.values) } },
    is_enterprise_install: installation.enterprise !== undefined,
    enterprise:
      user.team.enterprise === undefined
        ? null
        : { id: user.team.enterprise.id, name: user.team.enterprise.name },
    ...more,
  };
}

/** Fills the fields in by label, action or block id. */
export function fill(view: View, entries: Readonly<Record<string, Entry>>, offers: Offers): void {
  for (const [what, entry] of Object.entries(entries)) {
    const { block, element } = findUsable(view.content.blocks, what);
    const offered = offers.get(
      offerKey({ user: view.user, installation: view.installation, view }, element.action_id),
    );
    view.values[block.block_id!] = {
      ...view.values[block.block_id!],
      [element.action_id]: entered(element, entry, offered),
    };
  }
}

export async function submit(parts: SlackParts, view: View): Promise<Submission> {
  const { world, views, deliveries, triggers } = parts;
  const state = stateOf(view.content.blocks, view.values);
  for (const { block, element, label } of usables(view.content.blocks)) {
    // Slack itself does not let it through.
    if (
      block.type === 'input' &&
      block.optional !== true &&
      isEmpty(state[block.block_id!]![element.action_id]!)
    )
      throw new Error(`«${label}» has to be filled in`);
  }
  const how = await deliveries.interact(
    'interactive',
    'view_submission',
    payload(parts, 'view_submission', view, {
      trigger_id: triggers.trigger(view.user, view.installation),
      response_urls: [],
    }),
  );
  const {
    response_action: action,
    errors,
    view: next,
  } = how.answer as {
    readonly response_action?: string;
    readonly errors?: Record<string, string>;
    readonly view?: Payload;
  };
  if (how.failure !== undefined) return { ...how, errors: {} };
  if (action === 'errors') {
    for (const id of Object.keys(errors ?? {})) {
      const block = view.content.blocks.find(({ block_id }) => block_id === id);
      if (block?.type !== 'input') world.violation(`errors belong under input blocks, and ${id} is none`);
    }
    return { ...how, errors: errors ?? {} };
  }
  if (action === 'update' || action === 'push') {
    const wrong = checkView(next, 'modal');
    if (wrong.length > 0)
      world.violation(`the view of response_action ${action} is refused: ${wrong.join('; ')}`);
    else if (action === 'update') views.update(view, next!);
    else if (views.push(view.user, view.installation, next!) === undefined)
      world.violation('there are three modals already');
  } else {
    if (action !== undefined && action !== 'clear') world.violation(`there is no response_action ${action}`);
    views.close(view, action === 'clear' || view.content.clear_on_close === true);
  }
  return { ...how, errors: {} };
}

/** Closes a modal; the app is told if it asked for it. */
export async function closeModal(parts: SlackParts, view: View): Promise<void> {
  parts.views.close(view);
  if (view.content.notify_on_close !== true) return;
  await parts.deliveries.interact(
    'interactive',
    'view_closed',
    payload(parts, 'view_closed', view, { is_cleared: false }),
  );
}
