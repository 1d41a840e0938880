import { checkView, viewTooLarge } from '../blocks/view.ts';
import { refuse, refuseMistake } from '../errors.ts';
import type { Payload } from '../world.ts';
import { type Call, findUser, type Methods } from './method.ts';

/** The view as it was sent, checked for its place. */
function viewOf(call: Call, surface: 'modal' | 'home'): Payload {
  const view = call.args.json('view', 'invalid_arguments');
  if (viewTooLarge(view)) return refuseMistake('view_too_large');
  const wrong = checkView(view, surface);
  if (wrong.length > 0) return refuseMistake('invalid_arguments', wrong);
  return view as Payload;
}

/** An external id is the app's own name for one view, and for one only. */
function checkExternalId(call: Call, view: Payload, except?: string): void {
  const { external_id: id } = view;
  if (typeof id !== 'string' || id === '') return;
  const other = call.views.byExternalId(id, call.installation);
  if (other !== undefined && other.id !== except) refuse('duplicate_external_id');
}

function redeem(call: Call): ReturnType<Call['triggers']['redeem']> {
  const id = call.args.text('trigger_id') ?? call.args.text('interactivity_pointer');
  return id === undefined ? refuse('invalid_trigger_id') : call.triggers.redeem(id, call.installation);
}

export const VIEWS: Methods = {
  'views.open': {
    tier: 4,
    token: 'bot',
    run(call) {
      const view = viewOf(call, 'modal');
      checkExternalId(call, view);
      return { view: call.views.payload(call.views.open(redeem(call), call.installation, view)) };
    },
  },
  'views.push': {
    tier: 4,
    token: 'bot',
    run(call) {
      const view = viewOf(call, 'modal');
      checkExternalId(call, view);
      const pushed = call.views.push(redeem(call), call.installation, view);
      return { view: call.views.payload(pushed ?? refuse('push_limit_reached')) };
    },
  },
  'views.update': {
    tier: 4,
    token: 'bot',
    run(call) {
      const { args, views } = call;
      const [id, externalId] = [args.text('view_id'), args.text('external_id')];
      const found =
        id !== undefined
          ? views.byId(id)
          : externalId === undefined
            ? undefined
            : views.byExternalId(externalId, call.installation);
      if (found === undefined || found.installation.bot !== call.bot) return refuse('not_found');
      const view = viewOf(call, found.type);
      checkExternalId(call, view, found.id);
      const hash = args.text('hash');
      if (hash !== undefined && hash !== found.hash) return refuse('hash_conflict');
      views.update(found, view);
      return { view: views.payload(found) };
    },
  },
  'views.publish': {
    tier: 4,
    token: 'bot',
    run(call) {
      const { args, views, world } = call;
      if (!world.app.homeTab) return refuse('not_enabled');
      const view = viewOf(call, 'home');
      const user = findUserToPublishTo(call, args.need('user_id'));
      const before = views.home(user, call.installation);
      const hash = args.text('hash');
      if (hash !== undefined && before !== undefined && hash !== before.hash) return refuse('hash_conflict');
      checkExternalId(call, view, before?.id);
      return { view: views.payload(views.publish(user, call.installation, view)) };
    },
  },
};

/** `views.publish` has no code for an unknown person but this. */
function findUserToPublishTo(call: Call, id: string): ReturnType<typeof findUser> {
  const user = call.world.users.get(id);
  if (user === undefined || user.kind !== 'person')
    return refuseMistake('invalid_arguments', ['user_id is invalid [json-pointer:/user_id]']);
  return findUser(call, id);
}
