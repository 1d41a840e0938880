import { compose } from './compose.ts';
import { changeMessage, postMessage, removeMessage } from './conversation.ts';
import { RefusedCall } from './errors.ts';
import type { ResponseUrl } from './triggers.ts';
import type { Message, Payload, World } from './world.ts';

const FIELDS = [
  'text',
  'blocks',
  'attachments',
  'response_type',
  'replace_original',
  'delete_original',
  'thread_ts',
  'mrkdwn',
  'metadata',
  'unfurl_links',
  'unfurl_media',
];

/** What comes to a response_url, or with the acknowledgement of a command. */
export function respond(world: World, url: ResponseUrl, body: Payload): Message | undefined {
  for (const field of Object.keys(body)) {
    if (!FIELDS.includes(field)) world.violation(`a response has no field ${field}`);
  }
  // Bolt's issue 1268 (Python): what was said to a command cannot be replaced through the command's own address.
  const origin = url.origin !== undefined && stillThere(url.origin) ? url.origin : undefined;
  if (body.delete_original === true) {
    if (origin !== undefined) removeMessage(world, origin);
    return undefined;
  }
  const content = compose(world, body);
  if (body.replace_original === true && origin !== undefined) {
    changeMessage(world, origin, {
      text: content.text,
      blocks: content.blocks,
      attachments: content.attachments,
    });
    return origin;
  }
  const inChannel = body.response_type === 'in_channel';
  if (body.response_type !== undefined && !inChannel && body.response_type !== 'ephemeral')
    world.violation(`response_type is in_channel or ephemeral, not ${String(body.response_type)}`);
  const { channel, installation, team } = url;
  const message = postMessage(world, {
    channel,
    user: installation.bot,
    team,
    text: content.text,
    blocks: content.blocks,
    attachments: content.attachments,
    threadTs: typeof body.thread_ts === 'string' ? body.thread_ts : undefined,
    ephemeralFor: inChannel ? undefined : url.user.id,
  });
  url.posted.push(message);
  return message;
}

function stillThere(message: Message): boolean {
  return message.channel.messages.get(message.ts) === message;
}

/** A POST to a response_url: status and body as Slack's. */
export function handleResponse(
  world: World,
  url: ResponseUrl | string,
  contentType: string,
  body: string,
): { readonly status: number; readonly body: string } {
  const refused = (error: string, status = 404) => ({ status, body: JSON.stringify({ ok: false, error }) });
  if (typeof url === 'string') return refused(url);
  if (url.installation.dead !== undefined) return refused('invalid_token');
  if (!contentType.startsWith('application/json')) return refused('invalid_payload', 400);
  try {
    const message = respond(world, url, JSON.parse(body) as Payload);
    return { status: 200, body: message === undefined ? 'ok' : JSON.stringify({ ok: true }) };
  } catch (error) {
    const code = error instanceof RefusedCall ? error.code : 'invalid_payload';
    world.violation(
      `a response was refused with ${code} ${error instanceof RefusedCall ? JSON.stringify(error.more.errors ?? '') : String(error)}`,
    );
    return refused(code, 400);
  }
}
