import type { Payload } from '../world.ts';

/** Where blocks are shown: each place allows others. */
export type Surface = 'message' | 'modal' | 'home';

/** What is wrong, with the place of it, in Slack's words. */
export class Findings {
  readonly messages: string[] = [];

  add(at: string, text: string): void {
    this.messages.push(`${text} [json-pointer:${at}]`);
  }
}

export type Check = (value: unknown, at: string, findings: Findings) => void;

export function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of so many characters. Slack says `must be less than 3001 characters`. */
export function text(max: number, min = 1): Check {
  return (value, at, findings) => {
    if (typeof value !== 'string') findings.add(at, 'must be a string');
    else if (value.length < min) findings.add(at, `must be more than ${min - 1} characters`);
    else if (value.length > max) findings.add(at, `must be less than ${max + 1} characters`);
  };
}

export const boolean: Check = (value, at, findings) => {
  if (typeof value !== 'boolean') findings.add(at, 'must be a boolean');
};

export const anything: Check = () => {};

export function number(min?: number, max?: number): Check {
  return (value, at, findings) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) findings.add(at, 'must be an integer');
    else if (min !== undefined && value < min) findings.add(at, `must be at least ${min}`);
    else if (max !== undefined && value > max) findings.add(at, `must be at most ${max}`);
  };
}

export function oneOf(...allowed: readonly string[]): Check {
  return (value, at, findings) => {
    if (typeof value !== 'string' || !allowed.includes(value))
      findings.add(at, `must be one of: ${allowed.join(', ')}`);
  };
}

/** A date, a time: whatever the expression says. */
export function pattern(expression: RegExp, name: string): Check {
  return (value, at, findings) => {
    if (typeof value !== 'string' || !expression.test(value)) findings.add(at, `must be a valid ${name}`);
  };
}

export function url(max = 3000): Check {
  return (value, at, findings) => {
    if (typeof value !== 'string' || !/^https?:\/\/[^\s/]+/.test(value))
      findings.add(at, 'must be a valid URL');
    else if (value.length > max) findings.add(at, `must be less than ${max + 1} characters`);
  };
}

export function list(item: Check, max: number, min = 1): Check {
  return (value, at, findings) => {
    if (!Array.isArray(value)) {
      findings.add(at, 'must be an array');
      return;
    }
    if (value.length < min) findings.add(at, `no fewer than ${min} items allowed`);
    if (value.length > max) findings.add(at, `no more than ${max} items allowed`);
    for (const [i, one] of value.entries()) item(one, `${at}/${i}`, findings);
  };
}

/** An object with these fields and no others; `!` after a name: it has to be there. */
export function object(fields: Readonly<Record<string, Check>>): Check {
  const required = Object.keys(fields).filter((name) => name.endsWith('!'));
  const checks = new Map(Object.entries(fields).map(([name, check]) => [name.replace('!', ''), check]));
  return (value, at, findings) => {
    if (!isObject(value)) {
      findings.add(at, 'must be an object');
      return;
    }
    for (const name of required) {
      if (value[name.slice(0, -1)] === undefined)
        findings.add(at, `missing required field: ${name.slice(0, -1)}`);
    }
    for (const [name, field] of Object.entries(value)) {
      const check = checks.get(name);
      if (check === undefined) findings.add(at, `invalid additional property: ${name}`);
      else if (field !== undefined) check(field, `${at}/${name}`, findings);
    }
  };
}

/** A text object: plain, or plain or marked up. */
export function textObject(max: number, kinds: 'plain' | 'any' = 'plain'): Check {
  const plain = object({ 'type!': oneOf('plain_text'), 'text!': text(max), emoji: boolean });
  const marked = object({ 'type!': oneOf('mrkdwn'), 'text!': text(max), verbatim: boolean });
  return (value, at, findings) => {
    if (isObject(value) && value.type === 'mrkdwn' && kinds === 'any') marked(value, at, findings);
    else plain(value, at, findings);
  };
}

/** All of these. */
export function both(...checks: readonly Check[]): Check {
  return (value, at, findings) => {
    for (const check of checks) check(value, at, findings);
  };
}
