import type { WireMessage, WireUpdate } from '../wire.ts';
import { createComposer } from './composer.ts';
import { type Connection, connect, RefusedError, wasForgotten } from './connection.ts';
import { byId, h } from './dom.ts';
import { avatar } from './message-view.ts';
import { emptyModel, nameOf, takeState, takeUpdate } from './model.ts';
import { createPeople } from './people.ts';
import { createPlayer } from './player.ts';
import { createStream } from './stream.ts';
import { toast } from './toast.ts';

const ANNOUNCED_CHARACTERS = 160;

const model = emptyModel();
const pending = byId('pending');
const connectionNote = byId('connection');
let connection: Connection;
let greeted = false;
/** Messages that came while nobody looked at the page. */
let unseen = 0;

function note(error: unknown): void {
  toast(error instanceof RefusedError ? error.message : 'That did not work. Please try again.');
}

/** A row that stands for what was sent until it appears. */
function showPending(id: string, line: string): void {
  const name = model.self.name ?? '';
  pending.append(
    h(
      'div',
      { class: 'message is-pending', 'data-request': id },
      h('div', { class: 'face' }, avatar(model.self.id, name)),
      h(
        'div',
        { class: 'message-main' },
        h('p', { class: 'text' }, line),
        h('span', { class: 'dots', 'aria-label': 'on its way' }, h('i'), h('i'), h('i')),
      ),
    ),
  );
  stream.toLatest();
}

function settlePending(id: string): void {
  for (const row of pending.children) if ((row as HTMLElement).dataset.request === id) row.remove();
}

function react(message: string, emoji: string, present: boolean): void {
  if (model.self.name === undefined) {
    toast('Tell me your name first, then join in.');
    byId('composer').querySelector('input')?.focus();
    return;
  }
  // Shown at once; taken back when the room refuses.
  apply({ kind: 'reaction', id: message, emoji, person: model.self.id, present });
  connection.ask({ kind: 'react', message, emoji, present }).reply.catch((error: unknown) => {
    apply({ kind: 'reaction', id: message, emoji, person: model.self.id, present: !present });
    note(error);
  });
}

const stream = createStream(
  {
    model,
    player: createPlayer(),
    self: () => model.self.id,
    nameOf: (person) => nameOf(model, person),
    meaning: (emoji) => model.emotions.find((emotion) => emotion.emoji === emoji)?.name,
    react,
    act: async (message, action) => {
      await connection.ask({ kind: 'action', message, action }).reply.catch(note);
    },
    remove: (message) => {
      connection.ask({ kind: 'remove', message }).reply.catch(note);
    },
  },
  async () => {
    const first = [...model.messages.keys()][0];
    if (first === undefined) return;
    const page = await connection.ask({ kind: 'older', before: first }).reply;
    const newer = [...model.messages];
    model.messages.clear();
    for (const message of page.messages) model.messages.set(message.id, message);
    for (const [id, message] of newer) model.messages.set(id, message);
    model.older = page.older;
    stream.prepend(page.messages);
  },
);
async function rename(name: string): Promise<void> {
  const { name: taken } = await connection.ask({ kind: 'rename', name }).reply;
  if (!greeted) byId('composer').querySelector('input')?.focus();
  greeted = true;
  model.self = { ...model.self, name: taken };
  composer.draw();
  byId('composer').querySelector<HTMLElement>('input.write')?.focus();
}
const composer = createComposer({
  model,
  complete: async (command, option, typed) =>
    (await connection.ask({ kind: 'complete', command, option, typed }).reply).choices,
  send(operation, line) {
    const asked = connection.ask(operation);
    showPending(asked.id, line);
    asked.reply.then(
      () => {
        if (operation.kind === 'say') settlePending(asked.id);
      },
      (error: unknown) => {
        settlePending(asked.id);
        note(error);
      },
    );
  },
  rename,
  note: toast,
});
const people = createPeople({
  model,
  rename,
  promote: async (person, moderator) => {
    await connection.ask({ kind: 'promote', person, moderator }).reply;
  },
  note: toast,
});

function announce(message: WireMessage): void {
  if (message.from.kind === 'person' && message.from.id === model.self.id) return;
  if (document.visibilityState === 'hidden') {
    unseen++;
    document.title = `(${unseen}) ${model.brand.name}`;
  }
  const who = message.from.kind === 'bot' ? model.brand.name : nameOf(model, message.from.id);
  const what = [message.body.title, message.body.text].filter(Boolean).join('. ');
  byId('announce').textContent = `${who}: ${what.slice(0, ANNOUNCED_CHARACTERS)}`;
}

function apply(update: WireUpdate): void {
  const moderatorBefore = model.self.moderator;
  const nameBefore = update.kind === 'person' ? model.people.get(update.person.id)?.name : undefined;
  takeUpdate(model, update);
  switch (update.kind) {
    case 'message':
      if (update.message.answers !== undefined) settlePending(update.message.answers.request);
      stream.refresh(update.message.id);
      announce(update.message);
      break;
    case 'self':
      if (update.self.moderator && !moderatorBefore) toast('You are a moderator now.');
      if (update.self.moderator !== moderatorBefore) stream.refreshAll();
      composer.draw();
      people.draw();
      break;
    case 'gone':
      people.draw();
      break;
    case 'person':
      if (nameBefore !== update.person.name) stream.refreshAll();
      people.draw();
      break;
    default:
      stream.refresh(update.id);
  }
}

/** The operator's one-time link: its secret is in the fragment, which browsers never send by themselves. */
async function claim(): Promise<void> {
  const token = /^#claim=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined) return;
  history.replaceState(null, '', location.pathname);
  const response = await fetch('/api/claim', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok)
    toast('That link was used already. The operator can print a new one by starting the bot again.');
}

function draw(): void {
  document.title = model.brand.name;
  byId('brand').textContent = model.brand.name;
  if (model.brand.tagline !== undefined) byId('tagline').textContent = model.brand.tagline;
  composer.draw();
  people.draw();
}

connection = connect({
  state(state) {
    takeState(model, state);
    pending.replaceChildren();
    draw();
    stream.reset();
    document.documentElement.dataset.ready = 'yes';
    if (wasForgotten()) toast('Done, you are forgotten here. Nice to have met you!');
  },
  update: apply,
  settled: settlePending,
  refused: ({ text }) => toast(text),
  status(status) {
    connectionNote.hidden = status === 'open';
    connectionNote.textContent = status === 'open' ? '' : 'Connection lost – trying again…';
    if (status === 'open') void claim().catch(note);
  },
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') return;
  unseen = 0;
  document.title = model.brand.name;
});
addEventListener('hashchange', () => void claim().catch(note));
