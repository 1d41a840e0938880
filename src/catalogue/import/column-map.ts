import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ColumnMap } from './columns.ts';
import { ImportError } from './report.ts';

/**
 * Reads what an operator gives as `--map`: `title=Song,artist=Singer`, or the path of a JSON file that holds an
 * object such as `{"title": "Song"}`, for names with commas or equals signs in them.
 * @throws ImportError `bad-map`
 */
export async function readColumnMap(given: string): Promise<ColumnMap> {
  if (!given.includes('=') || given.trim().endsWith('.json')) return readMapFile(given.trim());
  const map: Record<string, string> = {};
  for (const pair of given.split(',')) {
    const [field, ...column] = pair.split('=');
    if (field!.trim() === '' || column.join('=').trim() === '')
      throw new ImportError(
        'bad-map',
        `"${pair.trim()}" in the column map is not of the form field=column. For names with commas in them, give a JSON file.`,
      );
    map[field!.trim()] = column.join('=').trim();
  }
  return map;
}

async function readMapFile(file: string): Promise<ColumnMap> {
  try {
    const text = await readFile(file, 'utf8');
    return z.record(z.string(), z.string()).parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ImportError(
      'bad-map',
      code === undefined
        ? `${file} is no column map: it must hold a JSON object such as {"title": "Song", "artist": "Singer"}.`
        : `The column map ${file} cannot be read (${code}). Give title=Song,artist=Singer, or the path of a JSON file.`,
      { cause },
    );
  }
}
