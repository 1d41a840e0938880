import { ANSWER_WITHIN_MS, type Interaction, type Modal } from './interactions.ts';
import { type SeenMessage, seen } from './seen.ts';
import type { World } from './world.ts';

/** What came of typing a command or clicking a button. */
export class Answer {
  readonly interaction: Interaction;
  private readonly world: World;

  constructor(world: World, interaction: Interaction) {
    this.world = world;
    this.interaction = interaction;
  }

  /** How long the bot took to acknowledge; undefined until it did. */
  get acknowledgedAfterMs(): number | undefined {
    const { acknowledgedAt, createdAt } = this.interaction;
    return acknowledgedAt === undefined ? undefined : acknowledgedAt - createdAt;
  }

  /** «The application did not respond.» */
  get failed(): boolean {
    const { acknowledgedAt, createdAt } = this.interaction;
    return acknowledgedAt === undefined && this.world.clock.now() - createdAt > ANSWER_WITHIN_MS;
  }

  /** Resolves when the bot acknowledged in any way; fails when 3 seconds have passed. */
  async acknowledged(): Promise<number> {
    await this.world.until(
      () => this.failed || this.acknowledgedAfterMs !== undefined,
      'the bot acknowledges the interaction',
    );
    if (this.acknowledgedAfterMs === undefined) throw new Error('The application did not respond');
    return this.acknowledgedAfterMs;
  }

  /** The original response as it stands, thinking or not; undefined if there is none (any more). */
  get now(): SeenMessage | undefined {
    const { original } = this.interaction;
    if (original === undefined || !original.channel.messages.has(original.id)) return undefined;
    return seen(original, this.world);
  }

  /** The original response, once it is more than «thinking …». */
  async response(): Promise<SeenMessage> {
    await this.acknowledged();
    return this.until((message) => !message.thinking, 'the bot fills in its answer');
  }

  /** Waits until the original response looks as wanted, after whatever edits. */
  until(
    wanted: (message: SeenMessage) => boolean,
    what = 'the answer looks as wanted',
  ): Promise<SeenMessage> {
    return this.world.until(() => {
      const message = this.now;
      return message !== undefined && wanted(message) ? message : undefined;
    }, what);
  }

  get followUps(): readonly SeenMessage[] {
    return this.interaction.followUps
      .filter((message) => message.channel.messages.has(message.id))
      .map((message) => seen(message, this.world));
  }

  /** The first, second … message after the answer. */
  followUp(number = 1): Promise<SeenMessage> {
    return this.world.until(() => this.followUps[number - 1], `follow-up ${number}`);
  }

  get modal(): Modal | undefined {
    return this.interaction.modal;
  }
}
