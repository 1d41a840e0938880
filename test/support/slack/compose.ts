import { checkBlocks, tooLong, withIds } from './blocks/blocks.ts';
import { refuse, refuseMistake } from './errors.ts';
import type { Block, Payload, World } from './world.ts';

/** What Slack truncates a posted text to. */
export const LONGEST_TEXT = 40_000;
const MOST_ATTACHMENTS = 100;

export interface Content {
  readonly text: string;
  readonly blocks: Block[] | undefined;
  readonly attachments: Payload[] | undefined;
  readonly metadata: Payload | undefined;
  readonly warnings: readonly string[];
}

export interface RawContent {
  readonly text?: string;
  readonly markdown_text?: string;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
  readonly metadata?: unknown;
}

export interface ComposeRules {
  /** Undefined: truncated with a warning, as `chat.postMessage` does. */
  readonly refuseTextOver?: number;
  /** Files may stand in for a text. */
  readonly empty?: boolean;
}

function checkMetadata(metadata: unknown): Payload | undefined {
  if (metadata === undefined) return undefined;
  if (typeof metadata !== 'object' || metadata === null) return refuseMistake('invalid_metadata_format');
  const { event_type: type, event_payload: payload } = metadata as Payload;
  if (typeof type !== 'string' || typeof payload !== 'object')
    return refuseMistake('invalid_metadata_schema');
  return metadata as Payload;
}

/** Checks what is to become a message, or refuses with Slack's code. */
export function compose(world: World, raw: RawContent, rules: ComposeRules = {}): Content {
  const warnings: string[] = [];
  const given = raw.text ?? '';
  let text = given;
  if (raw.markdown_text !== undefined && (raw.text !== undefined || raw.blocks !== undefined))
    return refuseMistake('markdown_text_conflict');
  if (raw.markdown_text !== undefined) text = raw.markdown_text;
  const attachments = raw.attachments as Payload[] | undefined;
  if (attachments !== undefined && !Array.isArray(attachments)) return refuseMistake('invalid_attachments');
  if ((attachments?.length ?? 0) > MOST_ATTACHMENTS) return refuseMistake('too_many_attachments');
  const blocks = raw.blocks as Block[] | undefined;
  if (blocks !== undefined) {
    const wrong = checkBlocks(blocks, 'message');
    if (wrong.length > 0) return refuseMistake('invalid_blocks', wrong);
    if (tooLong(blocks)) return refuseMistake('msg_blocks_too_long');
  }
  for (const [i, attachment] of (attachments ?? []).entries()) {
    if (attachment.blocks === undefined) continue;
    const wrong = checkBlocks(attachment.blocks, 'message', `/attachments/${i}/blocks`);
    if (wrong.length > 0) return refuseMistake('invalid_blocks', wrong);
  }
  const hasContent = (blocks?.length ?? 0) > 0 || (attachments?.length ?? 0) > 0;
  if (text.trim() === '' && !hasContent && !rules.empty) return refuse('no_text');
  if (rules.refuseTextOver !== undefined && text.length > rules.refuseTextOver)
    return refuseMistake('msg_too_long');
  if (text.length > LONGEST_TEXT) {
    text = text.slice(0, LONGEST_TEXT);
    warnings.push('message_truncated');
  }
  // Notifications and screen readers have nothing else to say.
  if (hasContent && text === '') warnings.push('missing_text_in_message');
  return {
    text,
    blocks: blocks === undefined || blocks.length === 0 ? undefined : withIds(blocks, () => world.ids.word()),
    attachments: attachments === undefined || attachments.length === 0 ? undefined : attachments,
    metadata: checkMetadata(raw.metadata),
    warnings,
  };
}
