import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { ACKNOWLEDGE_WITHIN_MS } from './deliveries.ts';
import type { Envelope, Outcome, Transport } from './envelope.ts';
import type { Payload, World } from './world.ts';

/** A request to the app as it goes over the wire. */
export interface SignedRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface SignOptions {
  /** Seconds. */
  readonly at?: number;
  readonly secret?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Slack's signature, version 0: HMAC-SHA256 over `v0:timestamp:body`. */
export function signature(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** Signed requests to the address that the app listens at. */
export class HttpTransport implements Transport {
  /** Where events, commands and interactions go. */
  url: string | undefined;
  /** The latest requests, to be sent once more by whoever recorded them. */
  readonly sent: SignedRequest[] = [];
  private readonly world: World;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(world: World) {
    this.world = world;
  }

  sign(body: string, options: SignOptions = {}): SignedRequest {
    const { app, clock } = this.world;
    const at = options.at ?? Math.floor(clock.now() / 1000);
    return {
      body,
      headers: {
        'Content-Type': options.contentType ?? 'application/json',
        'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'X-Slack-Request-Timestamp': String(at),
        'X-Slack-Signature': signature(options.secret ?? app.signingSecret, at, body),
        ...options.headers,
      },
    };
  }

  /** Posts anything: what was signed by `sign`, the same again, or what was tampered with since. */
  post({ body, headers }: SignedRequest, timeoutMs?: number): Promise<HttpAnswer> {
    const { url } = this;
    if (url === undefined) throw new Error('the app listens nowhere: `await slack.postsTo(url)` first');
    return new Promise((resolve, reject) => {
      const sending = request(
        url,
        {
          method: 'POST',
          agent: this.agent,
          headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(parts).toString(),
              headers: response.headers,
            }),
          );
        },
      );
      if (timeoutMs !== undefined)
        sending.setTimeout(timeoutMs, () => sending.destroy(new Error('http_timeout')));
      sending.on('error', reject);
      sending.end(body);
    });
  }

  /** The same request with one character of its signature changed. */
  forged({ body, headers }: SignedRequest): SignedRequest {
    const signed = headers['X-Slack-Signature'] ?? '';
    const last = signed.endsWith('0') ? '1' : '0';
    return { body, headers: { ...headers, 'X-Slack-Signature': `${signed.slice(0, -1)}${last}` } };
  }

  /** The hand-shake before Slack accepts an address. */
  async verify(): Promise<boolean> {
    const challenge = this.world.ids.word();
    const { verificationToken: token } = this.world.app;
    const answer = await this.post(this.sign(JSON.stringify({ token, challenge, type: 'url_verification' })));
    if (answer.status !== 200) return false;
    return answer.body === challenge || parseAnswer(answer.body).challenge === challenge;
  }

  send(envelope: Envelope, settle: (outcome: Outcome) => void): void {
    const signed = this.sign(bodyOf(envelope), {
      contentType: envelope.kind === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
      headers:
        envelope.retryAttempt > 0
          ? {
              'X-Slack-Retry-Num': String(envelope.retryAttempt),
              'X-Slack-Retry-Reason': envelope.retryReason.replace(/^timeout$/, 'http_timeout'),
            }
          : {},
    });
    this.sent.push(signed);
    if (this.sent.length > 200) this.sent.splice(0, 100);
    this.post(signed, envelope.kind === 'events_api' ? ACKNOWLEDGE_WITHIN_MS : undefined).then(
      ({ status, body, headers }) => {
        if (status >= 200 && status < 300) settle({ acknowledged: true, answer: parseAnswer(body) });
        else if (headers['x-slack-no-retry'] === '1') settle({ acknowledged: true, answer: {} });
        else settle({ acknowledged: false, reason: 'http_error' });
      },
      (error: Error) =>
        settle({
          acknowledged: false,
          reason: error.message === 'http_timeout' ? 'http_timeout' : 'connection_failed',
        }),
    );
  }

  close(): void {
    this.agent.destroy();
  }
}

function bodyOf({ kind, payload }: Envelope): string {
  if (kind === 'events_api') return JSON.stringify(payload);
  if (kind === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const fields = Object.entries(payload).map(([name, value]) => [name, String(value)]);
  return new URLSearchParams(Object.fromEntries(fields) as Record<string, string>).toString();
}

/** JSON as it is; anything else is the text of a message. */
function parseAnswer(body: string): Payload {
  if (body.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Payload;
  } catch {
    // Not JSON: said as it is.
  }
  return { text: body };
}
