import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';

/** What a result depends on. Equal keys, equal result. */
export type ResultKey = Readonly<Record<string, string | number | boolean>>;

/** Measured results on disk, so that a study that was interrupted goes on where it stopped. */
export interface Results {
  /** The stored result of this key, or else `measure()`, which is stored. */
  get<T>(key: ResultKey, schema: z.ZodType<T>, measure: () => Promise<T>): Promise<T>;
  /** How many were found and how many were measured. */
  readonly counts: { found: number; measured: number };
}

function nameOf(key: ResultKey): string {
  const text = JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
  const words = ['part', 'protocol', 'features', 'method', 'seed']
    .flatMap((name) => (key[name] === undefined ? [] : [String(key[name])]))
    .join('-')
    .replace(/[^A-Za-z0-9+-]+/g, '_');
  return `${words.slice(0, 80)}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`;
}

/**
 * Results in a folder, one file each. A file that is damaged, of another form or of another key is measured again.
 * @param fresh stored results are not looked at, only replaced
 */
export function openResults(folder: string, { fresh = false } = {}): Results {
  const counts = { found: 0, measured: 0 };

  async function stored<T>(file: string, key: ResultKey, schema: z.ZodType<T>): Promise<T | undefined> {
    if (fresh) return undefined;
    try {
      const content = JSON.parse(await readFile(file, 'utf8')) as { key?: unknown; result?: unknown };
      const same = JSON.stringify(content.key) === JSON.stringify(key);
      const parsed = schema.safeParse(content.result);
      return same && parsed.success ? parsed.data : undefined;
    } catch {
      // Missing or damaged alike: measuring again is always right.
      return undefined;
    }
  }

  return {
    counts,
    async get(key, schema, measure) {
      const file = path.join(folder, nameOf(key));
      const known = await stored(file, key, schema);
      if (known !== undefined) {
        counts.found++;
        return known;
      }
      const result = await measure();
      counts.measured++;
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(file, `${JSON.stringify({ key, result })}\n`);
      return result;
    },
  };
}
