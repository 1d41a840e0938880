import {
  type ClientFrame,
  FORGOTTEN,
  type ServerFrame,
  type WireOperation,
  type WireRefusal,
  type WireResults,
  type WireState,
  type WireUpdate,
} from '../wire.ts';

/** The room refused something; `text` is for people. */
export class RefusedError extends Error {
  readonly refusal: WireRefusal;
  constructor(refusal: WireRefusal) {
    super(refusal.text);
    this.refusal = refusal;
  }
}

export interface Asking<Result> {
  readonly id: string;
  readonly reply: Promise<Result>;
}

export interface Connection {
  /** Asks for something. Asked again after a lost connection until there is a reply. */
  ask<Kind extends WireOperation['kind']>(
    op: Extract<WireOperation, { kind: Kind }>,
  ): Asking<WireResults[Kind]>;
}

interface Listener {
  state(state: WireState): void;
  update(update: WireUpdate): void;
  settled(request: string): void;
  /** A refusal that belongs to no request. */
  refused(refusal: WireRefusal): void;
  status(status: 'open' | 'lost'): void;
}

const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8_000;
/** The server sends a beat every 15 seconds. */
const SILENCE_MS = 40_000;

const FORGOTTEN_NOTE = 'forgotten';

/** True once, on the page that came after the person was forgotten. */
export function wasForgotten(): boolean {
  const noted = sessionStorage.getItem(FORGOTTEN_NOTE) !== null;
  sessionStorage.removeItem(FORGOTTEN_NOTE);
  return noted;
}

/** Begins a session, or finds out that the page has to be loaded again to log in. */
async function ensureSession(): Promise<boolean> {
  const response = await fetch('/api/session', { method: 'POST' });
  if (response.status === 401) {
    location.reload();
    return false;
  }
  return response.ok;
}

/** Keeps a connection to the room, for ever: resumes where it was lost, and repeats what had no reply. */
export function connect(listener: Listener): Connection {
  const waiting = new Map<
    string,
    { op: WireOperation; resolve: (result: never) => void; reject: (error: Error) => void }
  >();
  const page = crypto.getRandomValues(new Uint32Array(2)).join('-');
  let count = 0;
  let socket: WebSocket | undefined;
  let ready = false;
  let known: { epoch: string; seen: number } | undefined;
  let attempts = 0;
  let retry: number | undefined;
  let watchdog: number | undefined;

  function send(frame: ClientFrame): void {
    socket?.send(JSON.stringify(frame));
  }

  function isReady(epoch: string, seen: number): void {
    known = { epoch, seen };
    ready = true;
    attempts = 0;
    listener.status('open');
    for (const [id, { op }] of waiting) send({ t: 'ask', id, op });
  }

  function take(frame: ServerFrame): void {
    switch (frame.t) {
      case 'state':
        listener.state(frame.state);
        isReady(frame.epoch, frame.seq);
        break;
      case 'resumed':
        isReady(frame.epoch, frame.seq);
        break;
      case 'update':
        if (known !== undefined) known.seen = frame.seq;
        listener.update(frame.update);
        break;
      case 'reply':
        waiting.get(frame.id)?.resolve(frame.result as never);
        waiting.delete(frame.id);
        break;
      case 'refused':
        if (frame.id === undefined) listener.refused(frame.refusal);
        else {
          waiting.get(frame.id)?.reject(new RefusedError(frame.refusal));
          waiting.delete(frame.id);
        }
        break;
      case 'settled':
        listener.settled(frame.id);
        break;
      case 'beat':
        send({ t: 'beat' });
        break;
    }
  }

  function listen(): void {
    clearTimeout(watchdog);
    watchdog = window.setTimeout(() => socket?.close(), SILENCE_MS);
  }

  function again(): void {
    clearTimeout(retry);
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts) * (0.75 + Math.random() / 2);
    attempts++;
    retry = window.setTimeout(open, wait);
  }

  function open(): void {
    clearTimeout(retry);
    ensureSession().then((ok) => (ok ? openSocket() : again()), again);
  }

  function openSocket(): void {
    // Two wishes to connect can come at once: the retry, and the page that is looked at again.
    if (socket !== undefined && socket.readyState <= WebSocket.OPEN) return;
    const fresh = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live`);
    socket = fresh;
    fresh.addEventListener('open', () => {
      listen();
      send({ t: 'hello', ...(known && { epoch: known.epoch, seen: known.seen }) });
    });
    fresh.addEventListener('message', (event) => {
      listen();
      take(JSON.parse(String(event.data)) as ServerFrame);
    });
    fresh.addEventListener('close', ({ code }) => {
      // Nobody is behind this page any more: it begins anew.
      if (code === FORGOTTEN) {
        sessionStorage.setItem(FORGOTTEN_NOTE, 'yes');
        location.reload();
        return;
      }
      clearTimeout(watchdog);
      ready = false;
      listener.status('lost');
      again();
    });
  }

  // A laptop that wakes up or a phone back in reach should not wait for the next attempt.
  addEventListener('online', () => {
    if (!ready) open();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && !ready && socket?.readyState !== WebSocket.CONNECTING)
      open();
  });
  open();

  return {
    ask(op) {
      const id = `${page}-${++count}`;
      const reply = new Promise<never>((resolve, reject) => {
        waiting.set(id, { op, resolve, reject });
      });
      if (ready) send({ t: 'ask', id, op });
      return { id, reply };
    },
  };
}
