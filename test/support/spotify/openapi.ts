import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OpenAPIValidator } from 'openapi-backend';
import { parse } from 'yaml';
import { PACKAGE_ROOT } from '../../../src/paths.ts';
import type { Route } from './api/route.ts';
import { RefusedRequest } from './errors.ts';

export const DOCUMENT = path.resolve(PACKAGE_ROOT, '../shared/specs/spotify-fixed.yml');

type Definition = ConstructorParameters<typeof OpenAPIValidator>[0]['definition'];

interface Operation {
  readonly operationId: string;
  readonly deprecated?: boolean;
}

export interface Document {
  readonly openapi: string;
  readonly info: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: unknown;
}

/** Where the document is narrower than Spotify, each with its reason. */
const CORRECTIONS: readonly {
  readonly reason: string;
  readonly correct: (key: string, value: unknown) => unknown;
}[] = [
  {
    reason: 'The document still demands of every album what February 2026 took away from development mode.',
    correct: (key, value) =>
      key === 'required' && Array.isArray(value)
        ? value.filter((name) => name !== 'available_markets')
        : value,
  },
  {
    reason: 'A track that was taken down is null in a playlist: spotify/web-api#214.',
    correct: (key, value) =>
      key === 'item' && isRecord(value) && Array.isArray(value.oneOf)
        ? { ...value, oneOf: [...value.oneOf, { type: 'null' }] }
        : value,
  },
];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Compiled once per process: reading the document and its schemas takes longer than a whole test. */
let loaded: { readonly document: Document; readonly validator: OpenAPIValidator } | undefined;

/** Spotify's own OpenAPI document; undefined where it is not at hand. */
export function readDocument(): Document | undefined {
  if (!existsSync(DOCUMENT)) return undefined;
  return parse(readFileSync(DOCUMENT, 'utf8')) as Document;
}

function load(): NonNullable<typeof loaded> | undefined {
  const read = readDocument();
  if (read === undefined) return undefined;
  // References into the document resolve through one schema that every operation shares.
  const text = JSON.stringify(read).replaceAll('"#/components/', '"spotify#/components/');
  const document = JSON.parse(text, (key, value: unknown) =>
    CORRECTIONS.reduce((corrected, { correct }) => correct(key, corrected), value),
  ) as Document;
  // Parameters and answers are looked up by openapi-backend itself, before Ajv sees them.
  const dereferenced = JSON.parse(JSON.stringify(document), (_key, value: unknown) =>
    dereference(document, value),
  ) as Document;
  type Ajv = ReturnType<OpenAPIValidator['getAjv']>;
  const shared = new Map<string, Ajv>();
  return {
    document: dereferenced,
    validator: new OpenAPIValidator({
      definition: dereferenced as unknown as Definition,
      lazyCompileValidators: true,
      ajvOpts: {
        strict: false,
        allErrors: true,
        validateFormats: false,
        validateSchema: false,
        discriminator: false,
        logger: false,
      },
      coerceTypes: true,
      customizeAjv(ajv, _options, context) {
        let one = shared.get(context);
        if (one === undefined) {
          one = ajv.addSchema({ $id: 'spotify', components: document.components });
          shared.set(context, one);
        }
        return one;
      },
    }),
  };
}

const LOOKED_UP = /^spotify#\/components\/(parameters|responses)\/(.+)$/;

function dereference(document: Document, value: unknown): unknown {
  if (!isRecord(value) || !('$ref' in value)) return value;
  const [, kind, name] = LOOKED_UP.exec(String(value.$ref)) ?? [];
  if (kind === undefined || name === undefined) return value;
  return (document.components as Record<string, Record<string, unknown>>)[kind]?.[name];
}

/** Spotify's own OpenAPI document as a judge of every request. */
export class OpenApi {
  /** What was asked against the document, in words. */
  readonly violations: string[] = [];
  private readonly validator: OpenAPIValidator;
  private readonly document: Document;

  private constructor(from: NonNullable<typeof loaded>) {
    this.validator = from.validator;
    this.document = from.document;
  }

  static open(): OpenApi | undefined {
    loaded ??= load();
    return loaded === undefined ? undefined : new OpenApi(loaded);
  }

  /** A request that this server has no route for. */
  unknown(method: string, requestPath: string): void {
    const bare = requestPath.split('?')[0] ?? '';
    const found = this.validator.router.matchOperation({ method, path: bare, headers: {} });
    const operation = found as (Operation & { path: string }) | undefined;
    this.violations.push(
      operation === undefined
        ? `${method} ${bare}: Spotify has no such operation`
        : operation.deprecated === true
          ? `${method} ${operation.path}: Spotify's document calls it deprecated`
          : `${method} ${operation.path}: Spotify has it, the server in test/support/spotify does not`,
    );
  }

  /** Refuses a request that the document does not allow. */
  check(route: Route, requestPath: string, query: URLSearchParams, body: unknown): void {
    const method = route.method.toLowerCase();
    const operation = this.document.paths[route.path]?.[method] as Operation | undefined;
    if (operation === undefined) throw this.violation(route, ["it is not in Spotify's document"]);
    const doubled = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1);
    const { errors } = this.validator.validateRequest(
      {
        method,
        path: requestPath.split('?')[0] ?? '',
        headers: { 'content-type': 'application/json' },
        query: Object.fromEntries(query),
        // Pictures are no JSON; the route looks at them itself.
        body: Buffer.isBuffer(body) ? undefined : body,
      },
      operation.operationId,
    );
    const wrong = complaints(errors).filter(
      (complaint) => !(Buffer.isBuffer(body) && complaint.startsWith('/requestBody')),
    );
    wrong.push(...doubled.map((name) => `/query/${name} is given twice`));
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
    const wrong = complaints(errors);
    if (wrong.length > 0)
      this.violations.push(
        `the test server's answer to ${route.method} ${route.path}: ${[...new Set(wrong)].join('; ')}`,
      );
  }

  /** What the server itself holds against a request, though the document lets it pass. */
  violation(route: Route, wrong: readonly string[]): RefusedRequest {
    this.violations.push(`${route.method} ${route.path}: ${wrong.join('; ')}`);
    return new RefusedRequest(400, wrong.join('; '));
  }
}

function complaints(
  errors: readonly { instancePath?: string; message?: string; params?: unknown }[] | null | undefined,
): string[] {
  return (errors ?? []).map(({ instancePath, message, params }) => {
    const extra = (params as { additionalProperty?: string } | undefined)?.additionalProperty;
    return `${instancePath} ${message ?? ''}${extra === undefined ? '' : ` (${extra})`}`.trim();
  });
}
