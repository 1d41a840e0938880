import path from 'node:path';
import { z } from 'zod';
import { INSTALL_PATH } from '../../chat/slack/paths.ts';
import type { Config } from '../../config.ts';
import type { StoredInstallation } from '../../domain/installation.ts';
import type { Community } from '../../domain/member.ts';
import { installationSeal } from '../../installations/installations.ts';
import type { SealingKey } from '../../secrets/key.ts';
import { unseal } from '../../secrets/seal.ts';
import { checkKeys, keysAtHand } from '../../secrets/secrets.ts';
import { SecretsError } from '../../secrets/secrets-error.ts';
import type { SlackConfig } from '../../slack-config.ts';
import { readStore, type StoreView } from '../../store/lowdb/read-store.ts';
import { StoreError } from '../../store/store.ts';
import { openSlackApi, refusalCode, slackProblem } from '../slack-api.ts';
import { type Check, type Finding, fine, note, wrong } from './check.ts';
import { publicAddress } from './public-address.ts';
import { lookAtWorkspace } from './slack-workspace.ts';

/** Up to this many workspaces get their lines; of more, the broken ones do. */
const FEW = 10;
/** Workspaces that are looked at side by side. */
const AT_ONCE = 4;

const connectionForm = z.object({ url: z.url({ protocol: /^wss?$/ }) });
const sealedToken = z.object({ bot: z.object({ token: z.string() }) });

const NEW_APP_TOKEN =
  'api.slack.com/apps → your app → Basic Information → App-Level Tokens → Generate, with the scope connections:write, and put it into .env';

/** Asks for the address of a connection, without opening it: events would come here instead of to the bot. */
async function appToken({ appToken: token, apiUrl }: SlackConfig & { mode: 'socket' }): Promise<Finding> {
  try {
    const { body } = await openSlackApi(token, apiUrl)('apps.connections.open');
    return fine(
      `SLACK_APP_TOKEN: valid, may open connections (at ${new URL(connectionForm.parse(body).url).host})`,
    );
  } catch (error) {
    switch (refusalCode(error)) {
      case 'missing_scope':
      case 'no_permission':
        return wrong('SLACK_APP_TOKEN: it lacks the scope connections:write', NEW_APP_TOKEN);
      case 'forbidden_team':
        return wrong(
          'Socket Mode is switched off for the app, or not allowed in this workspace',
          'api.slack.com/apps → your app → Socket Mode → Enable',
        );
    }
    const problem = slackProblem(error, { apiUrl, whose: 'SLACK_APP_TOKEN', revoked: NEW_APP_TOKEN });
    if (problem === undefined) throw error;
    return wrong(problem.what, problem.fix);
  }
}

function mode(slack: SlackConfig): Finding {
  if (slack.mode === 'socket') return fine('Mode: Socket Mode, for one workspace, without a public address');
  return slack.oauth
    ? fine(`Mode: HTTP, for many workspaces; they install the app at ${slack.oauth.publicUrl}${INSTALL_PATH}`)
    : fine('Mode: HTTP, for one workspace');
}

/** The token of an installation, and nothing else of it. */
function tokenOf({ key, sealed }: StoredInstallation, keys: readonly SealingKey[]): string {
  return sealedToken.parse(JSON.parse(unseal(sealed, keys, installationSeal(key)))).bot.token;
}

/** Of many workspaces: how many are fine or wait for a channel, and each one that is broken. */
function summed(groups: readonly (readonly Finding[])[]): readonly Finding[] {
  const broken = groups.filter((group) => group.some(({ mark }) => mark === 'wrong'));
  const waiting = groups.filter(
    (group) => !broken.includes(group) && group.some(({ mark }) => mark === 'note'),
  );
  const well = groups.length - broken.length - waiting.length;
  return [
    ...(well > 0 ? [fine(`${well} workspaces: the bot may do all it needs in the chosen channel`)] : []),
    ...(waiting.length > 0
      ? [note(`${waiting.length} workspaces: no channel chosen yet, or one that needs a look`)]
      : []),
    ...broken.flat().filter(({ mark }) => mark === 'wrong'),
  ];
}

async function lookAtInstallations(
  { stateDir, encryptionKeys }: Config,
  apiUrl: string,
  { installations, communities }: StoreView,
): Promise<readonly Finding[]> {
  if (installations.length === 0)
    return [note('Installations: none yet', 'open the address above and install it')];
  let keys: readonly SealingKey[];
  try {
    keys = await keysAtHand({ stateDir, keys: encryptionKeys });
    checkKeys(
      keys,
      installations.map(({ sealed }) => sealed),
      stateDir,
    );
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return [wrong(`Installations: ${error.message}`, 'then run this again')];
  }
  const groups: (readonly Finding[])[] = new Array(installations.length);
  const left = installations.entries();
  // All take from the same iterator.
  const worker = async () => {
    for (const [index, installation] of left) {
      groups[index] = await lookAtInstallation(installation, keys, apiUrl, communities);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const count = `${installations.length} ${installations.length === 1 ? 'workspace' : 'workspaces'}`;
  return [
    fine(`Installations: in ${count}, encrypted with a key that is here`),
    ...(groups.length > FEW ? summed(groups) : groups.flat()),
  ];
}

async function lookAtInstallation(
  installation: StoredInstallation,
  keys: readonly SealingKey[],
  apiUrl: string,
  communities: readonly Community[],
): Promise<readonly Finding[]> {
  const where = installation.teamId ?? installation.enterpriseId ?? installation.key;
  let token: string;
  try {
    token = tokenOf(installation, keys);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return [
      wrong(`Installation in ${where}: ${error.message}`, 'or have the workspace install the app again'),
    ];
  }
  return lookAtWorkspace({
    token,
    apiUrl,
    whose: `the token from ${where}`,
    revoked: 'have the workspace install the app again',
    communities,
  });
}

async function* examine(config: Config, slack: SlackConfig): AsyncIterable<Finding> {
  yield mode(slack);
  if (slack.unused.length > 0) yield note(`Not used in this mode: ${slack.unused.join(', ')}`);
  if (slack.mode === 'socket') yield await appToken(slack);
  else yield fine('SLACK_SIGNING_SECRET: set; whether it is right shows with the first request from Slack');
  if (slack.mode === 'http') {
    const publicUrl = slack.oauth?.publicUrl ?? config.publicUrl;
    yield publicUrl === undefined
      ? note(
          'PUBLIC_URL: not set, so whether Slack can reach the bot is not known here',
          'set it to the https address that Slack sends its requests to',
        )
      : await publicAddress(publicUrl, 'Slack');
  }

  let view: StoreView = { communities: [], installations: [], spotifyLinks: [] };
  try {
    view = (await readStore(path.join(config.stateDir, 'store'))) ?? view;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    yield wrong(`Store: ${error.message}`, 'then run this again');
    return;
  }
  const { apiUrl } = slack;
  if (slack.botToken === undefined) yield* await lookAtInstallations(config, apiUrl, view);
  else {
    const { communities } = view;
    yield* await lookAtWorkspace({ token: slack.botToken, apiUrl, whose: 'SLACK_BOT_TOKEN', communities });
  }
  yield note(
    'Commands: Slack does not show which ones the app has',
    'after an update of Reactune, or another prefix, paste the manifest again: npm run reactune -- slack-manifest',
  );
}

export const slackCheck: Check = {
  title: 'Slack',
  async *run(config) {
    if (config.slack === undefined) {
      yield note('off: there are no tokens', 'docs/slack.md shows how to set it up in ten minutes');
      return;
    }
    yield* examine(config, config.slack);
  },
};
