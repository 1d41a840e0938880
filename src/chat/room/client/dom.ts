/** What can stand between tags. */
export type Child = Node | string | number | false | null | undefined;

interface Props {
  readonly class?: string;
  readonly id?: string;
  /** Listeners by event name. */
  readonly on?: { readonly [Type in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Type]) => void };
  /** Custom properties, set through the CSSOM because the page allows no style attributes. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly [attribute: string]: unknown;
}

/** Builds an element. Text is always text: nothing is ever parsed as HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on' || name === 'vars' || value === undefined || value === false || value === null)
      continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [type, listener] of Object.entries(props.on ?? {})) {
    element.addEventListener(type, listener as EventListener);
  }
  for (const [name, value] of Object.entries(props.vars ?? {})) element.style.setProperty(name, value);
  append(element, children);
  return element;
}

const EMOJIS =
  /((?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*)/gu;

/** Text whose emojis are drawn in colour wherever the system can. */
function textNodes(text: string): Node[] {
  return text.split(EMOJIS).flatMap((part, index): Node[] => {
    if (part === '') return [];
    if (index % 2 === 0) return [document.createTextNode(part)];
    const emoji = document.createElement('span');
    emoji.className = 'emoji';
    emoji.textContent = part;
    return [emoji];
  });
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === false || child === null || child === undefined) continue;
    for (const node of child instanceof Node ? [child] : textNodes(String(child))) parent.appendChild(node);
  }
}

/** An element of the page that is known to be there. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

const ICONS = {
  play: 'M8 5.6v12.8c0 .8.9 1.3 1.6.9l10-6.4a1 1 0 0 0 0-1.8l-10-6.4c-.7-.4-1.6.1-1.6.9z',
  pause: 'M7 5h3.2v14H7zM13.8 5H17v14h-3.2z',
  smile:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 16.2a7.2 7.2 0 1 1 0-14.4 7.2 7.2 0 0 1 0 14.4zM8.8 11.2a1.3 1.3 0 1 0 0-2.6 1.3 1.3 0 0 0 0 2.6zm6.4 0a1.3 1.3 0 1 0 0-2.6 1.3 1.3 0 0 0 0 2.6zM12 17c2 0 3.700-1.100 4.500-2.800l-1.600-.8A3.200 3.200 0 0 1 12 15.200a3.200 3.200 0 0 1-2.900-1.800l-1.600.8A5 5 0 0 0 12 17z',
  eye: 'M12 5C6.500 5 2.700 10 2 12c.700 2 4.500 7 10 7s9.300-5 10-7c-.700-2-4.500-7-10-7zm0 12.200c-4 0-6.900-3.300-8-5.200 1.100-1.900 4-5.200 8-5.200s6.900 3.300 8 5.200c-1.100 1.900-4 5.200-8 5.200zM12 8.800a3.200 3.200 0 1 0 0 6.400 3.200 3.200 0 0 0 0-6.400z',
  send: 'M3.400 20.400 21 12 3.400 3.600 3.400 10.200 14.500 12 3.400 13.800z',
  file: 'M6 3h8l5 5v13H6zM13 4.800V9h4.200L13 4.800zM11.100 11v4.200l-1.600-1.600-1.100 1.100 3.600 3.600 3.600-3.600-1.100-1.100-1.600 1.600V11z',
  close:
    'm6.400 5 5.600 5.600L17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400z',
  down: 'm12 16.500-7-7L6.400 8l5.600 5.600L17.600 8 19 9.500z',
  people:
    'M9 11.500a3.700 3.700 0 1 0 0-7.500 3.700 3.700 0 0 0 0 7.500zm0 1.700c-3.300 0-7 1.600-7 4.300V19.500h14v-2c0-2.700-3.700-4.300-7-4.300zm7.500-1.700a3.200 3.200 0 1 0-1.300-6.100 5.300 5.300 0 0 1 0 5.800c.4.200.9.300 1.300.3zm.9 1.900c1.300 1 2.100 2.300 2.100 4v2H22v-2c0-2.100-2.200-3.500-4.600-4z',
  star: 'm12 3.500 2.600 5.400 5.900.8-4.300 4.100 1 5.900-5.200-2.800-5.200 2.800 1-5.900L3.500 9.700l5.900-.8z',
} as const;

export type IconName = keyof typeof ICONS;

/** A drawing that takes the colour of the text around it; never announced. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.appendChild(path);
  return svg;
}

/** Arrow keys move the focus within a group; Tab enters and leaves it as one stop. */
export function roving(group: HTMLElement, selector: string): void {
  group.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: 0, End: 0 }[event.key];
    if (step === undefined) return;
    const items = [...group.querySelectorAll<HTMLElement>(selector)];
    const index = items.indexOf(document.activeElement as HTMLElement);
    if (index < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? items.length - 1
          : (index + step + items.length) % items.length;
    for (const [at, item] of items.entries()) item.tabIndex = at === next ? 0 : -1;
    items[next]?.focus();
  });
}
