import { setTimeout as wait } from 'node:timers/promises';
import { openDiscord } from '../support/discord/discord.ts';

/** Everybody of a crowd reacts to a message with every emoji. */
export interface Crowd {
  readonly message: string;
  readonly people: number;
  readonly emojis: readonly string[];
  /** As fast as can be if left out. */
  readonly perSecond?: number;
}

/** Where the server is, then when (ms since the epoch) each reaction was sent, by `identity emoji`. */
export type FromServer =
  | { readonly api: string; readonly token: string; readonly guild: string; readonly channel: string }
  | { readonly sentAt: Readonly<Record<string, number>> };

/** The tests' Discord in a process of its own, so that a bot has its thread for itself. Ends with its parent. */
const discord = await openDiscord({ openApi: false });
const guild = discord.guild({ name: 'Bench', channels: ['songs'] });
const tell = (told: FromServer) => process.send?.(told);
const now = () => performance.timeOrigin + performance.now();

process.on('message', async ({ message, people, emojis, perSecond }: Crowd) => {
  const crowd = Array.from({ length: people }, (_, i) => guild.member(`listener${i}`));
  const all = emojis.flatMap((emoji) => crowd.map((person) => ({ person, emoji })));
  const sentAt: Record<string, number> = {};
  const from = performance.now();
  for (const [n, { person, emoji }] of all.entries()) {
    const due = perSecond === undefined ? 0 : from + (n / perSecond) * 1_000;
    // What is written goes out meanwhile.
    if (n % 100 === 99 || due > performance.now()) await wait(Math.max(0, due - performance.now()));
    sentAt[`discord:${person.id} ${emoji}`] = now();
    await person.reacts(message, emoji);
  }
  tell({ sentAt });
});
process.on('disconnect', () => process.exit());
const { api, token } = discord;
tell({ api, token, guild: guild.id, channel: guild.channel('songs').id });
