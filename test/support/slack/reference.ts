import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_ROOT } from '../../../src/paths.ts';

/** One argument as slack-api-ref describes it. */
export interface ArgumentReference {
  readonly required: boolean;
  readonly type?: string | readonly string[];
  readonly format?: string;
}

export interface MethodReference {
  readonly args: Readonly<Record<string, ArgumentReference>>;
  readonly errors: ReadonlySet<string>;
}

/**
 * Codes that the reference leaves out of some methods although Slack gives them everywhere: it lists `invalid_auth`
 * for a third of the methods, and `invalid_arguments` for one.
 */
const EVERYWHERE = [
  'invalid_auth',
  'invalid_arguments',
  'invalid_json',
  'internal_error',
  'ratelimited',
  'unknown_method',
];

/** Bolt adds `team_id` to each call; Slack ignores it where it has no meaning. */
const TOLERATED = ['token', 'team_id'];

const FOLDER = path.resolve(PACKAGE_ROOT, '../shared/specs/slack-api-ref');

/** slack-api-ref, what Slack's own documentation says about arguments, errors and the scopes of events. */
export class Reference {
  private readonly folder: string;
  private readonly files = new Map<string, string>();
  private readonly methods = new Map<string, MethodReference>();

  /** Undefined where the reference is not at hand. */
  static open(folder = FOLDER): Reference | undefined {
    return existsSync(path.join(folder, 'methods')) ? new Reference(folder) : undefined;
  }

  private constructor(folder: string) {
    this.folder = folder;
    const methods = path.join(folder, 'methods');
    for (const group of readdirSync(methods, { withFileTypes: true })) {
      if (!group.isDirectory() || group.name.startsWith('_')) continue;
      for (const file of readdirSync(path.join(methods, group.name), { recursive: true, encoding: 'utf8' })) {
        if (file.endsWith('.json'))
          this.files.set(path.basename(file, '.json'), path.join(methods, group.name, file));
      }
    }
  }

  method(name: string): MethodReference | undefined {
    const known = this.methods.get(name);
    if (known !== undefined) return known;
    const file = this.files.get(name);
    if (file === undefined) return undefined;
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly args?: Record<string, ArgumentReference>;
      readonly errors?: Record<string, string>;
    };
    const method = {
      args: parsed.args ?? {},
      errors: new Set([...Object.keys(parsed.errors ?? {}), ...EVERYWHERE]),
    };
    this.methods.set(name, method);
    return method;
  }

  /** Our own reading of an event against the reference: what it says other than we do. */
  doubtAbout(name: string, scopes: readonly string[]): string | undefined {
    const known = this.eventScopes(name);
    const wrong = known === undefined ? [] : scopes.filter((scope) => !known.includes(scope));
    return wrong.length === 0
      ? undefined
      : `${name} is sent for ${wrong.join(', ')}, but needs ${known?.join(', ')}`;
  }

  /** The scopes, any of which lets an app see an event. Undefined: not in the reference. */
  private eventScopes(name: string): readonly string[] | undefined {
    const file = path.join(this.folder, 'events', `${name}.json`);
    if (!existsSync(file)) return undefined;
    const { scopes = [] } = JSON.parse(readFileSync(file, 'utf8')) as { readonly scopes?: readonly string[] };
    // The reference writes `app_mentions.read`.
    return scopes.map((scope) => scope.replace('.', ':'));
  }
}

const NUMBER = /^-?\d+(\.\d+)?$/;

function fits(
  value: unknown,
  type: string | readonly string[] | undefined,
  format: string | undefined,
): boolean {
  if (typeof type === 'object') return type.some((one) => fits(value, one, format));
  if (format === 'json') {
    if (typeof value !== 'string') return typeof value === 'object' && value !== null;
    try {
      JSON.parse(value);
      return true;
    } catch {
      return false;
    }
  }
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' || (typeof value === 'string' && /^(true|false|1|0)$/.test(value));
    case 'integer':
      return Number.isInteger(typeof value === 'string' && NUMBER.test(value) ? Number(value) : value);
    case 'number':
      return typeof value === 'number' || (typeof value === 'string' && NUMBER.test(value));
    case 'timestamp':
      return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);
    case 'channel':
    case 'user':
    case 'string':
      return typeof value === 'string';
    case 'object':
    case 'array':
      return typeof value === 'string' || (typeof value === 'object' && value !== null);
    default:
      return true;
  }
}

/** What is wrong with the arguments: names nobody knows, required ones that are missing, wrong types. */
export function checkArguments(
  reference: MethodReference,
  args: Readonly<Record<string, unknown>>,
): { readonly unknown: string[]; readonly errors: string[] } {
  const unknown: string[] = [];
  const errors: string[] = [];
  for (const [name, value] of Object.entries(args)) {
    const known = reference.args[name];
    if (known === undefined) {
      if (!TOLERATED.includes(name)) unknown.push(name);
    } else if (!fits(value, known.type, known.format)) {
      errors.push(`must be a valid ${String(known.type ?? known.format)} [json-pointer:/${name}]`);
    }
  }
  for (const [name, known] of Object.entries(reference.args)) {
    if (known.required && (args[name] === undefined || args[name] === ''))
      errors.push(`missing required field: ${name}`);
  }
  return { unknown, errors };
}
