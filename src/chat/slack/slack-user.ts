import { z } from 'zod';

/** Somebody, as Slack tells of them. */
export const slackUser = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  name: z.string().optional(),
  real_name: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_admin: z.boolean().optional(),
  is_owner: z.boolean().optional(),
  is_primary_owner: z.boolean().optional(),
  profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
  enterprise_user: z.object({ enterprise_id: z.string().optional() }).optional(),
});
export type SlackUser = z.infer<typeof slackUser>;
