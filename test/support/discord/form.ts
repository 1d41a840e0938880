import { z } from 'zod';
import { FormErrors } from './errors.ts';
import { isSnowflake } from './snowflake.ts';

export const snowflake = z.string().refine(isSnowflake, {
  error: 'Value is not snowflake.',
  params: { code: 'NUMBER_TYPE_COERCE' },
});

/** A custom check's refusal, with Discord's own code. */
export function complain(
  context: z.RefinementCtx,
  path: readonly (string | number)[],
  code: string,
  message: string,
): void {
  context.addIssue({ code: 'custom', path: [...path], message, params: { code } });
}

function lengthComplaint(issue: { minimum?: number | bigint; maximum?: number | bigint; origin: string }) {
  const bound = issue.maximum ?? issue.minimum;
  if (issue.origin === 'number' || issue.origin === 'int')
    return issue.maximum === undefined
      ? { code: 'NUMBER_TYPE_MIN', message: `int value should be greater than or equal to ${bound}.` }
      : { code: 'NUMBER_TYPE_MAX', message: `int value should be less than or equal to ${bound}.` };
  return issue.maximum === undefined
    ? { code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${bound} or more in length.` }
    : { code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${bound} or fewer in length.` };
}

function put(errors: FormErrors, issue: z.core.$ZodIssue, parent: readonly PropertyKey[]): void {
  const path = [...parent, ...issue.path].map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    // Discord ignores what it does not know, and so a misspelt field goes unnoticed there. Not here.
    for (const key of issue.keys) errors.add([...path, key], 'UNKNOWN_FIELD', 'Discord knows no such field.');
  } else if (issue.code === 'too_big' || issue.code === 'too_small') {
    const { code, message } = lengthComplaint(issue);
    errors.add(path, code, message);
  } else if (issue.code === 'invalid_type') {
    const missing = issue.message.includes('received undefined');
    if (missing) errors.add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
    else errors.add(path, `${issue.expected.toUpperCase()}_TYPE_CONVERT`, issue.message);
  } else if (issue.code === 'invalid_union') {
    // The variant that came closest speaks for all: of those of the right type, the one with the fewest complaints.
    const ofItsType = issue.errors.filter(
      (variant) => !variant.some(({ path: [first] }) => first === 'type'),
    );
    const [closest] = [...ofItsType].sort((one, other) => one.length - other.length);
    if (issue.errors.length > 0 && ofItsType.length === 0)
      errors.add([...path, 'type'], 'UNION_TYPE_CHOICES', 'Value of field "type" does not fit here.');
    else if (closest === undefined || closest.length === 0)
      errors.add(path, 'UNION_TYPE_CHOICES', issue.message);
    else for (const inner of closest) put(errors, inner, path);
  } else if (issue.code === 'custom') {
    errors.add(path, String(issue.params?.code ?? 'BASE_TYPE_CHOICES'), issue.message);
  } else {
    errors.add(path, 'BASE_TYPE_CHOICES', issue.message);
  }
}

/** Parses a body; everything that is wrong with it is refused in one answer of Discord's shape. */
export function parseForm<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = new FormErrors();
  for (const issue of parsed.error.issues) put(errors, issue, []);
  errors.throwIfAny();
  throw new Error('a refused body without an issue');
}
