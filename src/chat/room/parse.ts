import { z } from 'zod';
import type { ClientFrame } from './wire.ts';

const id = z.string().regex(/^[\w-]{1,64}$/);
const messageId = z.string().regex(/^\d{1,15}$/);
const command = z.string().regex(/^[a-z0-9-]{1,32}$/);
const option = z.string().regex(/^[\w-]{1,32}$/);

const operation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('say'), text: z.string() }),
  z.object({
    kind: z.literal('command'),
    command,
    options: z
      .record(option, z.union([z.string().max(500), z.number(), z.boolean()]))
      .refine((options) => Object.keys(options).length <= 25),
    names: z
      .record(option, z.string().max(200))
      .refine((names) => Object.keys(names).length <= 25)
      .optional(),
  }),
  z.object({ kind: z.literal('action'), message: messageId, action: z.string().min(1).max(100) }),
  z.object({
    kind: z.literal('react'),
    message: messageId,
    emoji: z.string().min(1).max(40),
    present: z.boolean(),
  }),
  z.object({ kind: z.literal('complete'), command, option, typed: z.string().max(200) }),
  z.object({ kind: z.literal('rename'), name: z.string().max(200) }),
  z.object({ kind: z.literal('promote'), person: id, moderator: z.boolean() }),
  z.object({ kind: z.literal('remove'), message: messageId }),
  z.object({ kind: z.literal('older'), before: messageId }),
]);

const frame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), epoch: z.string().max(64).optional(), seen: z.int().min(0).optional() }),
  z.object({ t: z.literal('ask'), id, op: operation }),
  z.object({ t: z.literal('beat') }),
]);

/** Whatever else a frame carries (a name of somebody, a role) is dropped here. */
export function parseFrame(text: string): { frame: ClientFrame } | { bad: true; id?: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { bad: true };
  }
  const parsed = frame.safeParse(json);
  if (parsed.success) return { frame: parsed.data };
  const asked = z.object({ id }).safeParse(json);
  return asked.success ? { bad: true, id: asked.data.id } : { bad: true };
}
