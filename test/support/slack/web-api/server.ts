import type { IncomingMessage, ServerResponse } from 'node:http';
import { RefusedCall } from '../errors.ts';
import type { Fault, Faults } from '../faults.ts';
import type { Limits } from '../limits.ts';
import { checkArguments, type Reference } from '../reference.ts';
import type { Installation, Payload, Team } from '../world.ts';
import { Args, readBody } from './arguments.ts';
import { AUTH } from './auth.ts';
import { CHAT } from './chat.ts';
import { CONVERSATIONS } from './conversations.ts';
import type { Call, Method, Methods, Services } from './method.ts';
import { PEOPLE } from './people.ts';
import { REACTIONS } from './reactions.ts';
import { FILES } from './uploads.ts';
import { VIEWS } from './views.ts';

export const METHODS: Methods = {
  ...AUTH,
  ...CHAT,
  ...REACTIONS,
  ...CONVERSATIONS,
  ...PEOPLE,
  ...FILES,
  ...VIEWS,
};

/** One call as it came in and what was answered, for tests and benchmarks that count. */
export interface LoggedCall {
  readonly method: string;
  readonly team: string | undefined;
  readonly args: Payload;
  readonly at: number;
  /** 200 unless it was limited or failed. */
  readonly status: number;
  readonly answer: Payload;
}

export interface WebApiOptions extends Services {
  readonly faults: Faults;
  readonly limits: Limits;
  readonly reference: Reference | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: Payload;
  readonly headers: Record<string, string>;
  readonly raw?: string;
}

/** Slack's Web API: checks each call like Slack, and then a little more. */
export class WebApi {
  readonly requests: LoggedCall[] = [];
  private readonly options: WebApiOptions;

  constructor(options: WebApiOptions) {
    this.options = options;
  }

  async handle(
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    const { world, faults } = this.options;
    const at = world.clock.now();
    const contentType = request.headers['content-type'] ?? '';
    const query = Object.fromEntries(new URL(request.url ?? '/', 'http://slack').searchParams);
    const form = await readBody(contentType, body);
    const raw: Payload = { ...query, ...(typeof form === 'string' ? {} : form) };
    const token = tokenOf(request, raw, contentType);
    const installation = token === undefined ? undefined : world.installations.get(token);
    const team =
      installation === undefined ? undefined : teamOf(installation, raw, (id) => world.teams.get(id));
    const method = METHODS[name];
    const channel =
      method?.channelArgument === undefined ? undefined : (raw[method.channelArgument] as string | undefined);
    const fault = faults.next({ method: name, team: team?.id, channel });
    if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    const answer =
      this.faulty(fault) ??
      (typeof form === 'string'
        ? this.refusal(name, new RefusedCall(form, {}, true))
        : await this.answer(name, method, raw, { token, installation, team, channel }));
    if (
      contentType.startsWith('application/json') &&
      !contentType.includes('charset') &&
      answer.body.ok === true
    )
      warn(answer.body, 'missing_charset');
    this.requests.push({
      method: name,
      team: team?.id,
      args: raw,
      at,
      status: answer.status,
      answer: answer.body,
    });
    world.wake();
    if (fault?.hangUp) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, {
      'Content-Type': 'application/json; charset=utf-8',
      ...answer.headers,
    });
    response.end(answer.raw ?? JSON.stringify(answer.body));
  }

  private faulty(fault: Fault | undefined): Answer | undefined {
    if (fault?.retryAfter !== undefined) return limited(fault.retryAfter);
    if (fault?.status !== undefined)
      return { status: fault.status, body: { ok: false }, headers: {}, raw: 'upstream trouble' };
    if (fault?.error !== undefined)
      return { status: 200, body: { ok: false, error: fault.error }, headers: {} };
    return undefined;
  }

  private async answer(
    name: string,
    method: Method | undefined,
    raw: Payload,
    who: {
      token: string | undefined;
      installation: Installation | undefined;
      team: Team | undefined;
      channel: string | undefined;
    },
  ): Promise<Answer> {
    const { world, limits } = this.options;
    const { installation } = who;
    const headers: Record<string, string> = {
      ...(installation && { 'x-oauth-scopes': [...installation.scopes].join(',') }),
      ...(method?.scopes && { 'x-accepted-oauth-scopes': method.scopes.join(',') }),
    };
    try {
      if (method === undefined) throw new RefusedCall('unknown_method', { req_method: name }, true);
      this.authenticate(method, who.token, installation);
      const wait = limits.count(name, method.tier, who.team?.id ?? 'app', who.channel);
      if (wait !== undefined) return limited(wait);
      if (method.scopes && installation && !method.scopes.some((scope) => installation.scopes.has(scope)))
        throw new RefusedCall('missing_scope', {
          needed: method.scopes[0],
          provided: [...installation.scopes].join(','),
        });
      this.checkReference(name, raw);
      this.checkTeam(name, raw, installation);
      const warnings: string[] = [];
      // Methods that need no bot never look at one.
      const call = {
        ...this.options,
        args: new Args(raw),
        installation,
        bot: installation?.bot,
        team: who.team,
        warn: (code: string) => void warnings.push(code),
      } as Call;
      const body: Payload = { ok: true, ...(await method.run(call)) };
      for (const code of warnings) warn(body, code);
      return { status: 200, body, headers };
    } catch (error) {
      if (error instanceof RefusedCall) return { ...this.refusal(name, error), headers };
      world.violation(
        `the test server broke at ${name}: ${error instanceof Error ? error.stack : String(error)}`,
      );
      return { status: 500, body: { ok: false, error: 'internal_error' }, headers };
    }
  }

  private authenticate(
    method: Method,
    token: string | undefined,
    installation: Installation | undefined,
  ): void {
    if (method.token === 'none') return;
    if (token === undefined || token === '') throw new RefusedCall('not_authed');
    const isApp = token === this.options.world.app.appToken;
    if (method.token === 'app') {
      if (isApp) return;
      throw new RefusedCall(installation === undefined ? 'invalid_auth' : 'not_allowed_token_type');
    }
    if (isApp) throw new RefusedCall('not_allowed_token_type', {}, true);
    if (installation === undefined) throw new RefusedCall('invalid_auth');
    if (installation.dead !== undefined) throw new RefusedCall(installation.dead);
  }

  private checkReference(name: string, raw: Payload): void {
    const reference = this.options.reference?.method(name);
    if (reference === undefined) return;
    const { unknown, errors } = checkArguments(reference, raw);
    for (const one of unknown) this.options.world.violation(`${name} knows no argument ${one}`);
    if (errors.length > 0)
      throw new RefusedCall(
        'invalid_arguments',
        { errors, response_metadata: { messages: errors.map((text) => `[ERROR] ${text}`) } },
        true,
      );
  }

  /** An organisation's token has to say which workspace it means where lists differ by workspace. */
  private checkTeam(name: string, raw: Payload, installation: Installation | undefined): void {
    if (installation?.enterprise === undefined || raw.team_id !== undefined) return;
    const reference = this.options.reference?.method(name);
    if (reference?.args.team_id !== undefined && reference.errors.has('missing_argument'))
      throw new RefusedCall('missing_argument', { arg: 'team_id' });
  }

  private refusal(name: string, error: RefusedCall): Answer {
    const { world, reference } = this.options;
    if (error.mistake)
      world.violation(`${name} was refused with ${error.code} ${JSON.stringify(error.more.errors ?? '')}`);
    const known = reference?.method(name)?.errors;
    if (known !== undefined && !known.has(error.code))
      world.violation(`the test server answered ${name} with ${error.code}, which Slack does not document`);
    return { status: 200, body: { ok: false, error: error.code, ...error.more }, headers: {} };
  }
}

function limited(seconds: number): Answer {
  return {
    status: 429,
    body: { ok: false, error: 'ratelimited' },
    headers: { 'Retry-After': String(seconds) },
  };
}

function warn(body: Payload, code: string): void {
  const metadata = (body.response_metadata ?? {}) as { warnings?: string[] };
  body.warning = body.warning === undefined ? code : `${String(body.warning)},${code}`;
  body.response_metadata = { ...metadata, warnings: [...(metadata.warnings ?? []), code] };
}

/** From the header, or from a form; Slack does not look for tokens in JSON. */
function tokenOf(request: IncomingMessage, raw: Payload, contentType: string): string | undefined {
  const header = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (header !== undefined) return header;
  return contentType.startsWith('application/json') ? undefined : (raw.token as string | undefined);
}

/** An organisation's token acts in the workspace that the call names. */
function teamOf(
  installation: Installation,
  raw: Payload,
  find: (id: string) => Team | undefined,
): Team | undefined {
  if (installation.team !== undefined) return installation.team;
  const teams = [...(installation.enterprise?.teams ?? [])];
  const named = typeof raw.team_id === 'string' ? find(raw.team_id) : undefined;
  return named !== undefined && teams.includes(named) ? named : teams[0];
}
