import type { MessageRef } from '../../../src/domain/post.ts';
import { loadTaxonomy } from '../../../src/domain/taxonomy.ts';
import { usables } from '../../support/slack/people/elements.ts';
import type { Person } from '../../support/slack/people/person.ts';
import type { Sight } from '../../support/slack/people/sight.ts';
import { type ContractSight, describeChatPlatform } from '../platform-contract.ts';
import { openBot, type Transport, typed, wordsOf } from './bot.ts';

const { emotions } = loadTaxonomy('data/emotions.json');
const nameOf = (emoji: string) => emotions.find((emotion) => emotion.emoji === emoji)?.slack ?? 'heart';

function look(person: Person, sight: Sight): ContractSight {
  const buttons = usables(sight.blocks as Parameters<typeof usables>[0]);
  const links = buttons.flatMap(({ label, element: { url } }) =>
    typeof url === 'string' ? [{ label, url }] : [],
  );
  return {
    text: wordsOf(sight),
    links,
    async presses(what) {
      const { failure } = await person.clicks(sight, what);
      if (failure !== undefined) throw new Error(failure);
    },
  };
}

for (const transport of ['sockets', 'http'] satisfies Transport[]) {
  describeChatPlatform(`Slack over ${transport}`, async () => {
    const bot = await openBot({ transport, start: false });
    const { platform, choir, songs, slack, close } = bot;
    const channel = choir.channel('songs');
    const found = (ref: MessageRef) =>
      slack.until(() => slack.message(ref.channel, ref.message), 'the message');

    return {
      platform,
      place: songs,
      async member(name) {
        const person = choir.member(name);
        return {
          identity: `slack:${choir.id}:${person.id}`,
          async reacts(ref: MessageRef, emoji: string, present: boolean) {
            const message = await found(ref);
            if (present) person.reacts(message, nameOf(emoji));
            else person.unreacts(message, nameOf(emoji));
          },
          async commands(command: string, options: Readonly<Record<string, string | number | boolean>>) {
            await person.types(`/${command}`, typed(options), channel);
          },
          async presses(ref: MessageRef, action: string) {
            await person.clicks(await found(ref), action);
          },
          async completes(command: string, option: string, written: string) {
            await person.types(`/${command}`, '', channel);
            const form = await slack.until(() => person.modal, 'a form');
            await person.searches(form, `complete:${command}:${option}`, written);
            const offered = slack.latest('block_suggestion').answer as {
              options: { text: { text: string }; value: string }[];
            };
            return offered.options.map(({ text, value }) => ({ name: text.text, value }));
          },
          reads: async () => person.sees(channel).map(wordsOf),
          sees: async () => person.sees(channel).map((sight) => look(person, sight)),
          alone: async () => person.sees(person.direct()).map((sight) => look(person, sight)),
        };
      },
      async makeModerator(name) {
        choir.changesRole(choir.member(name), 'admin');
        await slack.deliveries.settled();
      },
      async outOfReach() {
        const person = choir.member('zoe');
        choir.deactivates(person);
        return `slack:${choir.id}:${person.id}`;
      },
      ...(transport === 'http' && {
        async joins(name: string) {
          const other = slack.workspace({ name, installed: false, channels: ['music'] });
          await other.member('olga').installsFrom(`${bot.url}/slack/install`);
          return `slack:${other.id}`;
        },
        async leaves() {
          choir.uninstalls();
        },
      }),
      close,
    };
  });
}
