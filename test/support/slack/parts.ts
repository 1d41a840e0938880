import type { Deliveries } from './deliveries.ts';
import type { Triggers } from './triggers.ts';
import type { Views } from './views.ts';
import type { Consents } from './web-api/consents.ts';
import type { World } from './world.ts';

/** What people's side of the server works with. */
export interface SlackParts {
  readonly world: World;
  readonly views: Views;
  readonly triggers: Triggers;
  readonly deliveries: Deliveries;
  readonly consents: Consents;
}
