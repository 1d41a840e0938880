import { refuseMistake } from '../errors.ts';

/** The arguments of a call, read one by one. Forms carry everything as text, JSON carries types. */
export class Args {
  readonly raw: Readonly<Record<string, unknown>>;

  constructor(raw: Readonly<Record<string, unknown>>) {
    this.raw = raw;
  }

  text(name: string): string | undefined {
    const value = this.raw[name];
    return value === undefined || value === null ? undefined : String(value);
  }

  /** A text that has to be there. */
  need(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '')
      return refuseMistake('invalid_arguments', [`missing required field: ${name}`]);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : value === 'true' || value === '1';
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : Number(value);
  }

  /** Structured data: JSON in a form, as it is in JSON. */
  json(name: string, wrong: string): unknown {
    const value = this.raw[name];
    if (typeof value !== 'string') return value ?? undefined;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return refuseMistake(wrong);
    }
  }

  /** `a,b,c`, or an array. */
  list(name: string): string[] {
    const value = this.raw[name];
    if (Array.isArray(value)) return value.map(String);
    const text = this.text(name)?.trim() ?? '';
    if (text.startsWith('[')) return (JSON.parse(text) as unknown[]).map(String);
    return text === '' ? [] : text.split(',').map((one) => one.trim());
  }
}

/** Multipart forms carry files; of an upload only the bytes matter. */
export async function readBody(
  contentType: string,
  body: Buffer,
): Promise<Record<string, unknown> | 'invalid_form_data' | 'invalid_json' | 'invalid_post_type'> {
  if (body.length === 0) return {};
  if (contentType.startsWith('application/json')) {
    try {
      const parsed: unknown = JSON.parse(body.toString());
      return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
        ? (parsed as Record<string, unknown>)
        : 'invalid_json';
    } catch {
      return 'invalid_json';
    }
  }
  if (contentType.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(body.toString()));
  if (contentType.startsWith('multipart/form-data')) {
    try {
      const form = await new Response(new Uint8Array(body), {
        headers: { 'Content-Type': contentType },
      }).formData();
      const fields: Record<string, unknown> = {};
      for (const [name, value] of form)
        fields[name] = typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer());
      return fields;
    } catch {
      return 'invalid_form_data';
    }
  }
  return 'invalid_post_type';
}
