import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App, HTTPReceiver, type Installation, type Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { clientOptions } from './api.ts';
import { boltLogger } from './log.ts';
import { EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH } from './paths.ts';

export interface HttpOptions {
  readonly signingSecret: string;
  readonly apiUrl: string;
  readonly log: Logger;
  /** Left out where the app was installed by hand. */
  readonly oauth?: OAuth & { installed(installation: Installation): Promise<void> };
}

/** How workspaces install the app by themselves. */
export interface OAuth {
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the bot may do where it is installed. */
  readonly scopes: readonly string[];
  /** Where people come back to, without a slash at its end; undefined: where the app's settings say. */
  readonly publicUrl: string | undefined;
}

/** Requests that Slack signs, and the pages from which the app is installed; on the bot's own web server. */
export interface HttpEntrance extends Receiver {
  handle(request: IncomingMessage, response: ServerResponse): void;
}

const words = {
  installed: 'Reactune is in your workspace now. Go back to Slack and send /settings there, or /help.',
  cancelled: 'Nothing was installed. You can close this page.',
  failed: `That did not work. Please begin again at ${INSTALL_PATH}.`,
  closed: 'The bot is not ready. Please try again in a moment.',
};

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(`${text}\n`);
}

type ReceiverOptions = ConstructorParameters<typeof HTTPReceiver>[0];

function installing(
  { clientId, clientSecret, scopes, publicUrl, installed }: NonNullable<HttpOptions['oauth']>,
  { apiUrl, log }: HttpOptions,
): Partial<ReceiverOptions> {
  return {
    clientId,
    clientSecret,
    // Only this bot makes states, and only this bot reads them.
    stateSecret: createHmac('sha256', clientSecret).update('reactune oauth state').digest('hex'),
    scopes: [...scopes],
    ...(publicUrl !== undefined && { redirectUri: `${publicUrl}${REDIRECT_PATH}` }),
    installationStore: {
      storeInstallation: (installation) => installed(installation as Installation),
      fetchInstallation: async () => {
        throw new Error('installations are looked up elsewhere');
      },
    },
    installerOptions: {
      directInstall: true,
      installPath: INSTALL_PATH,
      redirectUriPath: REDIRECT_PATH,
      authorizationUrl: new URL('/oauth/v2/authorize', apiUrl).href,
      clientOptions: clientOptions(apiUrl, log),
      callbackOptions: {
        success: (_installation, _options, _request, response) => say(response, 200, words.installed),
        failure(error, _options, request, response) {
          const cancelled = /[?&]error=access_denied/.test(request.url ?? '');
          if (!cancelled) log.warn({ err: error }, 'an installation failed');
          say(response, cancelled ? 200 : 400, cancelled ? words.cancelled : words.failed);
        },
      },
    },
  };
}

export function createHttpEntrance(options: HttpOptions): HttpEntrance {
  const { signingSecret, log, oauth } = options;
  let open = false;

  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: [EVENTS_PATH],
    logger: boltLogger(log),
    ...(oauth && installing(oauth, options)),
  });

  return {
    init: (app: App) => receiver.init(app),
    async start() {
      open = true;
    },
    async stop() {
      open = false;
    },
    handle(request, response) {
      if (!open) return say(response, 503, words.closed);
      try {
        receiver.requestListener(request, response);
      } catch {
        // Whatever is neither Slack's nor an installation's.
        say(response, 404, 'There is nothing here.');
      }
    },
  };
}
