import { refuse } from './errors.ts';
import type { Channel, Installation, Message, Team, User, World } from './world.ts';

const TRIGGER_LIVES_MS = 3000;
const URL_LIVES_MS = 30 * 60_000;
const URL_USES = 5;

interface Trigger {
  readonly user: User;
  readonly installation: Installation;
  readonly at: number;
  used: boolean;
}

/** An address to which the app may answer an interaction. */
export interface ResponseUrl {
  readonly url: string;
  readonly user: User;
  readonly team: Team;
  readonly installation: Installation;
  readonly channel: Channel;
  /** The message with the button; a command has none, so there is nothing that `replace_original` could replace. */
  readonly origin: Message | undefined;
  readonly at: number;
  uses: number;
  /** What was posted through it. */
  readonly posted: Message[];
}

/** The short-lived keys that come with interactions. */
export class Triggers {
  private readonly world: World;
  private readonly triggers = new Map<string, Trigger>();
  private readonly urls = new Map<string, ResponseUrl>();

  constructor(world: World) {
    this.world = world;
  }

  trigger(user: User, installation: Installation): string {
    const id = `${this.world.ids.word()}.${this.world.ids.word()}`;
    this.triggers.set(id, { user, installation, at: this.world.clock.now(), used: false });
    return id;
  }

  /** Whose screen it opens; refuses as Slack does. */
  redeem(id: string, installation: Installation): User {
    const trigger = this.triggers.get(id);
    if (trigger === undefined || trigger.installation.bot !== installation.bot)
      return refuse('invalid_trigger_id');
    if (trigger.used) return refuse('exchanged_trigger_id');
    if (this.world.clock.now() - trigger.at > TRIGGER_LIVES_MS) return refuse('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }

  responseUrl(
    kind: 'commands' | 'actions',
    about: Pick<ResponseUrl, 'user' | 'team' | 'installation' | 'channel' | 'origin'>,
  ): ResponseUrl {
    const path = `/${kind}/${about.team.id}/${this.world.ids.word()}`;
    const url: ResponseUrl = {
      ...about,
      url: `${this.world.origin}${path}`,
      at: this.world.clock.now(),
      uses: 0,
      posted: [],
    };
    this.urls.set(path, url);
    return url;
  }

  /** Uses an address once. The string is Slack's reason why not. */
  use(path: string): ResponseUrl | 'not_found' | 'expired_url' | 'used_url' {
    const url = this.urls.get(path);
    if (url === undefined) return 'not_found';
    if (this.world.clock.now() - url.at > URL_LIVES_MS) return 'expired_url';
    if (url.uses >= URL_USES) return 'used_url';
    url.uses += 1;
    return url;
  }
}
