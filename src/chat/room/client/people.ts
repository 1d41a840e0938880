import { nameField } from './composer.ts';
import { byId, h, icon } from './dom.ts';
import { avatar } from './message-view.ts';
import type { Model } from './model.ts';

export interface PeopleContext {
  readonly model: Model;
  readonly rename: (name: string) => Promise<void>;
  readonly promote: (person: string, moderator: boolean) => Promise<void>;
  readonly note: (text: string) => void;
}

export interface PeoplePanel {
  draw(): void;
}

/** The button in the head with those who are here, and the panel behind it. */
export function createPeople(context: PeopleContext): PeoplePanel {
  const { model } = context;
  const button = byId('people-button');
  const list = h('ul', { class: 'people' });
  const share = h('div', { class: 'share' });
  const field = nameField('own-name', 'Your name', '');
  const rename = h(
    'form',
    { class: 'rename' },
    field.label,
    h(
      'div',
      { class: 'join-row' },
      field.input,
      h('button', { class: 'button button-plain', type: 'submit' }, 'Change'),
    ),
    field.problem,
  );
  const close = h('button', { class: 'close', type: 'button', 'aria-label': 'Close' }, icon('close'));
  const dialog = h(
    'dialog',
    { class: 'panel', 'aria-labelledby': 'people-title' },
    h('div', { class: 'panel-head' }, h('h2', { id: 'people-title' }, 'People'), close),
    rename,
    share,
    list,
  );
  document.body.append(dialog);

  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => button.focus());
  button.addEventListener('click', () => {
    field.input.value = model.self.name ?? '';
    field.show(undefined);
    draw();
    dialog.showModal();
  });
  rename.addEventListener('submit', (event) => {
    event.preventDefault();
    context.rename(field.input.value).then(
      () => {
        field.show(undefined);
        context.note('Done. That is your name now.');
      },
      (error: Error) => field.show(error.message),
    );
  });

  function row(id: string): HTMLElement {
    const person = model.people.get(id);
    if (person === undefined) return h('li', {});
    const own = id === model.self.id;
    const promote = h(
      'button',
      { class: 'button button-small', type: 'button', 'data-key': id },
      person.moderator ? 'Remove as moderator' : 'Make moderator',
    );
    promote.setAttribute(
      'aria-label',
      person.moderator ? `Take moderator from ${person.name}` : `Make ${person.name} a moderator`,
    );
    promote.addEventListener('click', () => {
      context.promote(id, !person.moderator).catch((error: Error) => context.note(error.message));
    });
    return h(
      'li',
      { class: `person${person.online ? '' : ' is-away'}` },
      avatar(id, person.name),
      h(
        'span',
        { class: 'person-text' },
        h('span', { class: 'name' }, person.name, own && ' (you)'),
        h('span', { class: 'person-state' }, person.online ? 'here now' : 'away'),
      ),
      person.moderator && h('span', { class: 'badge' }, icon('star'), 'moderator'),
      model.self.moderator && promote,
    );
  }

  function draw(): void {
    const people = [...model.people.values()].sort(
      (one, other) => Number(other.online) - Number(one.online) || one.name.localeCompare(other.name),
    );
    const here = people.filter((person) => person.online).length;
    const faces = people
      .filter((person) => person.online)
      .slice(0, 3)
      .map((person) => avatar(person.id, person.name));
    button.replaceChildren(
      h('span', { class: 'faces' }, ...faces),
      icon('people'),
      h('span', {}, String(here)),
    );
    button.setAttribute('aria-label', `People, ${here} here`);
    const focused = dialog.contains(document.activeElement)
      ? document.activeElement?.getAttribute('data-key')
      : null;
    list.replaceChildren(...people.map((person) => row(person.id)));
    if (focused) list.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    rename.hidden = model.self.name === undefined;
    share.hidden = model.shareUrl === undefined;
    if (model.shareUrl !== undefined && share.childElementCount === 0)
      share.append(shareLink(model.shareUrl));
  }

  function shareLink(url: string): HTMLElement {
    const copy = h('button', { class: 'button button-plain', type: 'button' }, 'Copy');
    copy.addEventListener('click', () => {
      // The clipboard is closed to pages without https; then the address can be selected by hand.
      if (navigator.clipboard === undefined) context.note('Select the address and copy it, please.');
      else void navigator.clipboard.writeText(url).then(() => context.note('Copied.'));
    });
    return h(
      'p',
      {},
      h('span', {}, 'Invite others with this address and the room password:'),
      h('code', {}, url),
      copy,
    );
  }

  return { draw };
}
