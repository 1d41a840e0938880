import { type APIEmbed, MessageFlags, RESTJSONErrorCodes } from 'discord.js';
import { flatten } from './component-form.ts';
import { FormErrors, refuse } from './errors.ts';
import type { MessageForm } from './message-form.ts';
import type { UploadedFile } from './rest/route.ts';
import type { Attachment, Component, Message, World } from './world.ts';

const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** The part of a message that its author writes. */
export type Draft = Pick<Message, 'content' | 'embeds' | 'components' | 'attachments' | 'flags'>;

const EMPTY: Draft = { content: '', embeds: [], components: [], attachments: [], flags: 0 };

function composeAttachments(
  world: World,
  form: MessageForm,
  files: ReadonlyMap<number, UploadedFile>,
  before: readonly Attachment[],
): Attachment[] {
  const errors = new FormErrors();
  if (files.size > 10) errors.add(['files'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 10 in length.');
  for (const { data } of files.values())
    if (data.length > MAX_FILE_BYTES) refuse(RESTJSONErrorCodes.RequestEntityTooLarge);
  const listed = form.attachments;
  const kept = before.filter((one) => listed == null || listed.some(({ id }) => id === one.id));
  for (const [index, { id }] of (listed ?? []).entries())
    if (!files.has(Number(id)) && !before.some((one) => one.id === id))
      errors.add(['attachments', index, 'id'], 'ATTACHMENT_NOT_FOUND', 'neither uploaded nor on the message');
  const uploaded = [...files].map(([number, file]): Attachment => {
    const about = listed?.find(({ id }) => id === String(number));
    if (listed != null && about === undefined)
      errors.add(['attachments'], 'ATTACHMENT_NOT_LISTED', `files[${number}] is not listed in attachments`);
    return {
      id: world.newId(),
      // Discord keeps these characters and replaces the rest.
      filename: (about?.filename ?? file.filename).replaceAll(/[^\p{L}\p{N}._-]/gu, '_'),
      contentType: file.contentType,
      data: file.data,
      ...(about?.description != null && { description: about.description }),
      ...(about?.duration_secs != null && { durationSecs: about.duration_secs }),
      ...(about?.waveform != null && { waveform: about.waveform }),
    };
  });
  errors.throwIfAny();
  return [...kept, ...uploaded];
}

/** Every `attachment://` has to name a file of the message. */
function checkAttachmentUrls(draft: Draft): void {
  const names = new Set(draft.attachments.map(({ filename }) => filename));
  const errors = new FormErrors();
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (typeof value === 'string') {
      const name = /^attachment:\/\/(.*)$/.exec(value)?.[1];
      if (name !== undefined && !names.has(name))
        errors.add(path, 'ATTACHMENT_NOT_FOUND', `Attachment not found: ${name}`);
    } else if (Array.isArray(value)) for (const [index, one] of value.entries()) visit(one, [...path, index]);
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) visit(one, [...path, key]);
  };
  visit(draft.embeds, ['embeds']);
  visit(draft.components, ['components']);
  errors.throwIfAny();
}

function checkVoiceMessage(draft: Draft): void {
  if (draft.content !== '' || draft.embeds.length > 0 || draft.components.length > 0)
    refuse(RESTJSONErrorCodes.VoiceMessagesDoNotSupportAdditionalContent);
  const [audio] = draft.attachments;
  if (draft.attachments.length !== 1 || !audio?.contentType.startsWith('audio/'))
    refuse(RESTJSONErrorCodes.VoiceMessagesMustHaveASingleAudioAttachment);
  const waveform = audio?.waveform;
  const bytes = waveform === undefined ? 0 : Buffer.from(waveform, 'base64').length;
  if (audio?.durationSecs === undefined || bytes === 0 || bytes > 256)
    refuse(RESTJSONErrorCodes.VoiceMessagesMustHaveSupportingMetadata);
}

function checkLayout(draft: Draft): void {
  const errors = new FormErrors();
  if ((draft.flags & MessageFlags.IsComponentsV2) !== 0) {
    for (const field of ['content', 'embeds'] as const)
      if (draft[field].length > 0)
        errors.add(
          [field],
          'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
          `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
        );
  } else {
    for (const [index, { type }] of draft.components.entries())
      if (type !== 1)
        errors.add(
          ['components', index, 'type'],
          'UNION_TYPE_CHOICES',
          'Value of field "type" must be one of (1,).',
        );
    if (draft.components.length > 5)
      errors.add(['components'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
  }
  errors.throwIfAny();
}

function hasContent(embed: APIEmbed): boolean {
  const { type: _type, color: _color, url: _url, timestamp: _timestamp, ...content } = embed;
  return Object.values(content).some((one) =>
    Array.isArray(one) ? one.length > 0 : one != null && one !== '',
  );
}

/** Components get numbers of their own and what goes without saying, as Discord gives it. */
function numbered(components: readonly Record<string, unknown>[]): Component[] {
  const copy = structuredClone(components) as Record<string, unknown>[];
  let next = 1;
  for (const component of flatten(copy)) {
    component.id ??= next++;
    const isSelect = component.type === 3 || (Number(component.type) >= 5 && Number(component.type) <= 8);
    if (!isSelect) continue;
    component.min_values ??= 1;
    component.max_values ??= 1;
  }
  return copy as unknown as Component[];
}

/** What becomes of a message when this form is applied to it; refuses what Discord refuses. */
export function compose(
  world: World,
  form: MessageForm,
  files: ReadonlyMap<number, UploadedFile>,
  before: Draft = EMPTY,
): Draft {
  const keptFlags =
    form.flags == null ? before.flags : (before.flags & ~MessageFlags.SuppressEmbeds) | form.flags;
  const draft: Draft = {
    content: form.content === undefined ? before.content : (form.content ?? ''),
    embeds: form.embeds === undefined ? before.embeds : ((form.embeds ?? []) as APIEmbed[]),
    components: form.components === undefined ? before.components : numbered(form.components ?? []),
    attachments: composeAttachments(world, form, files, before.attachments),
    flags: keptFlags,
  };
  if ((before.flags & MessageFlags.IsVoiceMessage) !== 0)
    refuse(RESTJSONErrorCodes.VoiceMessagesCannotBeEdited);
  checkLayout(draft);
  if ((draft.flags & MessageFlags.IsVoiceMessage) !== 0) checkVoiceMessage(draft);
  checkAttachmentUrls(draft);
  const empty =
    draft.content.trim() === '' &&
    !draft.embeds.some(hasContent) &&
    draft.components.length === 0 &&
    draft.attachments.length === 0;
  if (empty) refuse(RESTJSONErrorCodes.CannotSendAnEmptyMessage);
  return draft;
}
