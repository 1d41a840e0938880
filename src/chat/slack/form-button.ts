import { z } from 'zod';
import type { ActionButton, Form } from '../message.ts';

const MAX_VALUE = 2000;

const carried = z.tuple([z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))]);

/** The button that opens a form carries what the form begins with, so that it works after a restart. */
export function formButton({ command, label, values }: Form): ActionButton {
  const whole = `form:${JSON.stringify([command, values])}`;
  const action = whole.length <= MAX_VALUE ? whole : `form:${JSON.stringify([command, {}])}`;
  return { action, label };
}

/** What was pressed, if it was the button of a form. */
export function readFormButton(value: string): Pick<Form, 'command' | 'values'> | undefined {
  if (!value.startsWith('form:')) return undefined;
  try {
    const [command, values] = carried.parse(JSON.parse(value.slice('form:'.length)));
    return { command, values };
  } catch {
    return undefined;
  }
}
