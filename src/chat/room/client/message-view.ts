import { isLink } from '../../buttons.ts';
import type { ActionButton, LinkButton } from '../../message.ts';
import type { WireBody, WireMessage } from '../wire.ts';
import { append, type Child, h, icon } from './dom.ts';
import { hueOf, type Model, nameOf } from './model.ts';
import type { Player } from './player.ts';
import { createReactionBar, type ReactionContext } from './reactions.ts';
import { snippetCard, songList } from './songs.ts';

export interface ViewContext extends ReactionContext {
  readonly model: Model;
  readonly player: Player;
  readonly act: (message: string, action: string) => Promise<void>;
  readonly remove: (message: string) => void;
}

export interface MessageView {
  readonly element: HTMLElement;
  draw(message: WireMessage): void;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** `*bold*` and line breaks are the only markup; links to the web become links. */
export function formatText(text: string): Node {
  const out = document.createDocumentFragment();
  for (const part of text.split(/(\*[^*\n]+\*|https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/u)) {
    if (/^\*[^*\n]+\*$/u.test(part)) out.append(h('strong', {}, part.slice(1, -1)));
    else if (/^https?:\/\//.test(part)) {
      out.append(h('a', { href: part, target: '_blank', rel: 'noopener noreferrer' }, part));
    } else append(out, [part]);
  }
  return out;
}

export function avatar(person: string | undefined, name: string): HTMLElement {
  if (person === undefined) {
    return h('img', { class: 'avatar', src: '/logo.svg', alt: '', width: 36, height: 36 });
  }
  const letter = [...new Intl.Segmenter().segment(name)][0]?.segment ?? '?';
  // Drawn by the style sheet: it is a picture, not a text.
  return h('span', { class: `avatar hue-${hueOf(person)}`, 'data-letter': letter.toUpperCase() });
}

function secondsText(seconds: number): string {
  return seconds < 60 ? `${Math.max(1, Math.round(seconds))} s left` : `${Math.round(seconds / 60)} min left`;
}

function progressBar({ percent, label, secondsLeft }: NonNullable<WireBody['progress']>): HTMLElement {
  const shown = Math.max(0, Math.min(100, percent));
  return h(
    'div',
    { class: 'progress' },
    h(
      'div',
      { class: 'progress-words' },
      h('span', {}, label),
      h(
        'span',
        { class: 'progress-number' },
        `${Math.round(shown)}%${secondsLeft === undefined ? '' : ` · ${secondsText(secondsLeft)}`}`,
      ),
    ),
    h(
      'div',
      {
        class: 'progress-track',
        role: 'progressbar',
        'aria-label': label,
        'aria-valuemin': 0,
        'aria-valuemax': 100,
        'aria-valuenow': Math.round(shown),
      },
      h('div', { class: 'progress-fill', vars: { '--percent': `${shown}%` } }),
    ),
  );
}

function linkButton({ url, label, style = 'plain' }: LinkButton): HTMLElement {
  return h(
    'a',
    {
      class: `button button-${style}`,
      href: url,
      target: '_blank',
      rel: 'noopener noreferrer',
      'data-stop': true,
      'data-key': url,
    },
    label,
    h('span', { class: 'sr' }, ' (opens in a new tab)'),
  );
}

function actionButton(
  { action, label, style = 'plain' }: ActionButton,
  act: () => Promise<void>,
): HTMLElement {
  const button = h(
    'button',
    { type: 'button', class: `button button-${style}`, 'data-stop': true, 'data-key': action },
    label,
  );
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    void act().finally(() => button.removeAttribute('aria-disabled'));
  });
  return button;
}

function bodyParts(message: WireMessage, context: ViewContext): Child[] {
  const { body, id } = message;
  const person = message.from.kind === 'person';
  const buttons = (body.buttons ?? []).map((button) =>
    isLink(button) ? linkButton(button) : actionButton(button, () => context.act(id, button.action)),
  );
  return [
    body.title !== undefined && h('h3', { class: 'title' }, body.title),
    body.text !== '' && h('p', { class: 'text' }, person ? linkOnly(body.text) : formatText(body.text)),
    body.fields !== undefined &&
      body.fields.length > 0 &&
      h(
        'dl',
        { class: 'fields' },
        ...body.fields.map(({ name, value }) =>
          h('div', {}, h('dt', {}, name), h('dd', {}, formatText(value))),
        ),
      ),
    body.snippet && snippetCard(body.snippet, context.player),
    body.picture &&
      h('img', {
        class: 'picture',
        src: `data:image/svg+xml,${encodeURIComponent(body.picture.svg)}`,
        alt: body.picture.alt,
        width: body.picture.width,
        height: body.picture.height,
      }),
    body.songs && body.songs.length > 0 && songList(body.songs, context.player),
    body.progress && progressBar(body.progress),
    body.files &&
      body.files.length > 0 &&
      h(
        'div',
        { class: 'files' },
        ...body.files.map(({ name, bytes }, index) =>
          h(
            'a',
            {
              class: 'file',
              href: `/files/${id}/${index}`,
              download: name,
              'data-stop': true,
              'data-key': name,
            },
            icon('file'),
            h('span', {}, name),
            h('span', { class: 'file-size' }, bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} kB`),
          ),
        ),
      ),
    buttons.length > 0 && h('div', { class: 'buttons' }, ...buttons),
  ];
}

/** People's own words have links, no other markup. */
function linkOnly(text: string): Node {
  const out = document.createDocumentFragment();
  for (const part of text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/u)) {
    if (/^https?:\/\//.test(part)) {
      out.append(h('a', { href: part, target: '_blank', rel: 'noopener noreferrer nofollow' }, part));
    } else append(out, [part]);
  }
  return out;
}

/** One message. `draw` changes it in place and keeps the focus where it was. */
export function createMessageView(first: WireMessage, context: ViewContext): MessageView {
  const { model } = context;
  const isBot = first.from.kind === 'bot';
  const author = first.from.kind === 'person' ? first.from.id : undefined;
  const name = h('span', { class: 'name' });
  const edited = h('span', { class: 'edited' });
  const answers = h('p', { class: 'answers' });
  const content = h('div', { class: 'content' });
  const bar = createReactionBar(first, context);
  const dismiss = h(
    'button',
    {
      class: 'dismiss',
      type: 'button',
      'data-stop': true,
      'aria-label': first.onlyYou ? 'Dismiss' : 'Remove this message',
      title: first.onlyYou ? 'Dismiss' : 'Remove this message',
      on: { click: () => context.remove(first.id) },
    },
    icon('close'),
  );
  const face = h('div', { class: 'face' });
  const element = h(
    'article',
    {
      class: `message${isBot ? ' from-bot' : ''}${first.onlyYou ? ' is-private' : ''}`,
      tabindex: -1,
      'data-id': first.id,
    },
    face,
    h(
      'div',
      { class: 'message-main' },
      h(
        'header',
        { class: 'message-head' },
        name,
        isBot && h('span', { class: 'badge' }, 'bot'),
        h(
          'time',
          { class: 'when', datetime: new Date(first.at).toISOString(), title: FULL.format(first.at) },
          TIME.format(first.at),
        ),
        edited,
        first.onlyYou && h('span', { class: 'only-you' }, icon('eye'), 'Only you can see this'),
      ),
      dismiss,
      answers,
      content,
      bar.element,
    ),
  );
  let drawn: WireBody | undefined;

  function draw(message: WireMessage): void {
    const shownName = author === undefined ? model.brand.name : nameOf(model, author);
    if (name.textContent !== shownName) {
      name.textContent = shownName;
      face.replaceChildren(avatar(author, shownName));
      element.setAttribute('aria-label', `${shownName}, ${TIME.format(message.at)}`);
    }
    dismiss.hidden =
      !first.onlyYou && !model.self.moderator && (author === undefined || author !== model.self.id);
    edited.textContent = message.edited && message.from.kind === 'person' ? 'edited' : '';
    if (message.answers !== undefined) {
      const who = message.answers.person === model.self.id ? 'You' : nameOf(model, message.answers.person);
      answers.replaceChildren(
        h('b', {}, who),
        message.answers.line.startsWith('/') ? ' asked ' : ' pressed ',
        h('code', {}, message.answers.line),
      );
    }
    if (message.body !== drawn) {
      const focused = document.activeElement;
      const key = content.contains(focused) ? focused?.getAttribute('data-key') : null;
      drawn = message.body;
      content.className = `content tone-${message.body.tone ?? 'plain'}`;
      content.replaceChildren();
      append(content, bodyParts(message, context));
      if (key !== null && key !== undefined) {
        [...content.querySelectorAll<HTMLElement>('[data-key]')]
          .find((candidate) => candidate.getAttribute('data-key') === key)
          ?.focus();
      }
    }
    bar.draw(message);
  }

  draw(first);
  return { element, draw };
}
