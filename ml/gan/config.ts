/** The GAN's hyper-parameters. The defaults were chosen on a validation part of training data. */
export interface GanConfig {
  /**
   * Whether generator and discriminator learn against each other. Without it, to see what that adds, the generator stays
   * as it was made, and the discriminator learns from real songs of the listeners and of others alone.
   */
  readonly adversarial: boolean;
  /**
   * What generator and discriminator play for: −log D(G(z)) against cross-entropy, or the paper's
   * ½ E[1 − D(x)] + E[D(G(z))], which the discriminator makes small and the generator large.
   */
  readonly objective: 'non-saturating' | 'paper';
  /** Width of the hidden layers of both networks. */
  readonly hidden: number;
  /** Width of the discriminator's layer that compares a song with a taste. */
  readonly compare: number;
  /** Channels of the generator's convolutions. */
  readonly channels: number;
  /** Songs that each convolution looks at together; odd. */
  readonly kernel: number;
  /** Length of the noise z. */
  readonly noise: number;
  /** Softness of the generator's choice of a window of songs; towards 0 it takes exactly one. */
  readonly temperature: number;
  /** Scale of the generator's first moves away from the song that it starts from; small keeps to every mode of a taste. */
  readonly firstMove: number;
  /** Listeners per training step. */
  readonly listeners: number;
  /** Hidden songs of one listener per step; each is a real example and is matched by a generated one. */
  readonly targets: number;
  /** Songs of the catalogue per step that every listener of the step is told are not theirs. */
  readonly mismatched: number;
  /** Most songs that a listener is shown as during training. */
  readonly context: number;
  /** Weight of all mismatched songs of one real example together, the real one being 1. */
  readonly mismatchWeight: number;
  /** Weight of the listener's own songs that another wish asked for. */
  readonly unwishedWeight: number;
  /** Weight of the ranking loss, the discriminator's cross-entropy being 1. */
  readonly rankWeight: number;
  /** One-sided label smoothing: the discriminator aims at 1 − this for real songs. */
  readonly smoothing: number;
  /** Share of examples without a wish. */
  readonly noWish: number;
  /** Share of examples in which nothing is known of the listener. */
  readonly noContext: number;
  readonly discriminatorRate: number;
  readonly generatorRate: number;
  /** Decay of the discriminator's weights towards 0, per step and unit of learning rate (AdamW). */
  readonly weightDecay: number;
  /** Training steps; absent = by the size of the data. */
  readonly steps?: number;
  /** Generated songs that a ranking compares with. */
  readonly generated: number;
  /** Songs that a ranking judges with the networks; the rest of the catalogue only gets a first look. */
  readonly shortlist: number;
  /**
   * Weight of the closeness to generated songs in a ranking, the discriminator's being 1. Small: on held-out
   * songs 0 to 0.1 do equally well and more does worse.
   */
  readonly closeness: number;
  /** How much less a song counts that everybody is recommended; 0 = not at all. */
  readonly exposureWeight: number;
}

export const DEFAULT_GAN: GanConfig = {
  adversarial: true,
  objective: 'non-saturating',
  hidden: 64,
  compare: 16,
  channels: 32,
  kernel: 3,
  noise: 8,
  temperature: 0.3,
  firstMove: 0.3,
  listeners: 24,
  targets: 4,
  mismatched: 96,
  context: 32,
  mismatchWeight: 8,
  unwishedWeight: 0.25,
  rankWeight: 1,
  smoothing: 0.1,
  noWish: 0.5,
  noContext: 0.05,
  discriminatorRate: 2e-3,
  generatorRate: 5e-4,
  weightDecay: 1e-2,
  generated: 16,
  shortlist: 2048,
  closeness: 0.05,
  exposureWeight: 0.7,
};

/** What else is left out without an adversary: the smoothing that helps against one, and closeness to made-up songs. */
export const WITHOUT_GENERATOR: Partial<GanConfig> = { adversarial: false, smoothing: 0, closeness: 0 };

/** More of them take longer and rank no better. */
const MOST_STEPS = 400;

/**
 * How long to train: six passes over the interactions, at least enough to learn a small catalogue and at
 * most what a whole catalogue's training run can spend.
 */
export function stepsFor(interactions: number, config: GanConfig): number {
  if (config.steps !== undefined) return config.steps;
  const perStep = config.listeners * config.targets;
  return Math.round(Math.min(MOST_STEPS, Math.max(60, (6 * interactions) / perStep)));
}

/** Sizes of the data that the networks' shapes depend on. */
export interface Shape {
  /** Width of an item vector. */
  readonly items: number;
  /** Number of emotions. */
  readonly emotions: number;
}
