import { withIds } from './blocks/blocks.ts';
import type { Block, Installation, Payload, User, World } from './world.ts';

/** A modal or a home tab as it stands. */
export interface View {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly user: User;
  readonly installation: Installation;
  /** As the app sent it, with ids on every block. */
  content: Payload & { readonly blocks: Block[] };
  hash: string;
  /** What was entered so far, by block and action. */
  values: Record<string, Record<string, Payload>>;
  rootId: string;
  previousId: string | undefined;
}

const MOST_STACKED = 3;

/** Everything that apps have on people's screens besides messages. */
export class Views {
  private readonly world: World;
  private readonly homes = new Map<string, View>();
  /** By user and bot, the bottom one first. */
  private readonly stacks = new Map<string, View[]>();

  constructor(world: World) {
    this.world = world;
  }

  home(user: User, installation: Installation): View | undefined {
    return this.homes.get(key(user, installation));
  }

  /** The modals that a person has open, the top one last. */
  stack(user: User, installation: Installation): readonly View[] {
    return this.stacks.get(key(user, installation)) ?? [];
  }

  /** The modal on top of everything, whichever installation opened it. */
  top(user: User): View | undefined {
    for (const stack of this.stacks.values()) if (stack[0]?.user.id === user.id) return stack.at(-1);
    return undefined;
  }

  byId(id: string): View | undefined {
    return this.all().find((view) => view.id === id);
  }

  byExternalId(id: string, installation: Installation): View | undefined {
    return this.all().find(
      (view) => view.content.external_id === id && view.installation.bot === installation.bot,
    );
  }

  /** Opens a first modal; whatever was open of this app is replaced. */
  open(user: User, installation: Installation, content: Payload): View {
    const view = this.make('modal', user, installation, content);
    this.stacks.set(key(user, installation), [view]);
    this.world.wake();
    return view;
  }

  /** Undefined: there are three already. */
  push(user: User, installation: Installation, content: Payload): View | undefined {
    const stack = this.stacks.get(key(user, installation)) ?? [];
    if (stack.length >= MOST_STACKED) return undefined;
    const view = this.make('modal', user, installation, content);
    view.previousId = stack.at(-1)?.id;
    view.rootId = stack[0]?.id ?? view.id;
    this.stacks.set(key(user, installation), [...stack, view]);
    this.world.wake();
    return view;
  }

  publish(user: User, installation: Installation, content: Payload): View {
    const before = this.home(user, installation);
    if (before !== undefined) {
      this.update(before, content);
      return before;
    }
    const view = this.make('home', user, installation, content);
    this.homes.set(key(user, installation), view);
    this.world.wake();
    return view;
  }

  /** Shows something else in its place. What was entered in blocks that stay is kept. */
  update(view: View, content: Payload): void {
    const blocks = this.blocksOf(content);
    view.content = { ...content, blocks };
    view.hash = this.newHash();
    const kept = new Set(blocks.map(({ block_id }) => block_id));
    view.values = Object.fromEntries(Object.entries(view.values).filter(([block]) => kept.has(block)));
    this.world.wake();
  }

  /** Closes the top modal, or all of them. */
  close(view: View, all = false): void {
    const of = key(view.user, view.installation);
    const left = all ? [] : (this.stacks.get(of) ?? []).filter((one) => one !== view);
    if (left.length === 0) this.stacks.delete(of);
    else this.stacks.set(of, left);
    this.world.wake();
  }

  payload(view: View): Payload {
    const { content, installation } = view;
    const team = installation.team ?? view.user.team;
    return {
      id: view.id,
      team_id: view.user.team.id,
      app_id: this.world.app.id,
      app_installed_team_id: team.id,
      bot_id: installation.botId,
      type: view.type,
      title: content.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
      blocks: content.blocks,
      close: content.close ?? null,
      submit: content.submit ?? null,
      private_metadata: content.private_metadata ?? '',
      callback_id: content.callback_id ?? '',
      external_id: content.external_id ?? '',
      clear_on_close: content.clear_on_close ?? false,
      notify_on_close: content.notify_on_close ?? false,
      state: { values: view.values },
      hash: view.hash,
      root_view_id: view.rootId,
      previous_view_id: view.previousId ?? null,
    };
  }

  private all(): View[] {
    return [...this.homes.values(), ...[...this.stacks.values()].flat()];
  }

  private make(type: View['type'], user: User, installation: Installation, content: Payload): View {
    const id = this.world.ids.next('V');
    return {
      id,
      type,
      user,
      installation,
      content: { ...content, blocks: this.blocksOf(content) },
      hash: this.newHash(),
      values: {},
      rootId: id,
      previousId: undefined,
    };
  }

  private blocksOf(content: Payload): Block[] {
    return withIds((content.blocks ?? []) as Block[], () => this.world.ids.word());
  }

  private newHash(): string {
    return `${Math.floor(this.world.clock.now() / 1000)}.${this.world.ids.word()}`;
  }
}

function key(user: User, installation: Installation): string {
  return `${user.id} ${installation.bot.id}`;
}
