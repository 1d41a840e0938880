import type { WireMessage } from '../wire.ts';
import { byId, h } from './dom.ts';
import { createMessageView, type MessageView, type ViewContext } from './message-view.ts';

/** The list of messages: follows the newest while the reader is there, else counts what is new. */
export interface Stream {
  /** Shows everything anew. */
  reset(): void;
  /** A message is new, changed or gone. */
  refresh(id: string): void;
  /** Names or the own identity changed. */
  refreshAll(): void;
  /** Puts older messages before the first. */
  prepend(messages: readonly WireMessage[]): void;
  toLatest(): void;
}

const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const NEAR_PX = 120;
/** Messages of one person within this time share one head. */
const TOGETHER_MS = 5 * 60 * 1000;
/** So many stay on the page while the reader follows; older ones come back by scrolling up. */
const MAX_SHOWN = 600;

function dayOf(at: number): string {
  return new Date(at).toDateString();
}

function dayName(at: number): string {
  if (dayOf(at) === dayOf(Date.now())) return 'Today';
  if (dayOf(at) === dayOf(Date.now() - 24 * 60 * 60 * 1000)) return 'Yesterday';
  return DAY.format(at);
}

export function createStream(context: ViewContext, wantOlder: () => Promise<void>): Stream {
  const { model } = context;
  const scroller = byId('stream');
  const list = byId('list');
  const older = byId('older');
  const jump = byId('jump');
  const views = new Map<string, MessageView>();
  let following = true;
  let unread = 0;
  let marker: HTMLElement | undefined;
  let current: HTMLElement | undefined;
  let loading = false;

  function atEnd(): boolean {
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
  }

  function toEnd(): void {
    scroller.scrollTop = scroller.scrollHeight;
  }

  function showUnread(): void {
    jump.hidden = following;
    jump.textContent = unread > 0 ? `${unread} new message${unread === 1 ? '' : 's'}` : 'Jump to latest';
  }

  function articles(): HTMLElement[] {
    return [...list.querySelectorAll<HTMLElement>('article')];
  }

  /** Only the current message's controls are in the Tab order, so that Tab never walks through a thousand. */
  function makeCurrent(article: HTMLElement | undefined): void {
    if (current !== undefined && current !== article) {
      current.tabIndex = -1;
      // Also what an arrow key made a stop meanwhile.
      for (const stop of current.querySelectorAll<HTMLElement>('[data-stop], [tabindex="0"]'))
        stop.tabIndex = -1;
    }
    current = article;
    if (article === undefined) return;
    article.tabIndex = 0;
    for (const stop of article.querySelectorAll<HTMLElement>('[data-stop]')) stop.tabIndex = 0;
  }

  function settleStops(article: HTMLElement): void {
    const index = article === current ? 0 : -1;
    for (const stop of article.querySelectorAll<HTMLElement>('[data-stop]')) stop.tabIndex = index;
  }

  function place(message: WireMessage): void {
    const view = createMessageView(message, context);
    views.set(message.id, view);
    settleStops(view.element);
    const after = articles().findLast((article) => Number(article.dataset.id) < Number(message.id));
    if (after === undefined) list.prepend(view.element);
    else after.after(view.element);
  }

  /** Day lines, and heads that are shared. Cheap enough to do for the whole list. */
  function arrange(from?: HTMLElement): void {
    const all = articles();
    const start = from === undefined ? 0 : Math.max(0, all.indexOf(from) - 1);
    for (const [index, article] of all.entries()) {
      if (index < start) continue;
      const message = model.messages.get(article.dataset.id ?? '');
      const before = model.messages.get(all[index - 1]?.dataset.id ?? '');
      if (message === undefined) continue;
      const newDay = before === undefined || dayOf(before.at) !== dayOf(message.at);
      const line = article.previousElementSibling?.classList.contains('day')
        ? article.previousElementSibling
        : null;
      if (newDay && line === null) {
        article.before(h('div', { class: 'day' }, h('span', {}, dayName(message.at))));
      }
      if (!newDay) line?.remove();
      const together =
        !newDay &&
        before?.from.kind === 'person' &&
        message.from.kind === 'person' &&
        before.from.id === message.from.id &&
        message.at - before.at < TOGETHER_MS &&
        article.previousElementSibling === all[index - 1];
      article.classList.toggle('is-following', together);
    }
  }

  function emptiness(): void {
    list.classList.toggle('is-empty', views.size === 0);
    older.hidden = !model.older;
  }

  function shorten(): void {
    if (!following) return;
    const all = articles();
    for (const article of all.slice(0, Math.max(0, all.length - MAX_SHOWN))) {
      const id = article.dataset.id ?? '';
      if (article.previousElementSibling?.classList.contains('day')) article.previousElementSibling.remove();
      article.remove();
      views.delete(id);
      model.messages.delete(id);
      model.older = true;
    }
  }

  scroller.addEventListener(
    'scroll',
    () => {
      const now = atEnd();
      if (now !== following) {
        following = now;
        if (following) unread = 0;
        showUnread();
      }
    },
    { passive: true },
  );
  jump.addEventListener('click', () => {
    toEnd();
    articles().at(-1)?.focus({ preventScroll: true });
  });
  // Pictures, players and late layout change heights; the end stays in view while the reader follows.
  new ResizeObserver(() => {
    if (following) toEnd();
  }).observe(list);
  new ResizeObserver(() => {
    if (following) toEnd();
  }).observe(scroller);
  new IntersectionObserver(
    ([entry]) => {
      if (!entry?.isIntersecting || loading || !model.older) return;
      loading = true;
      void wantOlder().finally(() => {
        loading = false;
      });
    },
    { root: scroller, rootMargin: '400px 0px 0px 0px' },
  ).observe(older);
  list.addEventListener('focusin', (event) => {
    const article = (event.target as HTMLElement).closest('article');
    if (article !== null && article !== current) makeCurrent(article);
  });
  list.addEventListener('keydown', (event) => {
    const article = (event.target as HTMLElement).closest('article');
    if (article === null) return;
    const own = event.target === article;
    const step =
      event.key === 'PageUp' || (own && event.key === 'ArrowUp')
        ? -1
        : event.key === 'PageDown' || (own && event.key === 'ArrowDown')
          ? 1
          : 0;
    if (event.key === 'Escape') {
      event.preventDefault();
      if (own) document.querySelector<HTMLElement>('#composer input')?.focus();
      else article.focus();
      return;
    }
    if (step === 0) return;
    event.preventDefault();
    const all = articles();
    const next = all[all.indexOf(article) + step];
    if (next === undefined) {
      if (step > 0) document.querySelector<HTMLElement>('#composer input')?.focus();
      return;
    }
    makeCurrent(next);
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  });

  return {
    reset() {
      const focusedId = document.activeElement?.closest('article')?.dataset.id;
      views.clear();
      list.replaceChildren();
      marker = undefined;
      for (const message of model.messages.values()) {
        const view = createMessageView(message, context);
        views.set(message.id, view);
        list.append(view.element);
        settleStops(view.element);
      }
      arrange();
      emptiness();
      makeCurrent(articles().at(-1));
      if (focusedId !== undefined) views.get(focusedId)?.element.focus();
      context.player.tidy();
      following = true;
      unread = 0;
      showUnread();
      toEnd();
    },
    refresh(id) {
      const message = model.messages.get(id);
      const view = views.get(id);
      if (message === undefined) {
        const next = view?.element.nextElementSibling;
        if (view?.element === current)
          makeCurrent(articles().findLast((article) => article !== view?.element));
        if (view?.element.previousElementSibling?.classList.contains('day'))
          view.element.previousElementSibling.remove();
        view?.element.remove();
        views.delete(id);
        context.player.tidy();
        if (next instanceof HTMLElement) arrange(next);
        emptiness();
        return;
      }
      if (view !== undefined) {
        view.draw(message);
        settleStops(view.element);
        return;
      }
      const mine = message.from.kind === 'person' && message.from.id === model.self.id;
      const away = (!following || document.visibilityState === 'hidden') && !mine;
      place(message);
      const element = views.get(id)?.element;
      if (away && element !== undefined) {
        if (unread === 0) {
          marker?.remove();
          marker = h('div', { class: 'unread' }, h('span', {}, 'New'));
          element.before(marker);
        }
        unread++;
      }
      arrange(element);
      const focusInside = current?.contains(document.activeElement) ?? false;
      if (!focusInside) makeCurrent(articles().at(-1));
      if (mine) following = true;
      if (following) {
        shorten();
        toEnd();
      }
      emptiness();
      showUnread();
    },
    refreshAll() {
      for (const [id, view] of views) {
        const message = model.messages.get(id);
        if (message !== undefined) view.draw(message);
        settleStops(view.element);
      }
    },
    prepend(messages) {
      const height = scroller.scrollHeight;
      const top = scroller.scrollTop;
      for (const message of [...messages].reverse()) {
        if (views.has(message.id)) continue;
        const view = createMessageView(message, context);
        views.set(message.id, view);
        settleStops(view.element);
        list.prepend(view.element);
      }
      arrange();
      emptiness();
      scroller.scrollTop = top + scroller.scrollHeight - height;
    },
    toLatest: toEnd,
  };
}
