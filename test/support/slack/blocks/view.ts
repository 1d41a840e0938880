import { checkBlocks } from './blocks.ts';
import { anything, boolean, Findings, isObject, object, oneOf, text, textObject } from './check.ts';

const COMMON = {
  'blocks!': anything,
  private_metadata: text(3000, 0),
  callback_id: text(255),
  external_id: text(255),
};

const MODAL = object({
  'type!': oneOf('modal'),
  'title!': textObject(24),
  ...COMMON,
  close: textObject(24),
  submit: textObject(24),
  clear_on_close: boolean,
  notify_on_close: boolean,
  submit_disabled: boolean,
});

const HOME = object({ 'type!': oneOf('home'), ...COMMON });

/** Slack's cap on a whole view, in bytes of JSON. */
const LARGEST_VIEW = 250_000;

/** What is wrong with a view for this place. */
export function checkView(view: unknown, surface: 'modal' | 'home'): readonly string[] {
  const findings = new Findings();
  (surface === 'modal' ? MODAL : HOME)(view, '/view', findings);
  if (!isObject(view)) return findings.messages;
  const { blocks } = view;
  if (blocks !== undefined) findings.messages.push(...checkBlocks(blocks, surface, '/view/blocks'));
  const hasInput = Array.isArray(blocks) && blocks.some((block) => isObject(block) && block.type === 'input');
  if (surface === 'modal' && hasInput && view.submit === undefined)
    findings.add('/view', 'submit is required when there is an input block');
  return findings.messages;
}

export function viewTooLarge(view: unknown): boolean {
  return JSON.stringify(view).length > LARGEST_VIEW;
}
