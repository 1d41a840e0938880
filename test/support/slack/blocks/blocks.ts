import type { Block } from '../world.ts';
import {
  anything,
  boolean,
  type Check,
  Findings,
  isObject,
  list,
  object,
  oneOf,
  type Surface,
  text,
  textObject,
  url,
} from './check.ts';
import { AS_ACCESSORY, element, IN_ACTIONS, IN_INPUT } from './elements.ts';

const BLOCK_ID = text(255);

const contextElement: Check = (value, at, findings) => {
  if (isObject(value) && value.type === 'image') element(['image'])(value, at, findings);
  else textObject(3000, 'any')(value, at, findings);
};

const SECTION = object({
  'type!': oneOf('section'),
  block_id: BLOCK_ID,
  text: textObject(3000, 'any'),
  fields: list(textObject(2000, 'any'), 10),
  accessory: element(AS_ACCESSORY),
  expand: boolean,
});

const BLOCKS: Readonly<Record<string, { readonly on: readonly Surface[]; readonly check: Check }>> = {
  section: {
    on: ['message', 'modal', 'home'],
    check(value, at, findings) {
      SECTION(value, at, findings);
      if (isObject(value) && value.text === undefined && value.fields === undefined)
        findings.add(at, 'must provide a text or fields');
    },
  },
  divider: {
    on: ['message', 'modal', 'home'],
    check: object({ 'type!': oneOf('divider'), block_id: BLOCK_ID }),
  },
  header: {
    on: ['message', 'modal', 'home'],
    check: object({ 'type!': oneOf('header'), block_id: BLOCK_ID, 'text!': textObject(150) }),
  },
  context: {
    on: ['message', 'modal', 'home'],
    check: object({ 'type!': oneOf('context'), block_id: BLOCK_ID, 'elements!': list(contextElement, 10) }),
  },
  actions: {
    on: ['message', 'modal', 'home'],
    check: object({
      'type!': oneOf('actions'),
      block_id: BLOCK_ID,
      'elements!': list(element(IN_ACTIONS), 25),
    }),
  },
  image: {
    on: ['message', 'modal', 'home'],
    check(value, at, findings) {
      object({
        'type!': oneOf('image'),
        block_id: BLOCK_ID,
        'alt_text!': text(2000),
        title: textObject(2000),
        image_url: url(),
        slack_file: object({ id: text(255), url: url() }),
      })(value, at, findings);
      if (isObject(value) && (value.image_url === undefined) === (value.slack_file === undefined))
        findings.add(at, 'must provide one of image_url or slack_file');
    },
  },
  input: {
    on: ['message', 'modal', 'home'],
    check: object({
      'type!': oneOf('input'),
      block_id: BLOCK_ID,
      'label!': textObject(2000),
      'element!': element(IN_INPUT),
      hint: textObject(2000),
      optional: boolean,
      dispatch_action: boolean,
    }),
  },
  rich_text: {
    on: ['message', 'modal', 'home'],
    check: object({ 'type!': oneOf('rich_text'), block_id: BLOCK_ID, 'elements!': list(anything, 1000) }),
  },
  markdown: {
    on: ['message'],
    check: object({ 'type!': oneOf('markdown'), block_id: BLOCK_ID, 'text!': text(12_000) }),
  },
  file: {
    on: ['message'],
    check: object({
      'type!': oneOf('file'),
      block_id: BLOCK_ID,
      'external_id!': text(255),
      'source!': oneOf('remote'),
    }),
  },
  video: {
    on: ['message', 'modal', 'home'],
    check: object({
      'type!': oneOf('video'),
      block_id: BLOCK_ID,
      'alt_text!': text(2000),
      author_name: text(50),
      description: textObject(200),
      provider_icon_url: url(),
      provider_name: text(255),
      'title!': textObject(200),
      title_url: url(),
      'thumbnail_url!': url(),
      'video_url!': url(),
    }),
  },
};

const MOST: Readonly<Record<Surface, number>> = { message: 50, modal: 100, home: 100 };

/**
 * Slack's limit on all texts of a message together is nowhere in its documentation;
 * https://github.com/slackapi/bolt-js/issues/2509 found it a little above 13,200 characters.
 */
const LONGEST_MESSAGE = 13_200;

interface Interactive {
  readonly action_id?: string;
}

function interactiveOf(block: Block): Interactive[] {
  const parts = [...((block.elements ?? []) as unknown[]), block.accessory, block.element];
  return parts.filter(isObject) as Interactive[];
}

/** What is wrong with blocks. */
export function checkBlocks(blocks: unknown, surface: Surface, at = '/blocks'): readonly string[] {
  const findings = new Findings();
  if (!Array.isArray(blocks)) {
    findings.add(at, 'must be an array');
    return findings.messages;
  }
  if (blocks.length > MOST[surface]) findings.add(at, `no more than ${MOST[surface]} items allowed`);
  const blockIds = new Set<unknown>();
  let focused = 0;
  for (const [i, block] of blocks.entries()) {
    const here = `${at}/${i}`;
    const known = isObject(block) && typeof block.type === 'string' ? BLOCKS[block.type] : undefined;
    if (known === undefined || !known.on.includes(surface)) {
      findings.add(
        `${here}/type`,
        `unsupported type: ${isObject(block) ? String(block.type) : typeof block}`,
      );
      continue;
    }
    known.check(block, here, findings);
    const { block_id: id } = block as Block;
    if (id !== undefined && blockIds.has(id))
      findings.add(`${here}/block_id`, `block_id already exists: ${id}`);
    blockIds.add(id);
    const actionIds = new Set<unknown>();
    for (const { action_id: action, ...part } of interactiveOf(block as Block)) {
      if (action !== undefined && actionIds.has(action))
        findings.add(here, `action_id already exists: ${action}`);
      actionIds.add(action);
      if ('focus_on_load' in part && part.focus_on_load === true) focused += 1;
    }
  }
  if (focused > 1) findings.add(at, 'only one element may have focus_on_load');
  return findings.messages;
}

/** All texts in it together. */
export function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + lengthOf(one), 0);
  if (!isObject(value)) return 0;
  let sum = typeof value.text === 'string' ? value.text.length : 0;
  for (const field of Object.values(value)) sum += typeof field === 'object' ? lengthOf(field) : 0;
  return sum;
}

export function tooLong(blocks: readonly Block[]): boolean {
  return lengthOf(blocks) > LONGEST_MESSAGE;
}

/** Slack gives every block and element an id that has none. */
export function withIds(blocks: readonly Block[], nextId: () => string): Block[] {
  const element = (one: unknown) =>
    isObject(one) &&
    typeof one.type === 'string' &&
    one.type !== 'image' &&
    one.type !== 'mrkdwn' &&
    one.type !== 'plain_text'
      ? { action_id: nextId(), ...one }
      : one;
  return blocks.map((block) => ({
    block_id: nextId(),
    ...block,
    ...(block.type === 'actions' && { elements: (block.elements as unknown[]).map(element) }),
    ...(block.accessory !== undefined && { accessory: element(block.accessory) }),
    ...(block.element !== undefined && { element: element(block.element) }),
  }));
}
