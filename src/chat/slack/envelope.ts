import { z } from 'zod';
import type { Workspace, Workspaces } from './workspaces.ts';

/** The outer part of an event: about whom, and whose doing. */
const envelope = z.object({
  event_id: z.string(),
  event: z.unknown(),
  /** In a shared channel, the workspace of whoever acted. */
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  authorizations: z
    .array(z.object({ team_id: z.string().nullish(), enterprise_id: z.string().nullish() }))
    .nullish(),
});

export interface Envelope {
  readonly id: string;
  readonly event: unknown;
  readonly workspace: Workspace;
  /** Where whoever acted is from, as far as the envelope tells. */
  readonly actingTeam?: string;
}

/** Undefined for events of a workspace that the bot is not in (any more). */
export function readEnvelope(body: unknown, workspaces: Workspaces): Envelope | undefined {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) return undefined;
  const { event_id: id, event, team_id, context_team_id, authorizations } = parsed.data;
  const candidates = [context_team_id, authorizations?.[0]?.team_id, team_id];
  for (const team of candidates) {
    const workspace = team ? workspaces.get(team) : undefined;
    if (workspace) return { id, event, workspace, ...(team_id && { actingTeam: team_id }) };
  }
  return undefined;
}
