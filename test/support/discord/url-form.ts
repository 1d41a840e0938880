import { z } from 'zod';
import { complain } from './form.ts';

/** A well formed address of one of these schemes. */
export function url(...schemes: readonly string[]) {
  return z
    .string()
    .max(2048)
    .superRefine((value, context) => {
      const scheme = /^([a-z][a-z0-9+.-]*):\/\/./i.exec(value)?.[1];
      if (scheme === undefined || (scheme !== 'attachment' && !URL.canParse(value)))
        complain(context, [], 'URL_TYPE_INVALID_URL', 'Not a well formed URL.');
      else if (!schemes.includes(scheme))
        complain(
          context,
          [],
          'URL_TYPE_INVALID_SCHEME',
          `Scheme "${scheme}" must be one of (${schemes.map((one) => `'${one}'`).join(', ')}).`,
        );
    });
}

export const pageUrl = url('http', 'https');
export const pictureUrl = url('http', 'https', 'attachment');
