import { MAX_NAME } from './wire.ts';

/** Letters of other scripts, and digits, that pass for a Latin letter. Enough to protect one name. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ј: 'j', ѕ: 's', т: 't', п: 'n', г: 'r',
  к: 'k', м: 'm', н: 'h', в: 'b', ц: 'u', α: 'a', ε: 'e', ο: 'o', ρ: 'p', τ: 't', υ: 'u', ν: 'v', η: 'n',
  ι: 'i', κ: 'k', χ: 'x', ϲ: 'c', ո: 'n', ս: 'u', '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's',
  '7': 't', l: 'i', ł: 'i', ı: 'i', '|': 'i', '!': 'i', $: 's', '@': 'a',
}; // biome-ignore format: a table

/** What a name looks like at a glance: equal skeletons are easily taken for each other. */
export function skeleton(name: string): string {
  const folded = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  // Without letters, the pictures are what tells two names apart.
  const plain = folded.replace(/\p{L}/u.test(folded) ? /[^\p{L}\p{N}|!$@]/gu : /[\s\u200d]/gu, '');
  return [...plain].map((letter) => LOOK_ALIKES[letter] ?? letter).join('');
}

export type NameCheck =
  | { readonly name: string }
  | {
      readonly refusal: 'name-not-allowed' | 'name-taken';
      readonly text: string;
      readonly suggestion?: string;
    };

/**
 * Checks a name that somebody wants.
 * @param reserved names nobody may look like (the bot's)
 * @param taken skeletons of the others' names
 */
export function checkName(wish: string, reserved: readonly string[], taken: ReadonlySet<string>): NameCheck {
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(wish.replace(/\u200d/g, ''))) {
    return {
      refusal: 'name-not-allowed',
      text: 'There are invisible characters in that name. Please type it anew.',
    };
  }
  const name = wish.normalize('NFC').replace(/\s+/gu, ' ').trim();
  // A joiner alone, and letters that are drawn as nothing (Hangul fillers, the empty Braille cell).
  if (/[\u115f\u1160\u3164\uffa0\u2800]/u.test(name) || /^[\u200d\s]+$/u.test(name)) {
    return { refusal: 'name-not-allowed', text: 'That name cannot be seen. Please type it anew.' };
  }
  const length = [...name].length;
  if (length < 1) return { refusal: 'name-not-allowed', text: 'Please type a name first.' };
  if (length > MAX_NAME) {
    return {
      refusal: 'name-not-allowed',
      text: `That name is a little long: ${MAX_NAME} characters at most.`,
    };
  }
  const seen = skeleton(name);
  if (reserved.some((other) => seen === skeleton(other))) {
    return { refusal: 'name-not-allowed', text: 'That looks like my own name. Please pick another.' };
  }
  if (taken.has(seen)) {
    const suggestion = freeName(name, reserved, taken);
    return {
      refusal: 'name-taken',
      text: `Somebody here is called that already. How about “${suggestion}”?`,
      suggestion,
    };
  }
  return { name };
}

function freeName(name: string, reserved: readonly string[], taken: ReadonlySet<string>): string {
  const stem = [...name]
    .slice(0, MAX_NAME - 4)
    .join('')
    .trim();
  for (let number = 2; ; number++) {
    const candidate = `${stem} ${number}`;
    const seen = skeleton(candidate);
    if (!taken.has(seen) && !reserved.some((other) => skeleton(other) === seen)) return candidate;
  }
}
