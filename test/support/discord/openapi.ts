import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OpenAPIValidator } from 'openapi-backend';
import { PACKAGE_ROOT } from '../../../src/paths.ts';
import { RefusedRequest } from './errors.ts';
import type { Route } from './rest/route.ts';

const DOCUMENT = path.resolve(PACKAGE_ROOT, '../shared/specs/discord-openapi.json');

type Definition = ConstructorParameters<typeof OpenAPIValidator>[0]['definition'];

interface Operation {
  readonly operationId: string;
}

interface Document {
  readonly openapi: string;
  readonly info: unknown;
  readonly paths: Record<string, Record<string, unknown>>;
  readonly components: unknown;
}

/**
 * Where the document is narrower than Discord: every entry with its reason.
 */
const EXCEPTIONS: readonly {
  readonly operation: RegExp;
  readonly error: RegExp;
  readonly reason: string;
}[] = [
  {
    operation: /application_command/,
    error: /\/default_member_permissions must be integer/,
    reason:
      'The document says integer; the documentation and discord-api-types say string, because 53 bits are not enough.',
  },
];

/** Compiled once per process: reading the document and its schemas takes longer than a whole test. */
let validator: { readonly document: Document; readonly validator: OpenAPIValidator } | undefined;

function load(): NonNullable<typeof validator> {
  // References into the document resolve through one schema that every operation shares.
  const text = readFileSync(DOCUMENT, 'utf8').replaceAll('"#/components/', '"discord#/components/');
  const document = JSON.parse(text) as Document;
  type Ajv = ReturnType<OpenAPIValidator['getAjv']>;
  const shared = new Map<string, Ajv>();
  return {
    document,
    validator: new OpenAPIValidator({
      definition: document as unknown as Definition,
      lazyCompileValidators: true,
      ajvOpts: {
        strict: false,
        allErrors: true,
        validateFormats: false,
        validateSchema: false,
        logger: false,
      },
      coerceTypes: true,
      customizeAjv(ajv, _options, context) {
        let one = shared.get(context);
        if (one === undefined) {
          one = ajv.addSchema({ $id: 'discord', components: document.components });
          shared.set(context, one);
        }
        return one;
      },
    }),
  };
}

/** Discord's own OpenAPI document as a judge of every request. */
export class OpenApi {
  /** What was asked against the document, in words. */
  readonly violations: string[] = [];
  private readonly validator: OpenAPIValidator;
  private readonly document: Document;

  private constructor(loaded: NonNullable<typeof validator>) {
    this.validator = loaded.validator;
    this.document = loaded.document;
  }

  /** Undefined where the document is not at hand. */
  static open(): OpenApi | undefined {
    if (!existsSync(DOCUMENT)) return undefined;
    validator ??= load();
    return new OpenApi(validator);
  }

  /** A request that this server has no route for. */
  unknown(method: string, requestPath: string): void {
    const bare = requestPath.split('?')[0] ?? '';
    const operation = this.validator.router.matchOperation({ method, path: bare, headers: {} });
    this.violations.push(
      operation === undefined
        ? `${method} ${bare}: Discord has no such operation`
        : `${method} ${bare}: Discord has it, the server in test/support/discord does not`,
    );
  }

  /** Refuses a request that the document does not allow. */
  check(route: Route, requestPath: string, query: URLSearchParams, body: unknown): void {
    const method = route.method.toLowerCase();
    const operation = this.document.paths[route.path]?.[method] as Operation | undefined;
    if (operation === undefined)
      throw this.violation(route, [`${route.method} ${route.path} is not in Discord's document`]);
    const { errors } = this.validator.validateRequest(
      {
        method,
        path: (requestPath.split('?')[0] ?? '').replaceAll('%40', '@'),
        headers: { 'content-type': 'application/json' },
        query: Object.fromEntries(query),
        body,
      },
      operation.operationId,
    );
    const complaints = (errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`.trim());
    const wrong = complaints.filter(
      (complaint) =>
        !EXCEPTIONS.some((one) => one.operation.test(operation.operationId) && one.error.test(complaint)),
    );
    if (wrong.length > 0) throw this.violation(route, wrong);
  }

  /** Holds an answer of this server's own against the document, so that it stays as good as the questions. */
  checkAnswer(route: Route, status: number, body: unknown): void {
    const operation = this.document.paths[route.path]?.[route.method.toLowerCase()] as Operation | undefined;
    if (operation === undefined || body === undefined) return;
    const { errors } = this.validator.validateResponse(
      JSON.parse(JSON.stringify(body)),
      operation.operationId,
      status,
    );
    const complaints = (errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`.trim());
    if (complaints.length > 0)
      this.violations.push(
        `the test server's answer to ${route.method} ${route.path}: ${[...new Set(complaints)].join('; ')}`,
      );
  }

  private violation(route: Route, complaints: readonly string[]): RefusedRequest {
    this.violations.push(`${route.method} ${route.path}: ${complaints.join('; ')}`);
    return new RefusedRequest(50035, {
      _errors: complaints.map((message) => ({ code: 'OPENAPI_VIOLATION', message })),
    });
  }
}
