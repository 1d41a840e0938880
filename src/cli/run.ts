import { InvalidArgumentError } from 'commander';
import { CatalogueError } from '../catalogue/catalogue-error.ts';
import { ConfigError } from '../config.ts';
import { SecretsError } from '../secrets/secrets-error.ts';
import { StoreError } from '../store/store.ts';
import { ModelError } from '../training/model-format.ts';
import { TableError } from '../training/tables.ts';

/** Something that was asked for cannot be done; `message` says what to do instead. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const FOR_PEOPLE = new Set([
  ...[TableError, ModelError, CatalogueError, StoreError, SecretsError, ConfigError, UsageError].map(
    (kind) => kind.name,
  ),
  'ImportError',
]);

/**
 * Wraps what a command does: an error ends it with exit code 1 and, for errors whose message is meant for people,
 * nothing but that message.
 */
export function action<A extends unknown[]>(
  work: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await work(...args);
    } catch (error) {
      const { name, message, stack } = error as Error;
      process.stderr.write(`${FOR_PEOPLE.has(name) ? message : (stack ?? message)}\n`);
      process.exitCode = 1;
    }
  };
}

/** A commander parser for whole numbers in a range. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < low || value > high) {
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** Seeds: any 32-bit whole number. */
export const seedNumber = wholeNumber(-2147483648, 2147483647);
