import { parseLine } from '../../command-line.ts';
import { MAX_NAME, MAX_TEXT, type WireOperation } from '../wire.ts';
import { type CompletionContext, type Completions, completionsFor, type Suggestion } from './completion.ts';
import { byId, h, icon } from './dom.ts';
import type { Model } from './model.ts';

export interface ComposerContext extends Pick<CompletionContext, 'complete'> {
  readonly model: Model;
  /** Sends a command or a message; `line` is what was typed. */
  readonly send: (operation: Extract<WireOperation, { kind: 'say' | 'command' }>, line: string) => void;
  readonly rename: (name: string) => Promise<void>;
  readonly note: (text: string) => void;
}

export interface Composer {
  /** The own name or the commands changed. */
  draw(): void;
}

const MAX_HISTORY = 50;
const TYPING_MS = 120;

export function createComposer(context: ComposerContext): Composer {
  const { model } = context;
  const place = byId('composer');
  let drawnFor: string | undefined | null = null;

  function draw(): void {
    if (drawnFor === model.self.name) return;
    const before = drawnFor;
    const had = place.contains(document.activeElement);
    if (model.self.name === undefined) {
      place.replaceChildren(joinForm(context));
    } else if (before === null || before === undefined) {
      place.replaceChildren(...writing(context));
      if (had) place.querySelector('input')?.focus();
    }
    drawnFor = model.self.name;
  }

  return { draw };
}

/** A problem shown at the field it belongs to. */
export function nameField(id: string, label: string, value: string) {
  const problem = h('p', { class: 'field-problem', id: `${id}-problem`, role: 'alert' });
  const input = h('input', {
    id,
    type: 'text',
    maxlength: MAX_NAME * 2,
    autocomplete: 'nickname',
    spellcheck: 'false',
    value,
    'aria-describedby': `${id}-problem`,
  });
  return {
    input,
    problem,
    label: h('label', { for: id }, label),
    show(text: string | undefined) {
      problem.textContent = text ?? '';
      input.toggleAttribute('aria-invalid', text !== undefined);
      if (text !== undefined) input.setAttribute('aria-invalid', 'true');
    },
  };
}

function joinForm({ rename }: ComposerContext): HTMLElement {
  const field = nameField('join-name', 'What should we call you?', '');
  const form = h(
    'form',
    { class: 'join', 'aria-label': 'Join the room' },
    field.label,
    h(
      'div',
      { class: 'join-row' },
      field.input,
      h('button', { class: 'button button-primary', type: 'submit' }, 'Join'),
    ),
    field.problem,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    rename(field.input.value).then(
      () => field.show(undefined),
      (error: Error) => {
        field.show(error.message);
        field.input.focus();
      },
    );
  });
  return form;
}

function writing(context: ComposerContext): HTMLElement[] {
  const { model } = context;
  const input = h('input', {
    class: 'write',
    type: 'text',
    maxlength: MAX_TEXT,
    placeholder: 'Message, or / for commands',
    autocomplete: 'off',
    'aria-label': 'Message, or a command that begins with a slash',
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': 'suggestions',
    'aria-describedby': 'usage',
    enterkeyhint: 'send',
  });
  const popup = h('div', {
    class: 'suggestions',
    id: 'suggestions',
    role: 'listbox',
    'aria-label': 'Suggestions',
    hidden: true,
  });
  const usage = h('div', { class: 'usage', id: 'usage' });
  const form = h(
    'form',
    { class: 'write-row', 'aria-label': 'Write' },
    input,
    h('button', { class: 'send', type: 'submit', 'aria-label': 'Send' }, icon('send')),
  );
  const meanings = new Map<string, string>();
  const past: string[] = [];
  let pastAt = 0;
  let shown: readonly Suggestion[] = [];
  let active = -1;
  let asked = 0;
  let timer: number | undefined;

  function close(): void {
    shown = [];
    active = -1;
    popup.hidden = true;
    popup.replaceChildren();
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function choose(suggestion: Suggestion): void {
    input.value = suggestion.line;
    if (suggestion.meaning !== undefined) meanings.set(suggestion.meaning.text, suggestion.meaning.value);
    input.focus();
    refresh();
  }

  function mark(index: number): void {
    active = index;
    for (const [at, option] of [...popup.children].entries()) {
      option.setAttribute('aria-selected', String(at === index));
      if (at === index) option.scrollIntoView({ block: 'nearest' });
    }
    if (index >= 0) input.setAttribute('aria-activedescendant', `suggestion-${index}`);
    else input.removeAttribute('aria-activedescendant');
  }

  function show({ suggestions, hint, eager }: Completions): void {
    usage.replaceChildren(
      ...(hint === undefined
        ? []
        : [
            h(
              'span',
              { class: 'usage-line' },
              ...hint.usage.flatMap(({ text, now }) => [h(now ? 'b' : 'span', {}, text), ' ']),
            ),
            h('span', { class: 'usage-about' }, hint.about),
          ]),
    );
    if (suggestions.length === 0) {
      close();
      return;
    }
    shown = suggestions;
    popup.replaceChildren(
      ...suggestions.map((suggestion, index) =>
        h(
          'div',
          {
            class: 'suggestion',
            role: 'option',
            id: `suggestion-${index}`,
            'aria-selected': 'false',
            on: {
              // The field keeps the focus.
              mousedown: (event) => event.preventDefault(),
              click: () => choose(suggestion),
            },
          },
          h('span', { class: 'suggestion-label' }, suggestion.label),
          suggestion.detail !== '' && h('span', { class: 'suggestion-detail' }, suggestion.detail),
        ),
      ),
    );
    popup.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    mark(eager ? 0 : -1);
  }

  function refresh(): void {
    clearTimeout(timer);
    const line = input.value;
    const ticket = ++asked;
    const look = () =>
      void completionsFor(line, {
        commands: model.commands,
        emotions: model.emotions,
        moderator: model.self.moderator,
        complete: context.complete,
      }).then(
        (found) => {
          if (ticket === asked) show(found);
        },
        () => close(),
      );
    // Only what the server completes is worth waiting for.
    if (/\s/.test(line)) timer = window.setTimeout(look, TYPING_MS);
    else look();
  }

  function submit(): void {
    const line = input.value.trim();
    if (line === '') return;
    const parsed = parseLine(line, model.commands);
    if (parsed.kind === 'mistake') {
      context.note(parsed.text);
      return;
    }
    if (parsed.kind === 'text') context.send({ kind: 'say', text: line }, line);
    else {
      const typed = Object.entries(parsed.kind === 'command' ? parsed.options : {});
      const chosen = typed.filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && meanings.has(entry[1]),
      );
      const values = chosen.map(([name, text]) => [name, meanings.get(text)]);
      const options = Object.fromEntries([...typed, ...values]);
      const names = Object.fromEntries(chosen);
      context.send({ kind: 'command', command: parsed.command, options, names }, line);
    }
    if (past.at(-1) !== line) past.push(line);
    if (past.length > MAX_HISTORY) past.shift();
    pastAt = past.length;
    input.value = '';
    usage.replaceChildren();
    asked++;
    clearTimeout(timer);
    close();
  }

  function recall(step: number): void {
    const at = Math.max(0, Math.min(past.length, pastAt + step));
    if (at === pastAt) return;
    pastAt = at;
    input.value = past[at] ?? '';
    input.setSelectionRange(input.value.length, input.value.length);
    asked++;
    close();
  }

  input.addEventListener('input', () => {
    pastAt = past.length;
    refresh();
  });
  input.addEventListener('blur', () => close());
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const open = shown.length > 0;
    const recalled = pastAt < past.length || input.value === '';
    if (event.key === 'ArrowUp' && (!open || recalled)) {
      event.preventDefault();
      recall(-1);
    } else if (event.key === 'ArrowDown' && !open) {
      event.preventDefault();
      recall(1);
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      mark(active < 0 && step < 0 ? shown.length - 1 : (active + step + shown.length) % shown.length);
    } else if (open && event.key === 'Escape') {
      event.preventDefault();
      close();
    } else if (open && event.key === 'Tab' && !event.shiftKey) {
      event.preventDefault();
      choose(shown[Math.max(0, active)] as Suggestion);
    } else if (open && event.key === 'Enter' && active >= 0) {
      const suggestion = shown[active] as Suggestion;
      // A line that is complete as it stands is sent, not completed once more.
      if (suggestion.line.trim() === input.value.trim()) return;
      event.preventDefault();
      choose(suggestion);
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  return [popup, usage, form];
}
