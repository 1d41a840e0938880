import { z } from 'zod';

interface Common {
  /** With a slash at its end, as Slack's client wants it. */
  readonly apiUrl: string;
  /** Put before the name of every slash command; often empty. */
  readonly commandPrefix: string;
  /** Names of variables that are set and have no say in this mode. */
  readonly unused: readonly string[];
}

/** One workspace, over a connection that the bot opens itself. */
interface Socket extends Common {
  readonly mode: 'socket';
  readonly botToken: string;
  /** Begins with `xapp-`. */
  readonly appToken: string;
}

/** Slack sends signed requests to the bot's web server. */
interface Http extends Common {
  readonly mode: 'http';
  readonly signingSecret: string;
}

/** One workspace, in which the app was installed by hand. */
interface HttpForOne extends Http {
  readonly botToken: string;
  readonly oauth?: undefined;
}

/** Any number of workspaces, which install the app themselves. */
interface HttpForMany extends Http {
  readonly botToken?: undefined;
  readonly oauth: {
    readonly clientId: string;
    readonly clientSecret: string;
    /** Where people come back to, without a slash at its end. */
    readonly publicUrl: string;
  };
}

/** How the bot is on Slack. */
export type SlackConfig = Socket | HttpForOne | HttpForMany;

const SLACK_API = 'https://slack.com/api/';
const APP_PAGE = 'api.slack.com/apps → your app';
const WHERE = {
  SLACK_BOT_TOKEN: `The bot token begins with xoxb- and is at ${APP_PAGE} → OAuth & Permissions`,
  SLACK_APP_TOKEN: `The app-level token begins with xapp- and is at ${APP_PAGE} → Basic Information → App-Level Tokens`,
  SLACK_SIGNING_SECRET: `The signing secret is at ${APP_PAGE} → Basic Information`,
  SLACK_CLIENT_ID: `The client ID is at ${APP_PAGE} → Basic Information`,
  SLACK_CLIENT_SECRET: `The client secret is at ${APP_PAGE} → Basic Information`,
};
type Credential = keyof typeof WHERE;

/** What was pasted, as far as its form tells. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [
    /^xoxe[.-]/,
    'is a token that expires: token rotation is on for the app and cannot be switched off, so make the app anew',
  ],
  [/^xoxb-/, 'is a bot token: it belongs in SLACK_BOT_TOKEN'],
  [/^xapp-/, 'is an app-level token: it belongs in SLACK_APP_TOKEN'],
  [/^xox[ps]-/, "is a person's token, not the bot's"],
  [/^\d+\.\d+$/, 'looks like the client ID: it belongs in SLACK_CLIENT_ID'],
  [/^A[A-Z0-9]{8,}$/, "looks like the app's ID, which is not needed"],
  [/^[0-9a-f]{32}$/, 'looks like a signing or client secret'],
  [/^Bearer\s/i, 'is the token alone: leave the word "Bearer" before it out'],
];

/** The value itself is never part of a message. */
function credential(name: Credential, form: RegExp, otherwise: string) {
  return z
    .string()
    .trim()
    .superRefine((value, context) => {
      if (form.test(value)) return;
      const kind =
        KINDS.find(([pattern, text]) => pattern.test(value) && !text.endsWith(name))?.[1] ?? otherwise;
      context.addIssue({ code: 'custom', message: `${kind}. ${WHERE[name]}` });
    })
    .optional();
}

const secretForm = /^[0-9a-f]{32}$/;
const notASecret = 'does not look like one (32 of 0-9 and a-f)';

/** What may stand before the names of commands. */
export const commandPrefix = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,19}$/,
    'must be 1 to 20 of a-z, 0-9 and -, without the slash: reactune- makes /reactune-playlist',
  )
  .default('');

const variables = z.object({
  SLACK_BOT_TOKEN: credential(
    'SLACK_BOT_TOKEN',
    /^xoxb-[\w-]{10,}$/,
    "does not look like a bot's token, or a part of it is missing",
  ),
  SLACK_APP_TOKEN: credential(
    'SLACK_APP_TOKEN',
    /^xapp-[\w-]{10,}$/,
    "does not look like an app's token, or a part of it is missing",
  ),
  SLACK_SIGNING_SECRET: credential('SLACK_SIGNING_SECRET', secretForm, notASecret),
  SLACK_CLIENT_ID: credential(
    'SLACK_CLIENT_ID',
    /^\d+\.\d+$/,
    'does not look like one (two numbers with a dot between them)',
  ),
  SLACK_CLIENT_SECRET: credential('SLACK_CLIENT_SECRET', secretForm, notASecret),
  SLACK_API_URL: z
    .url({ protocol: /^https?$/, error: `must be an address such as ${SLACK_API}` })
    .transform((url) => url.replace(/\/*$/, '/'))
    .default(SLACK_API),
  SLACK_COMMAND_PREFIX: commandPrefix,
});

/** An address that Slack leads people and requests to. */
function publicUrlProblem(url: string | undefined, apiUrl: unknown): string | undefined {
  const here = 'PUBLIC_URL must be the https address under which Slack reaches this bot, such as';
  if (url === undefined || url === '') {
    return `${here} https://reactune.example.org: many workspaces install the app there. For one workspace, set SLACK_BOT_TOKEN instead of SLACK_CLIENT_ID and SLACK_CLIENT_SECRET.`;
  }
  // An emulator does without certificates.
  const real = apiUrl === undefined || /^https:\/\/([a-z-]+\.)?slack(-gov)?\.com\//.test(`${apiUrl}`);
  return real && /^http:/i.test(url)
    ? `${here} ${url.replace(/^http:/i, 'https:')}: Slack takes no http.`
    : undefined;
}

type Given = Readonly<Record<string, string | undefined>>;

/** Which variables lack for the way that the ones that are there point to. */
function combinationProblems(given: Given): string[] {
  const has = (name: Credential) => given[name] !== undefined;
  const missing = (name: Credential, why: string) =>
    has(name) ? [] : [`${name} is missing: ${why}. ${WHERE[name]}.`];
  if (has('SLACK_APP_TOKEN')) {
    return missing(
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN means Socket Mode, which needs both (for many workspaces over HTTP, leave SLACK_APP_TOKEN out)',
    );
  }
  if (has('SLACK_CLIENT_ID') || has('SLACK_CLIENT_SECRET')) {
    const why =
      'many workspaces over HTTP need SLACK_SIGNING_SECRET, SLACK_CLIENT_ID and SLACK_CLIENT_SECRET';
    const problem = publicUrlProblem(given.PUBLIC_URL, given.SLACK_API_URL);
    return [
      ...missing('SLACK_SIGNING_SECRET', why),
      ...missing('SLACK_CLIENT_ID', why),
      ...missing('SLACK_CLIENT_SECRET', why),
      ...(problem === undefined ? [] : [problem]),
    ];
  }
  if (has('SLACK_SIGNING_SECRET')) {
    return missing(
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET means HTTP, which needs the bot token for one workspace, or SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and PUBLIC_URL for many',
    );
  }
  if (!has('SLACK_BOT_TOKEN')) return [];
  return [
    `SLACK_APP_TOKEN is missing: Socket Mode needs it beside SLACK_BOT_TOKEN (over HTTP, set SLACK_SIGNING_SECRET instead). ${WHERE.SLACK_APP_TOKEN}.`,
  ];
}

const CREDENTIALS = Object.keys(WHERE) as readonly Credential[];

/**
 * Reads what concerns Slack, all of it together.
 * @param given variables that are set; an empty one is not
 * @returns every mistake, each a sentence with its fix; or the settings, undefined where Slack is not set up
 */
export function readSlackConfig(given: Given): { problems: readonly string[] } | { slack?: SlackConfig } {
  const parsed = variables.safeParse(given);
  const mistakes = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`);
  const problems = [...mistakes, ...combinationProblems(given)];
  if (problems.length > 0 || !parsed.success) return { problems };

  const values = parsed.data;
  const { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken } = values;
  const common = (used: readonly Credential[]) => ({
    apiUrl: values.SLACK_API_URL,
    commandPrefix: values.SLACK_COMMAND_PREFIX,
    unused: CREDENTIALS.filter((name) => values[name] !== undefined && !used.includes(name)),
  });
  if (botToken !== undefined && appToken !== undefined) {
    return {
      slack: { mode: 'socket', botToken, appToken, ...common(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN']) },
    };
  }
  const { SLACK_SIGNING_SECRET: signingSecret, SLACK_CLIENT_ID: clientId } = values;
  const { SLACK_CLIENT_SECRET: clientSecret } = values;
  if (signingSecret === undefined) return {};
  if (clientId !== undefined && clientSecret !== undefined) {
    const publicUrl = String(given.PUBLIC_URL).replace(/\/+$/, '');
    return {
      slack: {
        mode: 'http',
        signingSecret,
        oauth: { clientId, clientSecret, publicUrl },
        ...common(['SLACK_SIGNING_SECRET', 'SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET']),
      },
    };
  }
  if (botToken === undefined) return {};
  return {
    slack: { mode: 'http', signingSecret, botToken, ...common(['SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN']) },
  };
}
